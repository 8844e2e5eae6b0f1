#include "clv/terminal/rules_tables.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

namespace clv {

namespace {

/// Customers by what they have, with a sum over them.
void print_counts(const std::vector<std::string>& names, const std::vector<std::uint32_t>& of_customer,
                  const std::string& what, Terminal& terminal) {
    std::vector<std::int64_t> count(names.size());
    for (const std::uint32_t one : of_customer) {
        ++count[one];
    }
    Table table({{what, Table::Align::left}, {"customers"}, {"share"}});
    for (std::size_t k = 0; k < names.size(); ++k) {
        const double share = 100.0 * static_cast<double>(count[k]) / static_cast<double>(of_customer.size());
        table.add_row({names[k], with_thousands(count[k]), fmt::format("{:.1f}%", share)});
    }
    terminal.data(table);
    terminal.data("\n");
}

}  // namespace

void show_rules(const RuleSet& rules, const RuledCustomers& ruled, Terminal& terminal) {
    terminal.data("Customers by rules (lifecycle.csv has all of them)\n\n");
    if (!rules.stages.empty()) {
        std::vector<std::string> names;
        for (const StageRule& stage : rules.stages) {
            names.push_back(stage.name);
        }
        print_counts(names, ruled.stage, "stage", terminal);
    }
    if (!ruled.tier.empty()) {
        print_counts(tier_names(rules), ruled.tier, "tier", terminal);
    }
    if (!ruled.level.empty()) {
        std::vector<std::string> names = level_names(rules);
        names.emplace_back("not known");
        print_counts(names, ruled.level, "risk", terminal);
    }
    std::vector<std::string> names;
    for (const RuledAction& action : rules.actions) {
        names.push_back(action.name);
    }
    names.emplace_back("none");
    print_counts(names, ruled.action, "action", terminal);
}

}  // namespace clv
