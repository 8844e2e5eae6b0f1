#pragma once

#include <span>
#include <string_view>

namespace clv {

/// Models of contract renewal: shifted beta geometric (Fader, Hardie 2007), beta-discrete-Weibull (Fader et al. 2018).
enum class ContractLaw { sbg, bdw };

/// "sbg", as in configurations, and the names of its parameters in their order.
[[nodiscard]] std::string_view law_name(ContractLaw law);
[[nodiscard]] std::span<const std::string_view> law_parameters(ContractLaw law);

}  // namespace clv
