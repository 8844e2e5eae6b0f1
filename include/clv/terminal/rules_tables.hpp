#pragma once
// What rules say, for the terminal.

#include "clv/decisions/rules/rule_set.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// How many customers are in each stage, what risk they have and which action they get.
void show_rules(const RuleSet& rules, const RuledCustomers& ruled, Terminal& terminal);

}  // namespace clv
