#pragma once
// Rules as people write them, a TOML file:
//
//     tier_column = "revenue"
//
//     [[stages]]
//     name = "new"
//     when = "tenure_months < 1"
//
//     [[tiers]]     name, from_percentile
//     [[signals]]   name, column, zero_at, one_at, weight, sentence
//     [[levels]]    name, from_score
//     [[actions]]   name, when, cost, benefit, benefit_of, sentence
//
// decisions/rules/rule_set.hpp says what they mean. The order of tables says nothing.

#include <string>

#include "clv/decisions/rules/rule_set.hpp"

namespace clv {

/// Throws ConfigError with every fault and its place; what check_rule_set() refuses is refused here.
[[nodiscard]] RuleSet read_rules(const std::string& file);

}  // namespace clv
