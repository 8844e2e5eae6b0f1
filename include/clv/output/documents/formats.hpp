#pragma once
// What files say of their own layout. A reader refuses what it does not know; a layout that older readers would
// misunderstand has another name or number.

#include <cstdint>
#include <string_view>

namespace clv {

/// run.json. Members may join without another number: readers keep what they do not know.
inline constexpr int run_format = 1;

/// model.json.
inline constexpr std::string_view model_format = "clvsim model 1";
/// The same with covariates of a model of contracts: who did not know of them would take everybody to be at 0.
inline constexpr std::string_view covariate_contract_format = "clvsim model 2";

/// learner.json, and the one before it, whose trees were not packed.
inline constexpr std::string_view learner_format = "clvsim learner 2";
inline constexpr std::string_view unpacked_learner_format = "clvsim learner 1";

/// certificate.json.
inline constexpr std::string_view certificate_format = "clvsim certificate 2";

/// results.h5, as root attributes.
inline constexpr std::string_view results_format = "clvsim results";
inline constexpr std::uint64_t results_format_version = 1;

/// totals.h5, likewise.
inline constexpr std::string_view totals_format = "clvsim totals";

}  // namespace clv
