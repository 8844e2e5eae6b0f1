// What a plan comes to, for the terminal and run.json.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "clv/output/documents/certificate_file.hpp"
#include "clv/terminal/run_tables.hpp"
#include "table_cells.hpp"

namespace clv {

namespace {

void print_actions(const UpliftTable& uplift, const PlannedActions& decision, Terminal& terminal) {
    const ActionPlan& plan = decision.plan;
    struct Sum {
        std::int64_t customers = 0;
        double cost = 0.0;
        double profit = 0.0;
    };
    std::vector<Sum> sums(uplift.actions.size());
    for (std::size_t i = 0; i < uplift.size(); ++i) {
        if (uplift.has_left(i)) {
            continue;
        }
        Sum& sum = sums[plan.action[i]];
        const std::size_t cell = uplift.cell(i, plan.action[i]);
        sum.customers += 1;
        sum.cost += uplift.cost[cell];
        sum.profit += uplift.expected_profit[cell];
    }
    Table table({{"action", Table::Align::left},
                 {"recommended", Table::Align::left},
                 {"customers"},
                 {"cost"},
                 {"expected profit"}});
    for (std::size_t a = 0; a < sums.size(); ++a) {
        const char* recommended = sums[a].customers == 0 ? "" : a == 0 ? "Ignore" : "Invest";
        table.add_row({name_cell(uplift.actions[a]), recommended, with_thousands(sums[a].customers),
                       money(sums[a].cost), money(sums[a].profit)});
    }
    terminal.data("\nSpend plan (plan.csv has the action and the reason for every customer)\n\n");
    terminal.data(table);
    terminal.data(fmt::format("\nspend {}{}, expected profit {}; ", money(plan.cost),
                              plan.budget ? fmt::format(" of {}", money(*plan.budget)) : " (no budget set)",
                              money(plan.expected_profit)));
    const std::string_view proven = plan.status == PlanStatus::optimal ? "proven the best: " : "";
    const std::string gap = fmt::format("gap {:.2g}% of the gain", 100.0 * plan.relative_gap);
    if (decision.risk) {
        terminal.data(fmt::format(
            "mean and CVaR of the\ntotal value weigh {}, {} without any action; {}no plan can have more than "
            "{} ({})\n",
            money(plan.objective), money(plan.objective_without), proven, money(plan.upper_bound), gap));
    } else if (!decision.adjusted) {
        terminal.data(fmt::format("{}no plan can earn more than {} ({})\n", proven, money(plan.upper_bound), gap));
    } else {
        terminal.data(fmt::format("counting {},\nthat is {}; {}no plan can have more than {} ({})\n",
                                  fmt::join(decision.adjusted->objective_terms, " and "), money(plan.objective), proven,
                                  money(plan.upper_bound), gap));
    }
}

void print_limits(const ActionPlan& plan, Terminal& terminal) {
    const std::size_t first = plan.budget ? 1 : 0;
    if (plan.limits.size() <= first) {
        return;
    }
    Table table({{"limit", Table::Align::left}, {"used"}, {"min"}, {"max"}, {"multiplier"}});
    const auto side = [](const std::optional<double>& bound) { return bound ? money(*bound) : std::string(); };
    for (std::size_t r = first; r < plan.limits.size(); ++r) {
        const LimitUse& limit = plan.limits[r];
        table.add_row({name_cell(limit.name), money(limit.used), side(limit.min), side(limit.max),
                       fmt::format("{:.4g}", limit.multiplier)});
    }
    terminal.data("\n");
    terminal.data(table);
}

std::string policy_name(const PolicyValue& value) {
    if (value.policy == "do_nothing") {
        return "do nothing";
    }
    if (value.policy == "best_single_action") {
        return "only " + name_cell(value.action);
    }
    return value.policy == "current" ? "current policy" : value.policy;
}

void print_policies(const PlannedActions& decision, Terminal& terminal) {
    std::vector<Table::Column> columns{{"policy", Table::Align::left}, {"customers"}, {"cost"}, {"expected profit"}};
    if (decision.fresh) {
        columns.insert(columns.end(), {{"on fresh paths"}, {"se"}, {"5%"}, {"95%"}});
    }
    Table table(columns);
    for (const PolicyValue& value : decision.policies) {
        std::vector<std::string> cells{policy_name(value), with_thousands(static_cast<std::int64_t>(value.customers)),
                                       money(value.cost), money(value.expected_profit)};
        if (const auto& fresh = value.fresh) {
            cells.insert(cells.end(),
                         {money(fresh->mean.value), money(fresh->mean.se), money(fresh->low), money(fresh->high)});
        }
        table.add_row(cells);
    }
    terminal.data("\nThe plan beside other policies\n\n");
    terminal.data(table);
}

void print_fresh(const FreshFigures& fresh, Terminal& terminal) {
    terminal.data(fmt::format(
        "\nOn paths that it was not chosen on the plan earns {} +- {} (standard error), {} {} than on its own:\n"
        "{}.\n",
        money(fresh.profit.mean.value), money(fresh.profit.mean.se), money(std::abs(fresh.difference)),
        fresh.difference < 0.0 ? "less" : "more",
        fresh.difference < -2.0 * fresh.difference_se
            ? "choosing what looked best has made it look better than it is (the optimizer's curse)"
            : fmt::format("no more than chance explains (its standard error is {})", money(fresh.difference_se))));
    if (fresh.at_medians) {
        terminal.data(fmt::format(
            "If every effect were its median it would earn {} +- {}; not knowing the effects brings {:.0f}% of the\n"
            "variance from path to path.\n",
            money(fresh.at_medians->mean.value), money(fresh.at_medians->mean.se), 100.0 * fresh.effect_share));
    }
}

}  // namespace

void print_plan(const UpliftTable& uplift, const PlannedActions& decision, Terminal& terminal) {
    print_actions(uplift, decision, terminal);
    if (decision.customers_with_added_paths > 0) {
        terminal.data(fmt::format("{} customers, whose choice could turn, had more paths than the others\n",
                                  with_thousands(static_cast<std::int64_t>(decision.customers_with_added_paths))));
    }
    print_limits(decision.plan, terminal);
    if (decision.months) {
        terminal.data(fmt::format("customers stay {:.2f} months of the horizon on average, {:.2f} without the plan\n",
                                  decision.months->chosen, decision.months->none));
    }
    print_policies(decision, terminal);
    if (decision.fresh) {
        print_fresh(*decision.fresh, terminal);
    }
}

nlohmann::json plan_record(const PlannedActions& decision) {
    const ActionPlan& plan = decision.plan;
    nlohmann::json record{{"status", plan.status == PlanStatus::optimal ? "optimal" : "bounded"},
                          {"profit", plan.expected_profit},
                          {"cost", plan.cost},
                          {"upper_bound", plan.upper_bound},
                          {"relative_gap", plan.relative_gap},
                          {"multipliers", multipliers_record(decision.certificate)},
                          {"limits", limits_record(decision.certificate)},
                          {"customers_invested", plan.invested},
                          {"fresh", fresh_record(decision)},
                          {"policies", policies_record(decision)},
                          {"expected_lifetime_months", months_record(decision)}};
    if (decision.adjusted) {
        record["objective"] = plan.objective;
    }
    if (decision.risk) {
        const PlannedRisk& risk = *decision.risk;
        record["risk"] = {{"objective", plan.objective},
                          {"objective_without", risk.objective_without},
                          {"mean", risk.mean},
                          {"cvar", risk.cvar},
                          {"relaxed_bound", risk.relaxed_bound},
                          {"converged", risk.converged},
                          {"evaluations", risk.evaluations}};
    }
    record["customers_with_added_paths"] = decision.customers_with_added_paths;
    record["budget"] = plan.budget ? nlohmann::json(*plan.budget) : nlohmann::json();
    if (decision.fresh) {
        record["profit_fresh"] = decision.fresh->profit.mean.value;
        record["profit_fresh_se"] = decision.fresh->profit.mean.se;
    }
    return record;
}

}  // namespace clv
