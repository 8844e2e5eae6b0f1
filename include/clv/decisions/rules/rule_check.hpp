#pragma once
// Whether conditions leave customers out, or claim them twice, whatever customers there are.
//
// A condition is made of comparisons of columns with constants, so it can only change where a column passes one of
// them. Between these thresholds one point stands for all, and with one point for every stretch and threshold of every
// column, and one for a missing number, all that can happen is tried: what is found is all there is.

#include <string>
#include <vector>

#include "clv/decisions/rules/rule_set.hpp"

namespace clv {

enum class RuleFaultKind { overlap, gap, unreachable };

struct RuleFault {
    RuleFaultKind kind;
    std::vector<std::string> rules;  ///< two that overlap; none of a gap; one that can never hold
    std::string example;             ///< a customer for whom it is so: "since_last_days 31, purchases 1"
};

/// Faults of the stages, and actions that can never hold beside stages, tiers and levels. Throws ConfigError for
/// filters that are none, for columns compared with both numbers and texts, and where more than a million points would
/// have to be tried (fewer columns or thresholds in one condition). `may_be_missing`: columns in which some customers
/// have no number.
[[nodiscard]] std::vector<RuleFault> check_stages(const RuleSet& rules,
                                                  const std::vector<std::string>& may_be_missing = {});

}  // namespace clv
