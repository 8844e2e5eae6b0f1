#include "clv/planning/added_paths.hpp"

#include <cmath>
#include <optional>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/decisions/reasons/undecided.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/objectives.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv {

namespace {

/// Whose choice could turn; nobody's if no plan keeps the limits.
std::vector<std::size_t> find_undecided(const UpliftTable& table, const OptimizerSettings& optimizer,
                                        std::span<const std::uint8_t> current) {
    std::optional<UpliftTable> adjusted;
    if (has_adjustments(optimizer)) {
        adjusted = table;
        adjust_objective(*adjusted, optimizer, current);
    }
    const UpliftTable& maximised = adjusted ? *adjusted : table;
    const ActionPlan plan = plan_actions(maximised, optimizer);
    return plan.status == PlanStatus::infeasible ? std::vector<std::size_t>()
                                                 : undecided_customers(maximised, plan, undecided_within);
}

/// From a mean and its standard error.
MeanAndSpread spread_of(double mean, double se, std::uint64_t paths) {
    return {mean, se, se * std::sqrt(static_cast<double>(paths))};
}

}  // namespace

void check_added_paths(const OptimizerSettings& optimizer, const SimulationSettings& simulation) {
    if (optimizer.added_paths == 0) {
        return;
    }
    if (optimizer.objective == Objective::mean_cvar || simulation.target) {
        throw ConfigError(
            "optimizer.added_paths gives paths to some customers alone, where objective = \"mean_cvar\" and "
            "simulation.target_se do not allow it: leave it out, or them");
    }
    if (simulation.has_replicates()) {
        throw ConfigError(
            "optimizer.added_paths needs independent paths, which simulation.sampler does not give: set it to "
            "\"philox\", or leave added_paths out");
    }
}

void add_paths(UpliftTable& table, const OptimizerSettings& optimizer, std::span<const std::uint8_t> current,
               const PlanSimulator& simulator) {
    if (optimizer.added_paths == 0) {
        return;
    }
    check_added_paths(optimizer, simulator.settings());
    const auto before = static_cast<std::uint64_t>(simulator.settings().paths);
    const auto added = static_cast<std::uint64_t>(optimizer.added_paths);
    table.paths.assign(table.size(), static_cast<std::uint32_t>(before));
    const std::vector<std::size_t> undecided = find_undecided(table, optimizer, current);
    if (undecided.empty()) {
        return;
    }
    const UpliftTable more =
        simulator.on_added_paths(undecided, optimizer.added_paths, "simulating more paths of the undecided");
    for (std::size_t k = 0; k < undecided.size(); ++k) {
        const std::size_t customer = undecided[k];
        table.paths[customer] = static_cast<std::uint32_t>(before + added);
        for (std::size_t a = 1; a < table.actions.size(); ++a) {
            if (!table.is_open(customer, a)) {
                continue;
            }
            const std::size_t cell = table.cell(customer, a);
            const std::size_t in_more = more.cell(k, a);
            const MeanAndSpread profit =
                pool(spread_of(table.expected_profit[cell], table.expected_profit_se[cell], before), before,
                     spread_of(more.expected_profit[in_more], more.expected_profit_se[in_more], added), added);
            table.expected_profit[cell] = profit.mean;
            // paths of both that share bootstrap fits err together
            const double together = (static_cast<double>(before) * table.expected_profit_se[cell] +
                                     static_cast<double>(added) * more.expected_profit_se[in_more]) /
                                    static_cast<double>(before + added);
            table.expected_profit_se[cell] = simulator.settings().customers_have_replicates() ? together : profit.se;
            table.cost[cell] = pool({table.cost[cell], 0.0, 0.0}, before, {more.cost[in_more], 0.0, 0.0}, added).mean;
        }
    }
}

}  // namespace clv
