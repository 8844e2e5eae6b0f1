#include "clv/planning/planned_actions.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/decisions/table/objectives.hpp"
#include "clv/planning/added_paths.hpp"
#include "clv/risk/distribution.hpp"
#include "clv/risk/replicate_errors.hpp"
#include "clv/simulation/portfolio.hpp"
#include "fresh_frontier.hpp"
#include "plan_for_risk.hpp"
#include "policies.hpp"

namespace clv {

namespace {

std::string key_of(const std::string& limit) {
    return limit == "budget" ? "optimizer.budget" : "optimizer.limits";
}

[[noreturn]] void throw_infeasible(const std::vector<std::string>& conflict) {
    if (conflict.empty()) {
        throw Error(
            ExitCode::infeasible,
            "no plan that keeps all limits was found, which does not show that there is none (optimizer.budget, "
            "optimizer.limits): loosen some of them, or set optimizer.exact to search longer");
    }
    if (conflict.size() == 1) {
        throw Error(ExitCode::infeasible, fmt::format("no plan keeps the limit {} ({}): loosen it", conflict.front(),
                                                      key_of(conflict.front())));
    }
    std::vector<std::string> keys;
    for (const std::string& name : conflict) {
        if (std::ranges::find(keys, key_of(name)) == keys.end()) {
            keys.push_back(key_of(name));
        }
    }
    throw Error(ExitCode::infeasible, fmt::format("no plan keeps the limits {} together ({}): loosen one of them",
                                                  fmt::join(conflict, ", "), fmt::join(keys, ", ")));
}

void require_one_objective(const OptimizerSettings& settings) {
    if (settings.objective == Objective::mean_cvar && has_adjustments(settings)) {
        throw ConfigError(
            "optimizer.customer_risk_weight, optimizer.robustness and optimizer.switching_penalty are for objective = "
            "\"profit\": leave them out, or mean_cvar");
    }
}

/// The single action that earns most, on fresh paths where they can be had.
std::optional<PolicyValue> best_single_action(const UpliftTable& table, std::optional<double> budget,
                                              const PlanSimulator* simulator) {
    std::optional<PolicyValue> best;
    const auto profit = [](const PolicyValue& value) {
        return value.fresh ? value.fresh->mean.value : value.expected_profit;
    };
    for (std::size_t a = 1; a < table.actions.size(); ++a) {
        const std::vector<std::uint8_t> action = single_action(table, static_cast<std::uint8_t>(a), budget);
        PolicyValue value = value_by_table("best_single_action", table, action);
        value.action = table.actions[a];
        if (simulator != nullptr) {
            value.fresh = profit_on_paths(simulator->on_fresh_paths(action, "simulating single actions on fresh paths"),
                                          simulator->settings());
        }
        if (!best || profit(value) > profit(*best)) {
            best = std::move(value);
        }
    }
    return best;
}

FreshFigures fresh_figures(const ActionPlan& plan, const PathTotals& same_paths, const PlanSimulator& simulator) {
    FreshFigures fresh;
    fresh.profit = profit_on_paths(simulator.on_fresh_paths(plan.action, "simulating the plan on fresh paths"),
                                   simulator.settings());
    fresh.in_sample_se = profit_on_paths(same_paths, simulator.settings()).mean.se;
    fresh.difference = fresh.profit.mean.value - plan.expected_profit;
    fresh.difference_se = std::hypot(fresh.profit.mean.se, fresh.in_sample_se);
    if (simulator.has_uncertain_effects()) {
        fresh.at_medians = profit_on_paths(
            simulator.on_fresh_paths_at_medians(plan.action, "simulating the plan without effect uncertainty"),
            simulator.settings());
        const double all = fresh.profit.sd * fresh.profit.sd;
        const double rest = fresh.at_medians->sd * fresh.at_medians->sd;
        fresh.effect_share = all > 0.0 ? std::max(0.0, 1.0 - rest / all) : 0.0;
    }
    return fresh;
}

}  // namespace

void require_feasible(const ActionPlan& plan) {
    if (plan.status == PlanStatus::infeasible) {
        throw_infeasible(plan.conflict);
    }
}

std::optional<PlannedMonths> planned_months(const UpliftTable& table, std::span<const std::uint8_t> action) {
    const auto left = std::ranges::count(table.churned, std::uint8_t{1});
    if (!table.has_months() || table.size() == static_cast<std::size_t>(left)) {
        return std::nullopt;
    }
    const auto mean = [&](std::span<const double> months) {
        OrderFreeSum sum;
        std::size_t customers = 0;
        for (std::size_t i = 0; i < months.size(); ++i) {
            if (!table.has_left(i)) {
                sum.add(months[i]);
                ++customers;
            }
        }
        return sum.value() / static_cast<double>(customers);
    };
    return PlannedMonths{mean(table.lifetime_months), mean(months_under(table, action))};
}

ProfitOnPaths profit_on_paths(const PathTotals& difference, const SimulationSettings& settings) {
    std::vector<std::int64_t> units(difference.paths, 0);
    for (std::size_t i = 0; i < difference.values.size(); ++i) {
        units[i % difference.paths] += difference.values[i];
    }
    const MeanAndSpread profit = mean_over_paths(units, difference.unit, settings);
    constexpr double normal_97_5 = 1.959963984540054;
    const bool replicated = settings.totals_have_replicates();
    const double half_width = (replicated ? replicate_t_97_5 : normal_97_5) * profit.se;
    const std::vector<double> values = portfolio_in_currency(difference);
    DistributionLevels levels;
    levels.quantiles = {DecimalLevel(0.05), DecimalLevel(0.95)};
    const Distribution spread = distribution_of(values, FixedPoint::with_unit(difference.unit), levels);
    return {{"expected_profit", "currency", profit.mean, profit.se, profit.mean - half_width, profit.mean + half_width,
             replicated ? "mean over fresh paths, 95% Student t interval of 16 replicates"
                        : "mean over fresh paths, 95% normal interval"},
            profit.sd,
            spread.quantiles.front(),
            spread.quantiles.back()};
}

void check_request(const OptimizerSettings& settings, const SimulationSettings& simulation,
                   const std::vector<std::string>& actions, const std::vector<std::string>& segments) {
    require_one_objective(settings);
    check_added_paths(settings, simulation);
    UpliftTable nobody;
    nobody.actions = actions;
    nobody.segments = segments;
    static_cast<void>(plan_actions(nobody, settings));
}

void check_request(OptimizerSettings settings, const SimulationSettings& simulation,
                   const std::vector<std::string>& actions) {
    std::ranges::for_each(settings.limits, [](PlanLimit& limit) { limit.segment.clear(); });
    check_request(settings, simulation, actions, {});
}

PlannedActions decide(const UpliftTable& table, const OptimizerSettings& settings,
                      const std::vector<std::uint8_t>& current, const PlanSimulator* simulator) {
    PlannedActions decision;
    if (settings.objective == Objective::mean_cvar) {
        require_one_objective(settings);
        if (simulator == nullptr) {
            throw ConfigError(
                "optimizer.objective = \"mean_cvar\" needs paths, which neither an uplift table nor a planner in "
                "memory "
                "has: plan from results into a folder (--out), or use \"profit\"");
        }
        MeanCvarPlan found = plan_for_risk(table, settings, *simulator);
        decision.risk =
            PlannedRisk{found.mean,      found.cvar,        found.objective_without, found.plan.relaxed_bound,
                        found.converged, found.steps.size()};
        decision.plan = std::move(found.plan);
    } else if (has_adjustments(settings)) {
        decision.adjusted = table;
        adjust_objective(*decision.adjusted, settings, current);
        decision.plan = plan_actions(*decision.adjusted, settings);
    } else {
        decision.plan = plan_actions(table, settings);
    }
    if (decision.plan.status == PlanStatus::infeasible) {
        throw_infeasible(decision.plan.conflict);
    }
    decision.months = planned_months(table, decision.plan.action);
    decision.certificate = certify(table, settings, decision.plan, current);
    PolicyValue plan = value_by_table("plan", table, decision.plan.action);
    if (simulator != nullptr) {
        decision.customers_with_added_paths = static_cast<std::size_t>(std::ranges::count_if(
            table.paths, [&](std::uint32_t paths) { return paths > simulator->settings().paths; }));
        decision.same_paths = simulator->on_same_paths(decision.plan.action, "simulating the plan");
        decision.fresh = fresh_figures(decision.plan, decision.same_paths, *simulator);
        plan.fresh = decision.fresh->profit;
    }
    decision.policies.push_back(std::move(plan));
    const bool may_do_nothing = everybody_may_do_nothing(table);
    if (may_do_nothing) {
        const std::vector<std::uint8_t> nothing(table.size(), 0);
        PolicyValue value = value_by_table("do_nothing", table, nothing);
        if (simulator != nullptr) {
            value.fresh.emplace();  // what nothing changes is nothing
        }
        decision.policies.push_back(std::move(value));
    }
    if (may_do_nothing && !current.empty()) {
        const std::vector<std::uint8_t> action = open_policy(table, current);
        PolicyValue value = value_by_table("current", table, action);
        if (simulator != nullptr) {
            value.fresh =
                profit_on_paths(simulator->on_fresh_paths(action, "simulating the current policy on fresh paths"),
                                simulator->settings());
        }
        decision.policies.push_back(std::move(value));
    }
    if (may_do_nothing) {
        if (auto best = best_single_action(table, settings.budget, simulator)) {
            decision.policies.push_back(std::move(*best));
        }
    }
    decision.frontier =
        evaluated_frontier(table, static_cast<std::size_t>(settings.frontier_points), settings.budget, simulator);
    return decision;
}

}  // namespace clv
