#include "batch_tables.hpp"

#include <algorithm>
#include <vector>

#include "clv/core/parallel.hpp"

namespace clv::cuda {

namespace {

/// Calls body(own, c) for every customer of a batch by all threads of the machine; `own` belongs to the call.
template <class Own, class Body>
void for_each_customer(std::size_t customers, Body body) {
    constexpr std::size_t per_block = 64;
    std::vector<Own> own(static_cast<std::size_t>(thread_count(0)));
    for_each_block(0, (customers + per_block - 1) / per_block, [&](std::size_t slot, std::size_t block) {
        for (std::size_t c = block * per_block; c < std::min(customers, (block + 1) * per_block); ++c) {
            body(own[slot], c);
        }
    });
}

}  // namespace

BlockWork block_work(const SubscriptionSetup& setup, const ResultAccumulator& accumulator) {
    const SubscriptionRun& law = setup.runs().back();
    return {law.paths, law.action_count + 1, law.horizon_months,
            accumulator.takes_ranks() ? static_cast<std::uint32_t>(accumulator.ranks().ranks.size()) : 0U,
            accumulator.keeps_cash()};
}

BatchSize batch_size(const SubscriptionSetup& setup, const ResultAccumulator& accumulator, std::uint32_t customers) {
    const BlockWork work = block_work(setup, accumulator);
    return {customers, work.alternatives, work.horizon_months, work.ranks, work.with_cash};
}

BlockRun block_run(const SubscriptionSetup& setup, const ResultAccumulator& accumulator, const SubscriptionRun& law,
                   const BlockShape& shape) {
    const BlockWork work = block_work(setup, accumulator);
    BlockRun run{};
    run.law = law;
    for (int a = law.action_count; a < max_alternatives - 1; ++a) {
        // a kernel may live through more actions than there are: those follow none, month by month
        ActionLaw& idle = run.law.actions[a];
        idle = ActionLaw{};
        idle.duration_months = law.horizon_months;
        idle.inverse_hazard_multiplier = 1.0F;
        for (MultiplierLaw& multiplier : idle.multipliers) {
            multiplier.median = 1.0;
        }
    }
    run.wanted = {nullptr, work.ranks, static_cast<std::uint32_t>(accumulator.ranks().tail)};
    run.shape = shape;
    run.difference = !setup.plan().assignment.empty();
    run.total_scale = 1.0 / setup.frame().total_scale.unit();
    run.cash_scale = 1.0 / setup.frame().cash_scale.unit();
    // a customer adds twice to a difference
    run.unchecked_units =
        (std::int64_t{1} << 60) / static_cast<std::int64_t>(std::max<std::size_t>(1, setup.columns().size()));
    return run;
}

void fill_batch(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                std::span<const std::size_t> customers, const BatchSize& size, const BatchInput& input) {
    const auto months = static_cast<std::size_t>(size.horizon_months);
    const std::uint32_t actions = (1U << (size.alternatives - 1)) - 1;
    using Tables = SubscriptionSetup::CustomerTables;
    for_each_customer<Tables>(customers.size(), [&](Tables& tables, std::size_t c) {
        setup.fill(customers[c], tables);
        CustomerInput& to = input.customers[c];
        to.law = tables.customer;
        to.law.eligible &= actions;
        to.has_cumulative_hazard = to.law.cumulative_hazard != nullptr;
        to.retention_cost = setup.columns().retention_cost[customers[c]];
        to.segment = accumulator.segment_of(customers[c]);
        const ResultAccumulator::Scales scales = setup.value_scales(customers[c], tables);
        std::transform(scales.begin(), scales.end(), to.scale,
                       [](const FixedPoint& scale) { return 1.0 / scale.unit(); });
        const auto copy = [c](const auto& from, auto* rows, std::size_t count) {
            std::copy_n(from.begin(), count, rows + c * count);
        };
        copy(tables.value, input.value, static_cast<std::size_t>(size.alternatives) * (months + 1));
        copy(tables.revenue_value, input.revenue_value, months + 1);
        copy(tables.hazard, input.hazard, months);
        copy(tables.cumulative_hazard, input.cumulative_hazard, months);
        copy(tables.discounted_revenue, input.discounted_revenue, months + month_padding);
        if (size.with_revenue) {
            copy(tables.revenue, input.revenue, months);
        }
    });
}

void take_batch(ResultAccumulator& accumulator, std::span<const std::size_t> customers, const BatchSize& size,
                const BatchInput& input, const BatchOutput& output) {
    const auto alternatives = static_cast<std::size_t>(size.alternatives);
    const auto counts = static_cast<std::size_t>(size.horizon_months) + 1;
    for_each_customer<CustomerParts>(customers.size(), [&](CustomerParts& parts, std::size_t c) {
        const CustomerRecord& record = output.customers[c];
        if (record.value_out_of_range != 0) {
            ResultAccumulator::refuse_value(customers[c]);
        }
        if (record.total_out_of_range != 0) {
            ResultAccumulator::refuse_total();
        }
        ResultAccumulator::Scales scales;
        parts.months_paid = record.months_paid;
        for (std::size_t a = 0; a < alternatives; ++a) {
            const std::size_t row = c * alternatives + a;
            const AlternativeRecord& from = output.alternatives[row];
            scales[a] = FixedPoint::with_unit(1.0 / input.customers[c].scale[a]);
            SampleParts& sample = parts.sample[a];
            sample.count = accumulator.paths();
            sample.all = from.all;
            sample.tail = from.tail;
            sample.losses = from.losses;
            sample.at_rank.assign(output.at_rank + row * size.ranks, output.at_rank + (row + 1) * size.ranks);
            parts.profit[a] = from.profit;
            parts.active_months[a].assign(output.active_months + row * counts,
                                          output.active_months + (row + 1) * counts);
        }
        accumulator.add(customers[c], scales, parts);
    });
}

}  // namespace clv::cuda
