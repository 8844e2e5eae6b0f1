#include "customer_batches.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <utility>

#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"

namespace clv::cpu {

CpuSettings made_sound(CpuSettings settings) {
    settings.threads = thread_count(settings.threads);
    settings.customers_per_block = std::max<std::size_t>(1, settings.customers_per_block);
    settings.customers_per_batch = std::max<std::size_t>(1, settings.customers_per_batch);
    const std::uint32_t groups = std::clamp(settings.paths_per_check, 1U, 1U << 27) + path_group - 1;
    settings.paths_per_check = groups / path_group * path_group;
    return settings;
}

Workspace::Workspace(const RunFrame& frame, const ResultAccumulator& accumulator, std::size_t thread)
    : slot(thread),
      value(accumulator.needs_values() ? static_cast<std::size_t>(frame.action_count()) + 1 : 0),
      noise(frame.takes_gains() ? frame.annuity.size() * chunk_paths : 0) {
    const auto paths = static_cast<std::size_t>(frame.plan.settings.paths);
    fill_in_stretches(total, paths);
    if (accumulator.keeps_cash()) {
        fill_in_stretches(cash, grouped_entries(static_cast<std::uint32_t>(paths), frame.plan.settings.horizon_months));
    }
    for (std::vector<double>& values : value) {
        fill_in_stretches(values, paths + path_padding);
    }
}

void order_by_segment(const RunFrame& frame, std::size_t begin, std::size_t end, std::vector<std::size_t>& order) {
    order.resize(end - begin);
    std::iota(order.begin(), order.end(), begin);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(frame.segment_of(a), a) < std::pair(frame.segment_of(b), b);
    });
}

namespace {

void simulate_block(const RunFrame& frame, ResultAccumulator& accumulator, const SimulateOne& simulate,
                    std::size_t begin, std::size_t end, Workspace& workspace) {
    std::vector<std::size_t>& order = workspace.order;
    order_by_segment(frame, begin, end, order);
    for (std::size_t at = 0; at < order.size(); ++at) {
        const std::size_t customer = order[at];
        if (frame.is_simulated(customer)) {
            simulate(customer, workspace);
        }
        const std::uint32_t segment = frame.segment_of(customer);
        if (at + 1 == order.size() || frame.segment_of(order[at + 1]) != segment) {
            accumulator.add_to_segment(segment, workspace.total, workspace.cash);
        }
    }
}

}  // namespace

RunTotals run_customers(const CpuSettings& settings, const RunFrame& frame, std::size_t customers,
                        ResultAccumulator& accumulator, CustomerSink& sink, Progress& progress,
                        const SimulateOne& simulate) {
    std::vector<std::unique_ptr<Workspace>> workspaces(static_cast<std::size_t>(settings.threads));
    progress.begin("simulating", customers);
    const auto run_block = [&](std::size_t slot, std::size_t begin, std::size_t end) {
        throw_if_interrupted();
        std::unique_ptr<Workspace>& workspace = workspaces[slot];
        if (!workspace) {  // made by the thread that will use it: its pages are then near that thread
            workspace = std::make_unique<Workspace>(frame, accumulator, slot);
        }
        simulate_block(frame, accumulator, simulate, begin, end, *workspace);
        progress.advance(end - begin);
    };
    for (std::size_t first = 0; first < customers; first += settings.customers_per_batch) {
        const std::size_t count = std::min(settings.customers_per_batch, customers - first);
        // some blocks for each thread, so that none is left with the last one
        const std::size_t shares = 8 * static_cast<std::size_t>(settings.threads);
        const std::size_t per_block = std::clamp<std::size_t>(count / shares, 1, settings.customers_per_block);
        accumulator.begin_batch(first, count);
        for_each_block(settings.threads, (count + per_block - 1) / per_block, [&](std::size_t slot, std::size_t block) {
            const std::size_t begin = block * per_block;
            run_block(slot, first + begin, first + std::min(begin + per_block, count));
        });
        sink.take(first, accumulator.batch());
    }
    progress.end();
    return accumulator.finish();
}

