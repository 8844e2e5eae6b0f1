// Mean-CVaR plans of instances whose paths are written out: JSON on stdin, an array of results on stdout. For tests
// that compare with a linear programme (tests/cli/test_mean_cvar.py).

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "decisions/explicit_portfolio.hpp"

namespace {

nlohmann::json solve(const nlohmann::json& instance) {
    clv::ExplicitPortfolio portfolio;
    instance.at("none").get_to(portfolio.none);
    instance.at("gains").get_to(portfolio.gains);
    instance.at("customers").get_to(portfolio.customers);
    clv::UpliftTable table = portfolio.table();
    const auto costs = instance.at("cost").get<std::vector<std::vector<double>>>();  // [action from 1][customer]
    for (std::size_t a = 0; a < costs.size(); ++a) {
        for (std::size_t i = 0; i < portfolio.customers; ++i) {
            table.cost[table.cell(i, a + 1)] = costs[a][i];
        }
    }
    clv::OptimizerSettings settings;
    if (!instance.at("budget").is_null()) {
        settings.budget = instance.at("budget").get<double>();
    }
    if (instance.contains("most_customers")) {
        clv::PlanLimit limit;
        limit.name = "most customers";
        limit.column = "count";
        limit.max = instance.at("most_customers").get<double>();
        settings.limits.push_back(limit);
    }
    clv::MeanCvarSettings risk;
    instance.at("risk_weight").get_to(risk.risk_weight);
    instance.at("level").get_to(risk.cvar_level);
    risk.groups = instance.value("groups", risk.groups);
    risk.tolerance = instance.value("tolerance", risk.tolerance);
    risk.most_evaluations = instance.value("most_evaluations", risk.most_evaluations);
    const clv::MeanCvarPlan result = clv::plan_mean_cvar(table, portfolio, settings, risk);
    return {{"relaxed_bound", result.plan.relaxed_bound},
            {"upper_bound", result.plan.upper_bound},
            {"objective", result.plan.objective},
            {"objective_without", result.objective_without},
            {"mean", result.mean},
            {"cvar", result.cvar},
            {"cost", result.plan.cost},
            {"mixture", result.steps.back().mixture},
            {"action", std::vector<int>(result.plan.action.begin(), result.plan.action.end())},
            {"converged", result.converged},
            {"evaluations", result.steps.size()},
            {"simulations", portfolio.simulations}};
}

}  // namespace

int main() {
    nlohmann::json results = nlohmann::json::array();
    for (const nlohmann::json& instance : nlohmann::json::parse(std::cin)) {
        results.push_back(solve(instance));
    }
    std::cout << results.dump() << '\n';
}
