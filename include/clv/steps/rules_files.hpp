#pragma once
// Customers judged by rules.

#include "clv/decisions/rules/rule_set.hpp"
#include "clv/decisions/rules/rules_settings.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/population/purchases_read.hpp"
#include "clv/steps/population_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

struct RuledInput {
    RuleSet rules;
    CustomerTable customers;  ///< with the columns that rules know
    RuledCustomers ruled;
    ValidationReport report;
};

/// Reads the input and the rules, judges, and writes lifecycle.csv and with rules.before migration.csv. Throws what
/// readers and apply_rules() throw.
[[nodiscard]] RuledInput judge_by_rules(const PopulationSettings& settings, const RulesSettings& rules,
                                        const RejectSink& reject, OutputSet& outputs, Terminal& terminal);

}  // namespace clv
