#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "plan_problem.hpp"
#include "relaxation.hpp"

namespace clv::decisions {

namespace {

/// What open customers could have instead of their choice in the relaxation.
Core core_of(const PlanProblem& problem, const Relaxation& relaxed) {
    std::vector<std::uint32_t> customers = relaxed.open;
    std::sort(customers.begin(), customers.end(),
              [&](std::uint32_t a, std::uint32_t b) { return problem.before(a, b); });
    const std::size_t sides = problem.sides.size();
    std::vector<double> largest(sides, 1.0);
    const auto use = [&](std::uint32_t customer, std::size_t action, std::size_t j) {
        const LimitSide& side = problem.sides[j];
        return side.sign * problem.rows[side.row].column.weight(problem.table, customer, action);
    };
    for (const std::uint32_t i : customers) {
        for (std::size_t a = 0; a < problem.cells.actions(); ++a) {
            for (std::size_t j = 0; j < sides && problem.table.is_open(i, a); ++j) {
                largest[j] = std::max(largest[j], std::abs(use(i, a, j)));
            }
        }
    }
    std::vector<MoneyScale> scale;
    Core core;
    core.rows = sides;
    for (std::size_t j = 0; j < sides; ++j) {
        scale.emplace_back(largest[j]);
        const Wide room = scale[j].wide_units(problem.sides[j].bound - relaxed.response.use[j]);
        constexpr Wide limit = Core::unlimited;
        core.room.push_back(static_cast<std::int64_t>(std::clamp(room, -limit, limit)));
    }
    const MoneyScale& profit_scale = problem.scales.profit;
    for (const std::uint32_t i : customers) {
        const std::size_t base = relaxed.action[i];
        for (std::size_t a = 0; a < problem.cells.actions(); ++a) {
            if (a == base || !problem.table.is_open(i, a)) {
                continue;
            }
            const std::int64_t profit =
                profit_scale.units(problem.objective(i, a)) - profit_scale.units(problem.objective(i, base));
            double regret = -static_cast<double>(profit);
            for (std::size_t j = 0; j < sides; ++j) {
                const std::int64_t more = scale[j].units(use(i, a, j)) - scale[j].units(use(i, base, j));
                core.use.push_back(more);
                regret += relaxed.prices[j] * profit_scale.per_currency() * static_cast<double>(more) /
                          scale[j].per_currency();
            }
            core.deviations.push_back({i, static_cast<std::uint8_t>(a), profit, regret});
        }
    }
    return core;
}

}  // namespace

Solution solve_limits(const PlanProblem& problem) {
    Relaxation relaxed = relax_limits(problem.table, problem.rows, problem.sides);
    const Core core = core_of(problem, relaxed);
    const std::optional<Deviations> found = search_core(core);
    Solution solution;
    solution.prices = std::move(relaxed.prices);
    if (!found) {
        solution.status = PlanStatus::infeasible;
        solution.conflict = conflicting_rows(problem.table, problem.rows);
        return solution;
    }
    solution.action = std::move(relaxed.action);
    for (const std::size_t d : *found) {
        solution.action[core.deviations[d].customer] = core.deviations[d].to;
    }
    double rounding = 1.0 / problem.scales.profit.per_currency();
    for (const double price : solution.prices) {
        rounding += price / problem.scales.cost.per_currency();
    }
    solution.relaxed_bound = relaxed.bound + 0.5 * static_cast<double>(problem.table.size()) * rounding;
    solution.bound = solution.relaxed_bound;
    return solution;
}

}  // namespace clv::decisions
