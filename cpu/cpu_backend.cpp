// Threads over blocks of customers. A block's customers are taken segment by segment, so that path totals join the
// shared ones once per block and segment.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "clv/core/parallel.hpp"
#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/precision.hpp"
#include "instruction_sets.hpp"
#include "scenario_pass.hpp"

namespace clv {

namespace {

/// Of one thread: buffers that every customer uses again, and sums over the customers of a segment.
struct Workspace {
    Workspace(const SubscriptionSetup& setup, bool with_values, bool with_cash)
        : value(with_values ? static_cast<std::size_t>(setup.runs().back().action_count) + 1 : 0),
          total(static_cast<std::size_t>(setup.plan().settings.paths)),
          cash(with_cash
                   ? grouped_entries(static_cast<std::uint32_t>(total.size()), setup.plan().settings.horizon_months)
                   : 0) {
        for (std::vector<double>& paths : value) {
            paths.resize(total.size() + path_padding);
        }
    }
    SubscriptionSetup::CustomerTables tables;
    std::vector<std::vector<double>> value;  ///< [alternative][path]; none where moments are all that is wanted
    std::vector<std::int64_t> total;         ///< [path]
    std::vector<std::int64_t> cash;          ///< [grouped_index]
    CustomerParts parts;
    RanksNeeded ranks;  ///< of a customer with more paths than all have
    SummaryScratch scratch;
    ReplicateScratch replicates;
    std::vector<std::size_t> order;
};

class CpuBackend final : public Backend {
  public:
    explicit CpuBackend(const CpuSettings& settings) : settings_(settings) {
        settings_.threads = thread_count(settings.threads);
        settings_.customers_per_block = std::max<std::size_t>(1, settings.customers_per_block);
        settings_.customers_per_batch = std::max<std::size_t>(1, settings.customers_per_batch);
        const std::uint32_t groups = std::clamp(settings.paths_per_check, 1U, 1U << 27) + path_group - 1;
        settings_.paths_per_check = groups / path_group * path_group;
    }

    [[nodiscard]] Capabilities capabilities() const override {
        return {"cpu", true,
                fmt::format("{} thread{}, instruction set {}", settings_.threads, settings_.threads == 1 ? "" : "s",
                            cpu::choose_instruction_set().name)};
    }

    using Backend::run;
    [[nodiscard]] RunTotals run(const PathColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        if (!plan.scenarios.empty()) {
            return cpu::run_scenarios(settings_, columns, plan, progress);
        }
        const SubscriptionSetup setup(columns, plan);
        ResultAccumulator accumulator(setup);
        const cpu::InstructionSet instructions = cpu::choose_instruction_set();
        std::vector<std::unique_ptr<Workspace>> workspaces(static_cast<std::size_t>(settings_.threads));

        progress.begin("simulating", columns.size());
        const auto run_block = [&](std::size_t slot, std::size_t begin, std::size_t end) {
            throw_if_interrupted();
            std::unique_ptr<Workspace>& workspace = workspaces[slot];
            if (!workspace) {  // made by the thread that will use it: its pages are then near that thread
                workspace = std::make_unique<Workspace>(setup, accumulator.needs_values(),
                                                        plan.settings.cashflow && plan.assignment.empty());
            }
            simulate_block(setup, accumulator, instructions, begin, end, *workspace);
            progress.advance(end - begin);
        };
        for (std::size_t first = 0; first < columns.size(); first += settings_.customers_per_batch) {
            const std::size_t count = std::min(settings_.customers_per_batch, columns.size() - first);
            // some blocks for each thread, so that none is left with the last one
            const std::size_t shares = 8 * static_cast<std::size_t>(settings_.threads);
            const std::size_t per_block = std::clamp<std::size_t>(count / shares, 1, settings_.customers_per_block);
            accumulator.begin_batch(first, count);
            for_each_block(settings_.threads, (count + per_block - 1) / per_block,
                           [&](std::size_t slot, std::size_t block) {
                               const std::size_t begin = block * per_block;
                               run_block(slot, first + begin, first + std::min(begin + per_block, count));
                           });
            sink.take(first, accumulator.batch());
        }
        progress.end();
        return accumulator.finish();
    }

  private:
    void simulate_block(const SubscriptionSetup& setup, ResultAccumulator& accumulator,
                        const cpu::InstructionSet& instructions, std::size_t begin, std::size_t end,
                        Workspace& workspace) const {
        std::vector<std::size_t>& order = workspace.order;
        order.resize(end - begin);
        std::iota(order.begin(), order.end(), begin);
        std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
            return std::pair(accumulator.segment_of(a), a) < std::pair(accumulator.segment_of(b), b);
        });
        for (std::size_t at = 0; at < order.size(); ++at) {
            const std::size_t customer = order[at];
            if (setup.is_simulated(customer)) {
                simulate_customer_paths(setup, accumulator, instructions, customer, workspace);
            }
            const std::uint32_t segment = accumulator.segment_of(customer);
            if (at + 1 == order.size() || accumulator.segment_of(order[at + 1]) != segment) {
                accumulator.add_to_segment(segment, workspace.total, workspace.cash);
            }
        }
    }

