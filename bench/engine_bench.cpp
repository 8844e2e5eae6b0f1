// Speed of the engine's parts and of the whole on one core. Run with scripts/bench; docs/performance.md has results.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <vector>

#include "clv/random/samplers.hpp"
#include "clv/risk/distribution.hpp"
#include "clv/simulation/backend.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

void philox_block(benchmark::State& state) {
    std::uint32_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(philox<std::uint32_t>(i++, 1U, 2U, 3U, 4U, 5U));
    }
    state.SetItemsProcessed(state.iterations() * 4);
}
BENCHMARK(philox_block);

void normals(benchmark::State& state) {
    std::uint32_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(normal_pair<float>(i, ~i));
        ++i;
    }
    state.SetItemsProcessed(state.iterations() * 2);
}
BENCHMARK(normals);

std::vector<double> sample(std::size_t size) {
    std::vector<double> values(size);
    for (std::uint32_t i = 0; i < size; ++i) {
        const auto block = philox<std::uint32_t>(i, 1U, 2U, 3U, 4U, 5U);
        values[i] = 100.0 + 40.0 * static_cast<double>(normal_pair<float>(block.word[0], block.word[1]).first);
    }
    return values;
}

/// All figures of one customer: moments, five quantiles with their errors, CVaR. Items are values.
void summary(benchmark::State& state) {
    const std::vector<double> values = sample(static_cast<std::size_t>(state.range(0)));
    DistributionLevels levels;
    for (const double level : {0.05, 0.25, 0.5, 0.75, 0.95}) {
        levels.quantiles.emplace_back(level);
    }
    SummaryScratch scratch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(summarise(values, FixedPoint(1000.0, 1000.0), levels, scratch));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(summary)->Arg(1'000)->Arg(10'000)->Arg(100'000);

/// The sort that selection replaces.
void sorting(benchmark::State& state) {
    const std::vector<double> values = sample(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        std::vector<double> sorted = values;
        std::sort(sorted.begin(), sorted.end());
        benchmark::DoNotOptimize(sorted.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(sorting)->Arg(10'000);

/// Customers x paths x 36 months without churn, own and market volatility, every figure taken. Items are path-months,
/// whatever the number of actions (the argument).
void engine(benchmark::State& state) {
    constexpr std::size_t customers = 64;
    PathColumns columns = test::plain_customers(customers);
    columns.revenue_volatility.assign(customers, 0.2);
    SimulationPlan plan;
    plan.settings.paths = 10'000;
    plan.market.revenue_volatility = 0.1;
    for (int a = 0; a < state.range(0); ++a) {
        Action action;
        action.name = "action " + std::to_string(a);
        action.hazard_multiplier.median = 0.9 - 0.05 * a;
        action.price_multiplier.median = 0.95;
        action.duration_months = 12;
        plan.actions.push_back(action);
    }
    const auto backend = make_cpu_backend(1);
    NoProgress progress;
    for (auto _ : state) {
        benchmark::DoNotOptimize(backend->run(columns, plan, progress));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(customers) * plan.settings.paths *
                            plan.settings.horizon_months);
}
BENCHMARK(engine)->Arg(0)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace clv
