#include "retail_pass.hpp"

#include <algorithm>
#include <vector>

#include "clv/simulation/retail_setup.hpp"
#include "customer_batches.hpp"

namespace clv::cpu {

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
        for (std::uint32_t path = 0; path < run.paths; path += settings.paths_per_check) {
            throw_if_interrupted();
            const std::uint32_t end = std::min(run.paths, path + settings.paths_per_check);
            instructions.simulate_retail(run, tables.customer, path, end, paths, buffers);
        }
        if (!buffers.fits) {
            ResultAccumulator::refuse_value(customer);
        }
        workspace.parts.ranks = nullptr;
        workspace.parts.months_paid = buffers.months_paid;
        for (int a = 0; a <= run.action_count; ++a) {
            if (tables.customer.may_get(a)) {
                const auto alternative = static_cast<std::size_t>(a);
                take_parts(accumulator, instructions, scales[alternative], buffers.alternative[alternative],
                           alternative, run.paths, accumulator.takes_ranks(), workspace);
            }
        }
        accumulator.add(customer, scales, workspace.parts);
    };
    return run_customers(settings, frame, columns.size(), accumulator, sink, progress, simulate);
}

}  // namespace clv::cpu
