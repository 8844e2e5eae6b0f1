#pragma once

namespace clv {

/// Models of contract renewal: shifted beta geometric (Fader, Hardie 2007), beta-discrete-Weibull (Fader et al. 2018).
enum class ContractLaw { sbg, bdw };

}  // namespace clv
