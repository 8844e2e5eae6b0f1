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

BatchSize batch_size(const BlockWork& work, std::uint32_t customers, std::size_t draws) {
    return {customers,  work.alternatives, work.horizon_months,
            work.ranks, work.with_cash,    static_cast<std::uint32_t>(draws)};
}

/// The part of a launch's parameter that all laws have.
void fill_run(const RunFrame& frame, const ResultAccumulator& accumulator, std::size_t customers,
              const BlockShape& shape, const BlockWork& work, BlockRun& run) {
    run.paths = work.paths;
    run.alternatives = work.alternatives;
    run.horizon_months = work.horizon_months;
    run.wanted = {nullptr, work.ranks, static_cast<std::uint32_t>(accumulator.ranks().tail)};
    run.shape = shape;
    run.difference = !frame.plan.assignment.empty();
    run.total_scale = 1.0 / frame.total_scale.unit();
    run.cash_scale = 1.0 / frame.cash_scale.unit();
    // a customer adds twice to a difference
    run.unchecked_units = (std::int64_t{1} << 60) / static_cast<std::int64_t>(std::max<std::size_t>(1, customers));
}

CustomerInput customer_input(std::uint32_t segment, std::uint32_t eligible, const ValueScales& scales) {
    CustomerInput input{};
    input.segment = segment;
    input.eligible = eligible;
    std::transform(scales.begin(), scales.end(), input.scale,
                   [](const FixedPoint& scale) { return 1.0 / scale.unit(); });
    return input;
}

/// Bits of the actions that a run has.
std::uint32_t actions_of(const BatchSize& size) {
    return (1U << (size.alternatives - 1)) - 1;
}

}  // namespace

BlockWork block_work(PathLaw law, const RunFrame& frame, const ResultAccumulator& accumulator) {
    const SimulationSettings& settings = frame.plan.settings;
    return {static_cast<std::uint32_t>(settings.paths),
            frame.action_count() + 1,
            settings.horizon_months,
            accumulator.takes_ranks() ? static_cast<std::uint32_t>(accumulator.ranks().ranks.size()) : 0U,
            accumulator.keeps_cash(),
            law};
}

BatchSize batch_size(const SubscriptionSetup& setup, const ResultAccumulator& accumulator, std::uint32_t customers) {
    return batch_size(block_work(PathLaw::subscription, setup.frame(), accumulator), customers, 0);
}

BatchSize batch_size(const RetailSetup& setup, const ResultAccumulator& accumulator, std::uint32_t customers) {
    return batch_size(block_work(PathLaw::retail, setup.frame(), accumulator), customers, setup.draws().size());
}

SubscriptionBlockRun block_run(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                               const SubscriptionRun& law, const BlockShape& shape) {
    SubscriptionBlockRun run{};
    fill_run(setup.frame(), accumulator, setup.columns().size(), shape,
             block_work(PathLaw::subscription, setup.frame(), accumulator), run);
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
    return run;
}

RetailBlockRun block_run(const RetailSetup& setup, const ResultAccumulator& accumulator, const RetailRun& law,
                         const BlockShape& shape) {
    RetailBlockRun run{};
    fill_run(setup.frame(), accumulator, setup.columns().size(), shape,
             block_work(PathLaw::retail, setup.frame(), accumulator), run);
    run.law = law;
    run.discount = setup.discount().data();
    run.annuity = setup.frame().annuity.data();
    return run;
}

void fill_batch(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                std::span<const std::size_t> customers, const BatchSize& size, const SubscriptionBatch& input) {
    const auto months = static_cast<std::size_t>(size.horizon_months);
    using Tables = SubscriptionSetup::CustomerTables;
    for_each_customer<Tables>(customers.size(), [&](Tables& tables, std::size_t c) {
        setup.fill(customers[c], tables);
        SubscriptionInput& to = input.law[c];
        to.law = tables.customer;
        to.law.eligible &= actions_of(size);
        to.has_cumulative_hazard = to.law.cumulative_hazard != nullptr;
        to.retention_cost = setup.columns().retention_cost[customers[c]];
        input.customers[c] = customer_input(accumulator.segment_of(customers[c]), to.law.eligible,
                                            setup.value_scales(customers[c], tables));
        for (int a = 1; a < size.alternatives; ++a) {
            if (input.customers[c].may_get(a)) {
                input.customers[c].prior[a] = setup.profit_prior(customers[c], tables, a);
            }
        }
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

void fill_batch(const RetailSetup& setup, const ResultAccumulator& accumulator, std::span<const std::size_t> customers,
                const BatchSize& size, const RetailBatch& input) {
    using Tables = RetailSetup::CustomerTables;
    for_each_customer<Tables>(customers.size(), [&](Tables& tables, std::size_t c) {
        setup.fill(customers[c], tables);
        RetailCustomer& to = input.law[c];
        to = tables.customer;
        to.posterior = {};
        to.eligible &= actions_of(size);
        input.customers[c] =
            customer_input(accumulator.segment_of(customers[c]), to.eligible, setup.value_scales(tables, customers[c]));
        for (int a = 1; a < size.alternatives; ++a) {
            if (input.customers[c].may_get(a)) {
                input.customers[c].prior[a] = setup.profit_prior(tables, customers[c], a);
            }
        }
        std::copy(tables.posterior.begin(), tables.posterior.end(), input.posterior + c * tables.posterior.size());
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
            parts.prior[a] = input.customers[c].prior[a];
            parts.active_revenue[a] = from.active_revenue.total();
            parts.added_months[a] = from.added_months;
            parts.active_months[a].assign(output.active_months + row * counts,
                                          output.active_months + (row + 1) * counts);
        }
        accumulator.add(customers[c], scales, parts);
    });
}

}  // namespace clv::cuda
