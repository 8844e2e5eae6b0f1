// Times the budget optimizer on a random table, and writes the table for its peers. One thread.
//   clv_optimizer_bench CUSTOMERS ACTIONS [FILE]    with FILE: profits and costs as raw doubles, [action][customer];
//   clv_optimizer_bench CUSTOMERS ACTIONS FILE rows    under eight limits instead of a budget alone

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "clv/decisions/solver/frontier.hpp"
#include "clv/decisions/solver/optimizer.hpp"

namespace {

using namespace clv;

/// Costs rise with the action, profits with diminishing returns, both lognormal over customers.
UpliftTable make_table(std::size_t customers, std::size_t actions) {
    UpliftTable table;
    table.actions = {"none"};
    for (std::size_t a = 1; a <= actions; ++a) {
        table.actions.push_back("action " + std::to_string(a));
    }
    const std::size_t cells = customers * (actions + 1);
    table.customer_id.reserve(customers, customers * 8);
    table.expected_profit.resize(cells);
    table.cost.resize(cells);
    std::mt19937_64 engine(20240601);
    std::normal_distribution<double> normal;
    for (std::size_t i = 0; i < customers; ++i) {
        table.customer_id.push_back(std::to_string(i));
    }
    for (std::size_t i = 0; i < customers; ++i) {
        const double size = std::exp(0.8 * normal(engine));
        for (std::size_t a = 1; a <= actions; ++a) {
            const auto level = static_cast<double>(a);
            table.cost[table.cell(i, a)] = 2.0 * level * std::exp(0.3 * normal(engine));
            table.expected_profit[table.cell(i, a)] =
                6.0 * size * std::pow(level, 0.6) * std::exp(0.4 * normal(engine)) - 4.0;
        }
    }
    return table;
}

template <class Work>
double seconds(int repeats, Work&& work) {
    double best = 1.0e9;
    for (int k = 0; k < repeats; ++k) {
        const auto start = std::chrono::steady_clock::now();
        work();
        best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    return best;
}

/// A budget, capacities of three actions, spend of two segments, a minimum return, and a number of customers: eight
/// rows, all of which bind or nearly do.
void add_rows(UpliftTable& table, OptimizerSettings& settings) {
    const auto customers = static_cast<double>(table.size());
    table.segments = {"a", "b", "c"};
    table.segment.resize(table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        table.segment[i] = static_cast<std::uint32_t>(i % table.segments.size());
    }
    const auto add = [&](const std::string& name, const std::string& column) -> PlanLimit& {
        settings.limits.emplace_back();
        settings.limits.back().name = name;
        settings.limits.back().column = column;
        return settings.limits.back();
    };
    for (std::size_t a = 1; a <= 3; ++a) {
        PlanLimit& limit = add("capacity " + std::to_string(a), "count");
        limit.action = table.actions[a];
        limit.max = (0.07 - 0.005 * static_cast<double>(a)) * customers;
    }
    PlanLimit& most = add("most in a", "cost");
    most.segment = "a";
    most.max = 0.55 * customers;
    PlanLimit& least = add("least in b", "cost");
    least.segment = "b";
    least.min = 0.75 * customers;
    add("return", "cost").min_roi = 8.2;
    add("customers", "count").max = 0.35 * customers;
}

int time_rows(UpliftTable table, OptimizerSettings settings) {
    add_rows(table, settings);
    const ActionPlanner planner(table);
    ActionPlan plan;
    const double solve = seconds(3, [&] { plan = planner.plan(settings); });
    std::printf(
        "{\"customers\": %zu, \"rows\": %zu, \"seconds\": %.4f, \"profit\": %.6f, \"bound\": %.6f, "
        "\"gap\": %.3e, \"limits\": [",
        table.size(), plan.limits.size(), solve, plan.expected_profit, plan.upper_bound, plan.relative_gap);
    for (const LimitUse& limit : plan.limits) {
        std::printf("%s{\"name\": \"%s\", \"used\": %.6f, \"multiplier\": %.9f}",
                    &limit == plan.limits.data() ? "" : ", ", limit.name.c_str(), limit.used, limit.multiplier);
    }
    std::printf("]}\n");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fputs("usage: clv_optimizer_bench CUSTOMERS ACTIONS [FILE]\n", stderr);
        return 2;
    }
    const auto customers = static_cast<std::size_t>(std::strtoull(argv[1], nullptr, 10));
    const auto actions = static_cast<std::size_t>(std::strtoull(argv[2], nullptr, 10));
    const UpliftTable table = make_table(customers, actions);
    if (argc > 3) {
        std::ofstream file(argv[3], std::ios::binary);
        for (const auto* column : {&table.expected_profit, &table.cost}) {
            file.write(reinterpret_cast<const char*>(column->data()),
                       static_cast<std::streamsize>(column->size() * sizeof(double)));
        }
    }
    OptimizerSettings settings;
    settings.budget = 2.0 * static_cast<double>(customers);
    if (argc > 4) {
        return time_rows(table, std::move(settings));
    }
    const int repeats = 7;
    const double prepare = seconds(repeats, [&] { const ActionPlanner planner(table); });
    const ActionPlanner planner(table);
    ActionPlan plan;
    const double solve = seconds(repeats, [&] { plan = planner.plan(settings); });
    Frontier frontier;
    const double whole = seconds(3, [&] { frontier = efficient_frontier(table, 1000); });
    const auto per_customer = [&](double time) { return 1.0e9 * time / static_cast<double>(customers); };
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    std::printf(
        "{\"customers\": %zu, \"actions\": %zu, \"prepare_ns\": %.2f, \"plan_ns\": %.2f, \"frontier_ns\": %.2f, "
        "\"profit\": %.6f, \"cost\": %.6f, \"budget\": %.6f, \"bound\": %.6f, \"gap\": %.3e, \"multiplier\": %.9f, "
        "\"points\": %zu, \"peak_mib\": %.0f}\n",
        customers, actions, per_customer(prepare), per_customer(solve), per_customer(whole), plan.expected_profit,
        plan.cost, *settings.budget, plan.upper_bound, plan.relative_gap, plan.multiplier(), frontier.points.size(),
        static_cast<double>(usage.ru_maxrss) / 1024.0);
    return 0;
}
