#include "retail_pass.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "clv/core/parallel.hpp"
#include "clv/simulation/retail_setup.hpp"
#include "customer_batches.hpp"

namespace clv::cpu {

namespace {

/// How many paths of a customer may take their turn before somebody looks for interruption: fewer where each has many
/// purchases.
std::uint32_t paths_per_look(const CpuSettings& settings, double purchases) {
    constexpr double few_purchases = 16.0;
    const double share = std::min(1.0, few_purchases / std::max(purchases, 1.0));
    const auto groups = static_cast<std::uint32_t>(share * settings.paths_per_check / path_group);
    return std::max(1U, groups) * path_group;
}

/// Simulates all paths of a customer. Throws ModelError if a value does not fit, and Interrupted.
void simulate_paths(const CpuSettings& settings, const InstructionSet& instructions, const RetailRun& run,
                    const RetailSetup::CustomerTables& tables, std::size_t customer, const RetailPaths& paths,
                    PathBuffers& buffers) {
    const std::uint32_t at_a_time = paths_per_look(settings, tables.purchases);
    for (std::uint32_t path = 0; path < run.paths; path += at_a_time) {
        throw_if_interrupted();
        const std::uint32_t end = std::min(run.paths, path + at_a_time);
        instructions.simulate_retail(run, tables.customer, path, end, paths, buffers);
        if (!buffers.fits) {
            ResultAccumulator::refuse_value(customer);
        }
    }
}

/// What one thread adds up.
struct ForecastSlot {
    RetailSetup::CustomerTables tables;
    std::vector<std::uint32_t> purchases;  ///< [path], of one customer
    std::vector<float> spend;
    std::vector<std::uint32_t> weekly;      ///< [week][path], of all customers
    std::vector<std::int64_t> total_spend;  ///< [path], of all customers, in units
    std::vector<std::uint64_t> active_months;
};

}  // namespace

RunTotals run_retail(const CpuSettings& settings, const RetailColumns& columns, const SimulationPlan& plan,
                     CustomerSink& sink, Progress& progress) {
    const RetailSetup setup(columns, plan);
    const RunFrame& frame = setup.frame();
    ResultAccumulator accumulator(frame);
    const InstructionSet instructions = choose_instruction_set();
    std::vector<RetailSetup::CustomerTables> thread_tables(static_cast<std::size_t>(settings.threads));
    RetailPaths paths{};
    paths.discount = setup.discount().data();
    paths.annuity = frame.annuity.data();
    const auto simulate = [&](std::size_t customer, Workspace& workspace) {
        RetailSetup::CustomerTables& tables = thread_tables[workspace.slot];
        setup.fill(customer, tables);
        const RetailRun& run = setup.run_of(customer);
        const ValueScales scales = setup.value_scales(tables, customer);
        PathBuffers buffers = buffers_of(frame, instructions, scales, workspace);
        simulate_paths(settings, instructions, run, tables, customer, paths, buffers);
        workspace.parts.ranks = nullptr;
        workspace.parts.months_paid = buffers.months_paid;
        for (int a = 0; a <= run.action_count; ++a) {
            if (tables.customer.may_get(a)) {
                const auto alternative = static_cast<std::size_t>(a);
                if (a > 0) {
                    workspace.parts.prior[alternative] = setup.profit_prior(tables, customer, a);
                }
                take_parts(accumulator, instructions, scales[alternative], buffers.alternative[alternative],
                           alternative, run.paths, accumulator.takes_ranks(), workspace);
            }
        }
        accumulator.add(customer, scales, workspace.parts);
    };
    return run_customers(settings, frame, columns.size(), accumulator, sink, progress, simulate);
}

PurchaseForecast forecast_purchases(const CpuSettings& settings, const RetailColumns& columns,
                                    const SimulationPlan& plan, double horizon_weeks, const TakePurchases& take,
                                    Progress& progress) {
    const RetailSetup setup(columns, plan, horizon_weeks);
    const InstructionSet instructions = choose_instruction_set();
    const RetailRun& run = setup.run_of(0);
    const std::size_t paths = run.paths;
    PurchaseForecast forecast;
    forecast.weeks = static_cast<int>(std::ceil(run.horizon_weeks));
    const auto entries = static_cast<std::size_t>(forecast.weeks) * paths;
    const FixedPoint& scale = setup.frame().total_scale;
    std::vector<ForecastSlot> slots(static_cast<std::size_t>(settings.threads));

    progress.begin("forecasting purchases", columns.size());
    const std::size_t blocks = (columns.size() + settings.customers_per_block - 1) / settings.customers_per_block;
    for_each_block(settings.threads, blocks, [&](std::size_t slot, std::size_t block) {
        ForecastSlot& own = slots[slot];
        own.weekly.resize(entries);
        own.total_spend.resize(paths);
        const std::size_t end = std::min(columns.size(), (block + 1) * settings.customers_per_block);
        for (std::size_t customer = block * settings.customers_per_block; customer < end; ++customer) {
            setup.fill(customer, own.tables);
            own.purchases.assign(paths, 0);
            own.spend.assign(paths, 0.0F);
            own.active_months.assign(setup.frame().annuity.size(), 0);
            PathBuffers buffers{};
            buffers.add_up = instructions.add_up;
            buffers.fits = true;
            buffers.alternative[0].scale = 1.0 / setup.value_scales(own.tables, customer)[0].unit();
            buffers.alternative[0].active_months = own.active_months.data();
            const RetailPaths kept{setup.discount().data(), setup.frame().annuity.data(),
                                   own.purchases.data(),    own.spend.data(),
                                   own.weekly.data(),       paths};
            simulate_paths(settings, instructions, run, own.tables, customer, kept, buffers);
            for (std::size_t path = 0; path < paths; ++path) {
                own.total_spend[path] += scale.units(static_cast<double>(own.spend[path]));
            }
            take(customer, own.purchases, own.spend);
        }
        progress.advance(end - block * settings.customers_per_block);
    });
    progress.end();

    forecast.purchases.assign(entries, 0);
    std::vector<std::int64_t> spend(paths, 0);
    for (const ForecastSlot& slot : slots) {
        for (std::size_t entry = 0; entry < slot.weekly.size(); ++entry) {
            forecast.purchases[entry] += slot.weekly[entry];
        }
        for (std::size_t path = 0; path < slot.total_spend.size(); ++path) {
            spend[path] += slot.total_spend[path];
        }
    }
    for (const std::int64_t units : spend) {
        forecast.spend.push_back(static_cast<double>(units) * scale.unit());
    }
    return forecast;
}

}  // namespace clv::cpu
