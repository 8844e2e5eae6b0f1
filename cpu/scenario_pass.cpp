#include "scenario_pass.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/simulation/scenario_setup.hpp"
#include "customer_batches.hpp"

namespace clv::cpu {

namespace {

/// Paths whose totals in every scenario a thread keeps close while it goes through the customers of its block.
constexpr std::uint32_t paths_at_a_time = 1'024;
constexpr std::size_t customers_at_a_time = 256;
static_assert(paths_at_a_time % scenario_chunk == 0);

/// The buffers of one thread.
struct ScenarioWorkspace {
    ScenarioWorkspace(const ScenarioRun& run, std::size_t paths)
        : stride(std::min<std::size_t>(paths, paths_at_a_time)),
          totals(static_cast<std::size_t>(run.scenarios) * stride),
          paid(static_cast<std::size_t>(run.hazards) * scenario_chunk),
          noise(static_cast<std::size_t>(run.pairs) * scenario_chunk) {}
    std::size_t stride;
    std::vector<std::int64_t> totals;  ///< [scenario][path]
    std::vector<std::int32_t> paid;
    std::vector<float> noise;
    ScenarioSetup::CustomerTables tables;
    std::vector<std::size_t> order;
};

void require_range(bool fits) {
    if (!fits) {
        throw ModelError(
            "the value of all customers in a scenario is beyond the range of exact sums: lower revenue_volatility, "
            "market.revenue_volatility or the multipliers of the scenarios");
    }
}

PathTotals empty_totals(const SubscriptionSetup& setup) {
    PathTotals totals;
    totals.paths = static_cast<std::uint64_t>(setup.plan().settings.paths);
    totals.segments = static_cast<std::uint32_t>(std::max<std::size_t>(1, setup.columns().segments.size()));
    totals.apart = setup.frame().segments_apart;
    totals.unit = setup.frame().total_scale.unit();
    fill_in_stretches(totals.values, totals.paths * totals.segments);
    return totals;
}

/// Moves a thread's totals to those of a segment.
void flush(ScenarioWorkspace& workspace, std::uint32_t segment, std::uint32_t first_path, std::size_t paths,
           std::vector<PathTotals>& all) {
    for (std::size_t scenario = 0; scenario < all.size(); ++scenario) {
        std::int64_t* to = all[scenario].values.data() + segment * all[scenario].paths + first_path;
        std::int64_t* from = workspace.totals.data() + scenario * workspace.stride;
        for (std::size_t path = 0; path < paths; ++path) {
            const std::int64_t before =
                std::atomic_ref<std::int64_t>(to[path]).fetch_add(from[path], std::memory_order_relaxed);
            // both below 2^61, so their sum is no overflow yet
            require_range(std::abs(static_cast<double>(before + from[path])) < fixed_point_limit);
            from[path] = 0;
        }
    }
}

}  // namespace

RunTotals run_scenarios(const CpuSettings& settings, const SubscriptionColumns& columns, const SimulationPlan& plan,
                        Progress& progress) {
    const SubscriptionSetup setup(columns, plan, settings.threads);
    const ScenarioSetup scenarios(setup);
    const SubscriptionRun& run = setup.runs().front();
    const InstructionSet instructions = choose_instruction_set();
    const double scale = 1.0 / setup.frame().total_scale.unit();
    std::vector<PathTotals> all(static_cast<std::size_t>(scenarios.run().scenarios), empty_totals(setup));
    std::vector<std::unique_ptr<ScenarioWorkspace>> workspaces(static_cast<std::size_t>(settings.threads));

    progress.begin("simulating", columns.size());
    const auto simulate_block = [&](ScenarioWorkspace& workspace, std::size_t begin, std::size_t end) {
        std::vector<std::size_t>& order = workspace.order;
        order_by_segment(setup.frame(), begin, end, order);
        const ScenarioBuffers buffers{workspace.paid.data(), workspace.noise.data()};
        for (std::uint32_t path = 0; path < run.paths; path += paths_at_a_time) {
            const std::uint32_t last = std::min(run.paths, path + paths_at_a_time);
            for (std::size_t at = 0; at < order.size(); ++at) {
                throw_if_interrupted();
                const std::size_t customer = order[at];
                scenarios.fill(customer, workspace.tables);
                require_range(instructions.simulate_scenarios(run, workspace.tables.plain.customer, scenarios.run(),
                                                              workspace.tables.customer, path, last, buffers, scale,
                                                              workspace.totals.data(), workspace.stride));
                const std::uint32_t segment = setup.frame().segment_of(customer);
                if (at + 1 == order.size() || setup.frame().segment_of(order[at + 1]) != segment) {
                    flush(workspace, segment, path, last - path, all);
                }
            }
        }
        progress.advance(end - begin);
    };
    const std::size_t blocks = (columns.size() + customers_at_a_time - 1) / customers_at_a_time;
    for_each_block(settings.threads, blocks, [&](std::size_t slot, std::size_t block) {
        if (!workspaces[slot]) {  // made by the thread that will use it: its pages are then near that thread
            workspaces[slot] = std::make_unique<ScenarioWorkspace>(scenarios.run(), run.paths);
        }
        const std::size_t begin = block * customers_at_a_time;
        simulate_block(*workspaces[slot], begin, std::min(begin + customers_at_a_time, columns.size()));
    });
    progress.end();

    RunTotals totals;
    totals.totals = std::move(all.front());
    totals.scenarios.assign(std::make_move_iterator(all.begin() + 1), std::make_move_iterator(all.end()));
    return totals;
}

}  // namespace clv::cpu
