// Speed of the engine's parts and of the whole on one core. Run with scripts/bench; docs/performance.md has results.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <string>
#include <vector>

#include "clv/random/samplers.hpp"
#include "clv/risk/distribution.hpp"
#include "clv/simulation/backend.hpp"
#include "instruction_sets.hpp"
#include "lane_parts.hpp"
#include "work.hpp"

namespace clv {
namespace {

/// The parts for the best vectors of this processor; null where it has neither AVX2 nor AVX-512.
const bench::LaneParts* lane_parts() {
#if defined(__x86_64__)
    const std::string best = cpu::supported_instruction_sets().back().name;
    return best.starts_with("avx512") ? &bench::lane_parts_avx512 : best == "avx2" ? &bench::lane_parts_avx2 : nullptr;
#else
    return nullptr;
#endif
}

/// Items are 32-bit words.
void philox_words(benchmark::State& state) {
    const bench::LaneParts* parts = lane_parts();
    if (parts == nullptr) {
        state.SkipWithError("no vectors here");
        return;
    }
    std::vector<std::uint32_t> words(4 * bench::lane_batch);
    std::uint32_t first = 0;
    for (auto _ : state) {
        parts->fill_words(first, words.data());
        benchmark::DoNotOptimize(words.data());
        first += bench::lane_batch;
    }
    state.SetItemsProcessed(state.iterations() * 4 * bench::lane_batch);
}
BENCHMARK(philox_words);

/// Items are normals, made from words that are there.
void normals(benchmark::State& state) {
    const bench::LaneParts* parts = lane_parts();
    if (parts == nullptr) {
        state.SkipWithError("no vectors here");
        return;
    }
    std::vector<std::uint32_t> words(4 * bench::lane_batch);
    std::vector<float> out(2 * bench::lane_batch);
    parts->fill_words(0, words.data());
    for (auto _ : state) {
        parts->fill_normals(words.data(), out.data());
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(state.iterations() * 2 * bench::lane_batch);
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
void figures(benchmark::State& state) {
    const std::vector<double> values = sample(static_cast<std::size_t>(state.range(0)));
    DistributionLevels levels;
    for (const double level : {0.05, 0.25, 0.5, 0.75, 0.95}) {
        levels.quantiles.emplace_back(level);
    }
    DistributionScratch scratch;
    for (auto _ : state) {
        benchmark::DoNotOptimize(distribution_of(values, FixedPoint(1000.0, 1000.0), levels, scratch));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(figures)->Arg(1'000)->Arg(10'000)->Arg(100'000);

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

/// Ranks of five quantiles and of CVaR's tail, of values that are there. Items are values.
void selection(benchmark::State& state) {
    const std::vector<double> values = sample(static_cast<std::size_t>(state.range(0)));
    const auto size = static_cast<std::uint64_t>(state.range(0));
    const std::vector<std::uint64_t> ranks{size / 20, size / 4, size / 2, size - size / 4, size - size / 20};
    Selection select;
    for (auto _ : state) {
        select.select(values, ranks);
        benchmark::DoNotOptimize(select.at_rank(ranks.back()));
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(selection)->Arg(10'000);

/// A whole run of the engine on one thread. Items are path-months, whatever the number of actions (the argument).
void run_engine(benchmark::State& state, bool moments_only) {
    bench::Work work;
    work.customers = 32;
    work.actions = static_cast<int>(state.range(0));
    work.moments_only = moments_only;
    const SubscriptionColumns columns = bench::columns_of(work);
    const SimulationPlan plan = bench::plan_of(work);
    const auto backend = make_cpu_backend(1);
    NoProgress progress;
    for (auto _ : state) {
        benchmark::DoNotOptimize(backend->run(columns, plan, progress));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(work.customers) * work.paths *
                            work.horizon_months);
}

/// Mean and sd only: what a path-month itself costs.
void path_month(benchmark::State& state) {
    run_engine(state, true);
}
BENCHMARK(path_month)->Arg(0)->Arg(1)->Arg(8)->Unit(benchmark::kMillisecond);

/// All figures.
void engine(benchmark::State& state) {
    run_engine(state, false);
}
BENCHMARK(engine)->Arg(0)->Arg(1)->Arg(2)->Arg(4)->Arg(8)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace clv