    void simulate_customer_paths(const SubscriptionSetup& setup, ResultAccumulator& accumulator,
                                 const cpu::InstructionSet& instructions, std::size_t customer,
                                 Workspace& workspace) const {
        const SubscriptionRun& run = setup.run_of(customer);
        setup.fill(customer, workspace.tables);
        const SubscriptionCustomer& columns = workspace.tables.customer;
        const ResultAccumulator::Scales scales = accumulator.scales_of(customer, workspace.tables);
        cpu::PathBuffers buffers = buffers_of(setup, instructions, customer, scales, workspace);
        const auto simulate = [&](const SubscriptionRun& paths, std::uint32_t begin, std::uint32_t end) {
            for (std::uint32_t path = begin; path < end; path += settings_.paths_per_check) {
                throw_if_interrupted();
                const std::uint32_t checked = std::min(end, path + settings_.paths_per_check);
                instructions.simulate_customer(paths, columns, path, checked, buffers);
            }
            if (!buffers.fits) {
                ResultAccumulator::refuse_value(customer);
            }
        };
        CustomerParts& parts = workspace.parts;
        parts.ranks = nullptr;
        simulate(run, 0, run.paths);
        std::uint32_t used = run.paths;
        const auto take = [&](std::size_t a, bool with_ranks) {
            take_moments(accumulator, scales[a], buffers.alternative[a], a, used, workspace);
            if (with_ranks) {
                take_ranks(accumulator, scales[a], instructions, a, used, workspace);
            }
        };
        if (const SubscriptionRun* extra = setup.extra_run()) {
            const SimulationSettings& settings = setup.plan().settings;
            const std::uint32_t most = run.paths + extra->paths;
            while (used < most) {
                take(0, accumulator.target_needs_ranks());
                const double ratio = accumulator.error_ratio(scales[0], parts);
                if (ratio <= 1.0) {
                    break;
                }
                const auto next = static_cast<std::uint32_t>(paths_after_next_round(settings, used, ratio));
                make_room_for_extra(run.paths, next, buffers, workspace);
                simulate(*extra, used - run.paths, next - run.paths);
                used = next;
                accumulator.find_ranks(used, workspace.ranks);
                parts.ranks = &workspace.ranks;
            }
        }
        parts.months_paid = buffers.months_paid;
        for (int alternative = 0; alternative <= run.action_count; ++alternative) {
            if (columns.may_get(alternative)) {
                take(static_cast<std::size_t>(alternative), accumulator.takes_ranks());
            }
        }
        accumulator.add(customer, scales, parts);
    }

    /// Sums of the first `paths` values under one alternative, and their errors.
    static void take_moments(const ResultAccumulator& accumulator, const FixedPoint& scale,
                             const cpu::AlternativePaths& sums, std::size_t a, std::uint32_t paths,
                             Workspace& workspace) {
        CustomerParts& parts = workspace.parts;
        parts.sample[a].count = paths;
        parts.sample[a].all = sums.all;
        parts.profit[a] = sums.profit;
        if (accumulator.has_replicates()) {
            const std::span<const double> values = std::span(workspace.value[a]).first(paths);
            const std::span<const double> without = std::span(workspace.value[0]).first(paths);
            parts.errors[a].mean = replicate_mean_error(values, scale, workspace.replicates);
            parts.profit_error[a] = a == 0 ? 0.0 : replicate_gain_error(values, without, scale, workspace.replicates);
        }
    }

    static void take_ranks(const ResultAccumulator& accumulator, const FixedPoint& scale,
                           const cpu::InstructionSet& instructions, std::size_t a, std::uint32_t paths,
                           Workspace& workspace) {
        CustomerParts& parts = workspace.parts;
        const std::span<const double> values = std::span(workspace.value[a]).first(paths);
        collect_ranks(values, parts.ranks != nullptr ? *parts.ranks : accumulator.ranks(), scale, workspace.scratch,
                      parts.sample[a], instructions.take_low_values);
        if (accumulator.has_replicates()) {
            replicate_rank_errors(values, scale, accumulator.levels(), workspace.replicates, parts.errors[a],
                                  instructions.take_low_values);
        }
    }

    /// Further paths stand behind the `first` that all customers have, and are in no total.
    static void make_room_for_extra(std::uint32_t first, std::uint32_t paths, cpu::PathBuffers& buffers,
                                    Workspace& workspace) {
        for (std::size_t a = 0; a < workspace.value.size(); ++a) {
            std::vector<double>& values = workspace.value[a];
            values.resize(std::max(values.size(), std::size_t{paths} + path_padding));
            buffers.alternative[a].value = values.data() + first;
        }
        buffers.total = nullptr;
        buffers.cash = nullptr;
    }

    static cpu::PathBuffers buffers_of(const SubscriptionSetup& setup, const cpu::InstructionSet& instructions,
                                       std::size_t customer, const ResultAccumulator::Scales& scales,
                                       Workspace& workspace) {
        cpu::PathBuffers buffers{};
        const auto counts = static_cast<std::size_t>(setup.plan().settings.horizon_months) + 1;
        for (std::size_t a = 0; a <= static_cast<std::size_t>(setup.runs().back().action_count); ++a) {
            workspace.parts.active_months[a].assign(counts, 0U);
            cpu::AlternativePaths& paths = buffers.alternative[a];
            paths.value = workspace.value.empty() ? nullptr : workspace.value[a].data();
            paths.active_months = workspace.parts.active_months[a].data();
            paths.scale = 1.0 / scales[a].unit();
        }
        buffers.add_up = instructions.add_up;
        buffers.fits = true;
        buffers.total = workspace.total.data();
        buffers.total_scale = 1.0 / setup.total_scale().unit();
        buffers.totals_gain = !setup.plan().assignment.empty();
        buffers.cash = workspace.cash.empty() ? nullptr : workspace.cash.data();
        buffers.cash_scale = 1.0 / setup.cash_scale().unit();
        buffers.revenue = workspace.tables.revenue.data();
        buffers.retention_cost = setup.columns().retention_cost[customer];
        return buffers;
    }

    CpuSettings settings_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const CpuSettings& settings) {
    return std::make_unique<CpuBackend>(settings);
}

}  // namespace clv
