#pragma once
// Rules that people can read, and what they make of customers: a lifecycle stage, a tier of value, a risk score with
// the signals behind it, and an action with its reason.
//
//   Stage    the one whose condition holds. Conditions must not overlap, so that their order says nothing
//            (rule_check.hpp finds where they do, and where none holds).
//   Tier     by the customer's percentile of one column: the share of customers with no more of it.
//   Signal   a column, 0 at one number and 1 at another, straight between and level beyond; 0 where it is missing, and
//            the customer's other signals then weigh as if it were not there.
//   Score    100 x weighted mean of the signals; the level is the highest whose threshold it reaches.
//   Action   of those whose condition holds, the one whose benefit less cost is the largest, by name among equals; none
//            where that is not above 0. Conditions may ask for stage, tier, level and score beside the columns.
//
// Words: a sentence has the customer's numbers in the place of {column}, or {column:0} with so many decimals.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

struct StageRule {
    std::string name;
    std::string when;  ///< a filter (data/filters)
};

struct ValueTier {
    std::string name;
    double from_percentile = 0.0;  ///< in [0, 1]: of the customers, this share has less
};

struct RiskSignal {
    std::string name;
    std::string column;
    double zero_at = 0.0;
    double one_at = 1.0;  ///< another number than zero_at, on either side
    double weight = 1.0;  ///< above 0
    std::string sentence;
};

struct RiskLevel {
    std::string name;
    double from_score = 0.0;  ///< in [0, 100]
};

struct RuledAction {
    std::string name;
    std::string when;                         ///< a filter
    double cost = 0.0;                        ///< currency
    double benefit = 0.0;                     ///< currency, or ..
    std::optional<std::string> benefit_of{};  ///< .. so many times this column
    std::string sentence;
};

struct RuleSet {
    std::vector<StageRule> stages;
    std::string tier_column;  ///< empty: no tiers
    std::vector<ValueTier> tiers;
    std::vector<RiskSignal> signals;
    std::vector<RiskLevel> levels;
    std::vector<RuledAction> actions;
};

/// What the rules say, all in the order of the customers.
struct RuledCustomers {
    std::vector<std::uint32_t> stage;  ///< index into RuleSet::stages
    std::vector<std::uint32_t> tier;   ///< index into the tiers in ascending order of percentile; empty: no tiers
    std::vector<double> signal;        ///< [customer][signal] in [0, 1]; NaN: missing
    std::vector<double> score;         ///< 0 to 100; NaN: every signal is missing
    std::vector<std::uint32_t>
        level;  ///< index into the levels in ascending order, or their number: no score; empty: no levels
    std::vector<std::uint32_t> action;  ///< index into RuleSet::actions, or their number: none
    std::vector<double> cost;           ///< currency; 0 without an action
    std::vector<double> benefit;        ///< currency; 0 without an action
    std::vector<std::string> reason;    ///< why that risk and that action, with the numbers
};

/// Applies the rules. Throws ConfigError, which names the rule, for a filter that is none, a column that is missing or
/// has texts where numbers are needed, a customer for whom no stage or more than one holds, and what check_rule_set()
/// throws.
[[nodiscard]] RuledCustomers apply_rules(const RuleSet& rules, const CustomerTable& customers);

/// Throws ConfigError for what no customers could mend: names twice, percentiles, weights or thresholds out of range,
/// no tier or level from 0 on, a signal that ends where it begins, a sentence with an open brace.
void check_rule_set(const RuleSet& rules);

/// Names in ascending order of their thresholds, as tier and level index them.
[[nodiscard]] std::vector<std::string> tier_names(const RuleSet& rules);
[[nodiscard]] std::vector<std::string> level_names(const RuleSet& rules);

/// customers[from][to]: how many went from one stage to another between two snapshots; who is in one of them alone is
/// not counted. Both are matched by id hash.
[[nodiscard]] std::vector<std::vector<std::uint64_t>> stage_migration(std::size_t stages, const CustomerTable& before,
                                                                      const std::vector<std::uint32_t>& stage_before,
                                                                      const CustomerTable& now,
                                                                      const std::vector<std::uint32_t>& stage_now);

}  // namespace clv