PathBuffers buffers_of(const RunFrame& frame, const InstructionSet& instructions, const ValueScales& scales,
                       Workspace& workspace) {
    PathBuffers buffers{};
    const auto counts = static_cast<std::size_t>(frame.plan.settings.horizon_months) + 1;
    for (std::size_t a = 0; a <= static_cast<std::size_t>(frame.action_count()); ++a) {
        workspace.parts.active_months[a].assign(counts, 0);
        AlternativePaths& paths = buffers.alternative[a];
        paths.value = workspace.value.empty() ? nullptr : workspace.value[a].data();
        paths.active_months = workspace.parts.active_months[a].data();
        paths.scale = 1.0 / scales[a].unit();
        if (a > 0 && frame.takes_gains()) {
            workspace.parts.month_gain[a].assign(counts, 0);
            paths.month_gain = workspace.parts.month_gain[a].data();
        }
    }
    buffers.add_up = instructions.add_up;
    buffers.fits = true;
    buffers.path_weights = frame.weights.whole.empty() ? nullptr : frame.weights.whole.data();
    buffers.total = workspace.total.data();
    buffers.total_scale = 1.0 / frame.total_scale.unit();
    buffers.totals_gain = !frame.plan.assignment.empty();
    buffers.noise = workspace.noise.empty() ? nullptr : workspace.noise.data();
    buffers.cash = workspace.cash.empty() ? nullptr : workspace.cash.data();
    buffers.cash_scale = 1.0 / frame.cash_scale.unit();
    return buffers;
}

namespace {

/// Gains over none, path by path, in whole units: what differs by less than one is the same.
void take_gains(const ResultAccumulator& accumulator, const InstructionSet& instructions, const FixedPoint& scale,
                std::size_t a, std::uint32_t paths, Workspace& workspace) {
    CustomerParts& parts = workspace.parts;
    std::vector<double>& gain = workspace.gain;
    gain.resize(paths);
    std::uint64_t above_zero = 0;
    for (std::uint32_t path = 0; path < paths; ++path) {
        const std::int64_t units = scale.units(workspace.value[a][path] - workspace.value[0][path]);
        gain[path] = static_cast<double>(units) * scale.unit();
        above_zero += units > 0 ? 1 : 0;
    }
    parts.gains_above_zero[a] = above_zero;
    parts.gain[a].count = paths;
    parts.gain[a].all = parts.profit[a];
    collect_ranks(gain, parts.ranks != nullptr ? *parts.ranks : accumulator.ranks(), scale, workspace.scratch,
                  parts.gain[a], instructions.take_low_values);
}

}  // namespace

void take_parts(const ResultAccumulator& accumulator, const InstructionSet& instructions, const FixedPoint& scale,
                const AlternativePaths& sums, std::size_t a, std::uint32_t paths, bool with_ranks,
                Workspace& workspace) {
    CustomerParts& parts = workspace.parts;
    parts.sample[a].count = paths;
    parts.sample[a].all = sums.all;
    parts.profit[a] = sums.profit;
    parts.weighted[a] = sums.weighted;
    parts.active_revenue[a] = sums.active_revenue;
    parts.added_months[a] = sums.added_months;
    if (workspace.value.empty()) {
        return;
    }
    const bool replicated = accumulator.has_replicates();
    const std::span<const double> values = std::span(workspace.value[a]).first(paths);
    if (replicated) {
        const std::span<const double> without = std::span(workspace.value[0]).first(paths);
        parts.errors[a].mean = replicate_mean_error(values, scale, workspace.replicates);
        parts.profit_error[a] = a == 0 ? 0.0 : replicate_gain_error(values, without, scale, workspace.replicates);
    }
    if (with_ranks) {
        const RanksNeeded& ranks = parts.ranks != nullptr ? *parts.ranks : accumulator.ranks();
        collect_ranks(values, ranks, scale, workspace.scratch, parts.sample[a], instructions.take_low_values);
        if (replicated) {
            replicate_rank_errors(values, parts.sample[a], ranks, scale, accumulator.levels(), workspace.replicates,
                                  parts.errors[a]);
        }
        if (a > 0 && accumulator.takes_gains()) {
            take_gains(accumulator, instructions, scale, a, paths, workspace);
        }
    }
}

}  // namespace clv::cpu
