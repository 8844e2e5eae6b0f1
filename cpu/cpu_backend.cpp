// Threads over blocks of customers. A block's customers are taken segment by segment, so that path totals join the
// shared ones once per block and segment.

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <thread>

#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/backend.hpp"
#include "instruction_sets.hpp"

namespace clv {

namespace {

constexpr std::size_t customers_per_block = 64;
constexpr std::uint32_t paths_between_checks = 1U << 16;  // a multiple of every vector, a fraction of a second

struct Workspace {
    explicit Workspace(const ResultAccumulator& accumulator) : sums(accumulator) {}
    SubscriptionSetup::CustomerTables tables;
    CustomerPaths paths;
    ResultAccumulator::SegmentSums sums;
    std::vector<std::size_t> order;
};

class CpuBackend final : public Backend {
  public:
    explicit CpuBackend(int threads)
        : threads_(threads > 0 ? threads : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))) {}

    [[nodiscard]] Capabilities capabilities() const override {
        return {"cpu", true,
                fmt::format("{} thread{}, instruction set {}", threads_, threads_ == 1 ? "" : "s",
                            cpu::choose_instruction_set().name)};
    }

    [[nodiscard]] SimulationResult run(const PathColumns& columns, const SimulationPlan& plan,
                                       Progress& progress) const override {
        const SubscriptionSetup setup(columns, plan);
        ResultAccumulator accumulator(setup);
        const cpu::SimulateCustomer simulate_customer = cpu::choose_instruction_set().simulate_customer;
        tbb::enumerable_thread_specific<std::unique_ptr<Workspace>> workspaces;

        progress.begin("simulating", columns.size());
        const auto run_block = [&](std::size_t begin) {
            throw_if_interrupted();
            std::unique_ptr<Workspace>& workspace = workspaces.local();
            if (!workspace) {
                workspace = std::make_unique<Workspace>(accumulator);
            }
            const std::size_t end = std::min(begin + customers_per_block, columns.size());
            simulate_block(setup, accumulator, simulate_customer, begin, end, *workspace);
            progress.advance(end - begin);
        };
        const std::size_t blocks = (columns.size() + customers_per_block - 1) / customers_per_block;
        const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                        static_cast<std::size_t>(threads_));
        tbb::task_arena arena(threads_);
        arena.execute([&] {
            tbb::parallel_for(std::size_t{0}, blocks,
                              [&](std::size_t block) { run_block(block * customers_per_block); });
        });
        progress.end();
        return accumulator.finish();
    }

  private:
    static void simulate_block(const SubscriptionSetup& setup, ResultAccumulator& accumulator,
                               cpu::SimulateCustomer simulate_customer, std::size_t begin, std::size_t end,
                               Workspace& workspace) {
        const SimulationSettings& settings = setup.plan().settings;
        const bool with_cash = settings.cashflow && setup.plan().assignment.empty();
        std::vector<std::size_t>& order = workspace.order;
        order.resize(end - begin);
        std::iota(order.begin(), order.end(), begin);
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return accumulator.segment_of(a) < accumulator.segment_of(b);
        });
        for (std::size_t at = 0; at < order.size(); ++at) {
            const std::size_t customer = order[at];
            if (setup.is_simulated(customer)) {
                const SubscriptionRun& run = setup.run_of(customer);
                setup.fill(customer, workspace.tables);
                workspace.paths.resize(run.action_count + 1, static_cast<std::size_t>(settings.paths),
                                       settings.horizon_months, with_cash);
                workspace.paths.clear();
                const cpu::PathBuffers buffers = buffers_of(workspace, run.action_count);
                for (std::uint32_t path = 0; path < run.paths; path += paths_between_checks) {
                    throw_if_interrupted();
                    const std::uint32_t end_path = std::min(run.paths, path + paths_between_checks);
                    simulate_customer(run, workspace.tables.customer, path, end_path, buffers);
                }
                accumulator.add(customer, workspace.tables, workspace.paths, workspace.sums);
            }
            const std::uint32_t segment = accumulator.segment_of(customer);
            if (at + 1 == order.size() || accumulator.segment_of(order[at + 1]) != segment) {
                accumulator.flush(segment, workspace.sums);
            }
        }
    }

    static cpu::PathBuffers buffers_of(Workspace& workspace, int action_count) {
        CustomerPaths& paths = workspace.paths;
        cpu::PathBuffers buffers{};
        for (std::size_t a = 0; a <= static_cast<std::size_t>(action_count); ++a) {
            buffers.value[a] = paths.value[a].data();
            buffers.active_months[a] = paths.active_months[a].data();
        }
        buffers.paid_months = paths.paid_months.data();
        buffers.cash = paths.cash.empty() ? nullptr : paths.cash.data();
        buffers.revenue = workspace.tables.revenue.data();
        return buffers;
    }

    int threads_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(int threads) {
    return std::make_unique<CpuBackend>(threads);
}

}  // namespace clv
