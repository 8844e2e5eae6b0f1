#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "decisions/solver/relaxation/relaxation.hpp"
#include "plan_problem.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t few_customers = 100;  // then a short search for the optimum is worth its time
constexpr double work_by_default = 1.0e8;
constexpr double work_on_few = 2.0e7;
constexpr double work_if_exact = 1.0e11;

struct ScaledKnapsack {
    KnapsackCore core;
    std::vector<MoneyScale> scale;  ///< [side]
};

/// What these customers could have instead of their choice in the relaxation, at regrets up to `most_regret` units.
ScaledKnapsack core_of(const PlanProblem& problem, const Relaxation& relaxed, std::vector<std::uint32_t> customers,
                       double most_regret) {
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
    KnapsackCore core;
    core.rows = sides;
    for (std::size_t j = 0; j < sides; ++j) {
        scale.emplace_back(largest[j]);
        const Wide room = scale[j].wide_units(problem.sides[j].bound - relaxed.response.use[j]);
        constexpr Wide limit = KnapsackCore::unlimited;
        core.room.push_back(static_cast<std::int64_t>(std::clamp(room, -limit, limit)));
    }
    const MoneyScale& profit_scale = problem.scales.profit;
    std::vector<std::int64_t> more(sides);
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
                more[j] = scale[j].units(use(i, a, j)) - scale[j].units(use(i, base, j));
                regret += relaxed.prices[j] * profit_scale.per_currency() * static_cast<double>(more[j]) /
                          scale[j].per_currency();
            }
            if (regret <= most_regret) {
                core.deviations.push_back({i, static_cast<std::uint8_t>(a), profit, regret});
                core.use.insert(core.use.end(), more.begin(), more.end());
            }
        }
    }
    return {std::move(core), std::move(scale)};
}

/// Prices per unit of the core's rows.
std::vector<double> unit_prices(const PlanProblem& problem, const ScaledKnapsack& scaled,
                                std::span<const double> prices) {
    std::vector<double> per_unit;
    for (std::size_t j = 0; j < prices.size(); ++j) {
        per_unit.push_back(prices[j] * problem.scales.profit.per_currency() / scaled.scale[j].per_currency());
    }
    return per_unit;
}

constexpr std::size_t to_base = std::numeric_limits<std::size_t>::max();

/// Some customers of a core, against a plan made in it.
struct SmallKnapsack {
    KnapsackCore core;
    std::vector<std::size_t> stands_for;  ///< [deviation]: that of the larger core; to_base: back to the base choice
};

/// The customers of least regret, against the plan with `taken`.
SmallKnapsack small_knapsack(const KnapsackCore& core, const Deviations& taken, std::size_t most_customers) {
    std::vector<OpenCustomer> entries = customers_of(core);
    const std::size_t count = std::min(most_customers, entries.size());
    std::partial_sort(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(count), entries.end(),
                      [](const OpenCustomer& a, const OpenCustomer& b) {
                          return a.least_regret != b.least_regret ? a.least_regret < b.least_regret : a.first < b.first;
                      });
    entries.resize(count);
    const auto profit = [&](std::size_t d) { return d == to_base ? 0 : core.deviations[d].profit; };
    const auto regret = [&](std::size_t d) { return d == to_base ? 0.0 : core.deviations[d].regret; };
    const auto use = [&](std::size_t d, std::size_t r) { return d == to_base ? 0 : core.use_of(d)[r]; };
    SmallKnapsack small;
    small.core.rows = core.rows;
    small.core.room = core.room;
    for (const std::size_t d : taken) {
        for (std::size_t r = 0; r < core.rows; ++r) {
            small.core.room[r] -= core.use_of(d)[r];
        }
    }
    for (const OpenCustomer& entry : entries) {
        const auto mine = std::lower_bound(taken.begin(), taken.end(), entry.first);
        const std::size_t now = mine != taken.end() && *mine < entry.end ? *mine : to_base;
        const auto add = [&](std::size_t d) {
            Deviation deviation = core.deviations[entry.first];  // for the customer
            deviation.to = d == to_base ? deviation.to : core.deviations[d].to;
            deviation.profit = profit(d) - profit(now);
            deviation.regret = regret(d) - regret(now);
            small.core.deviations.push_back(deviation);
            for (std::size_t r = 0; r < core.rows; ++r) {
                small.core.use.push_back(use(d, r) - use(now, r));
            }
            small.stands_for.push_back(d);
        };
        for (std::size_t d = entry.first; d < entry.end; ++d) {
            if (d != now) {
                add(d);
            }
        }
        if (now != to_base) {
            add(to_base);
        }
    }
    return small;
}

/// The plan with the choices of the customers of least regret made anew by a short branch and bound; it may be the
/// first within the limits.
std::optional<Deviations> branch_on_few(const KnapsackCore& core, std::span<const double> prices,
                                        const std::optional<Deviations>& found, std::size_t most_customers,
                                        double most_work) {
    const Deviations before = found.value_or(Deviations{});
    const SmallKnapsack small = small_knapsack(core, before, most_customers);
    const SearchResult searched =
        branch_and_bound(small.core, prices, found ? std::optional(Deviations{}) : std::nullopt, most_work);
    if (!searched.best) {
        return found;
    }
    Deviations after = before;
    for (const std::size_t d : *searched.best) {
        const std::uint32_t customer = small.core.deviations[d].customer;
        std::erase_if(after, [&](std::size_t old) { return core.deviations[old].customer == customer; });
        if (small.stands_for[d] != to_base) {
            after.push_back(small.stands_for[d]);
        }
    }
    std::sort(after.begin(), after.end());
    return after;
}

}  // namespace

Solution solve_limits(const PlanProblem& problem) {
    const std::size_t customers = problem.table.size();
    Relaxation relaxed = relax_limits(problem.table, problem.rows, problem.sides);
    constexpr double any_regret = std::numeric_limits<double>::infinity();
    std::vector<std::uint32_t> everybody(customers);
    std::iota(everybody.begin(), everybody.end(), 0U);
    ScaledKnapsack scaled;
    std::vector<double> prices;
    std::optional<Deviations> found;
    const auto choose_among = [&](const std::vector<std::uint32_t>& some) {
        scaled = core_of(problem, relaxed, some, any_regret);
        prices = unit_prices(problem, scaled, relaxed.prices);
        found = search_knapsack(scaled.core);
        for (const std::size_t few : {std::size_t{30}, std::size_t{60}}) {
            found = branch_on_few(scaled.core, prices, found, few, work_on_few);
        }
    };
    choose_among(relaxed.open);
    std::vector<std::size_t> conflict;
    if (!found) {
        conflict = conflicting_rows(problem.table, problem.rows);
        if (conflict.empty() && relaxed.open.size() < customers) {
            choose_among(everybody);
        }
    }
    bool is_proven = false;
    if (customers <= few_customers || problem.settings.exact) {
        // all deviations that could be part of something better
        double gap = any_regret;
        if (found) {
            gap = 1.0 + static_cast<double>(customers) * relaxed.tie_break * problem.scales.profit.per_currency() -
                  static_cast<double>(gain_of(scaled.core, *found));
            for (std::size_t j = 0; j < prices.size(); ++j) {
                gap += prices[j] * static_cast<double>(scaled.core.room[j]);
            }
        }
        ScaledKnapsack whole = core_of(problem, relaxed, everybody, gap);
        if (found) {
            found = translate(scaled.core, *found, whole.core);
        }
        scaled = std::move(whole);
        prices = unit_prices(problem, scaled, relaxed.prices);
        SearchResult searched =
            branch_and_bound(scaled.core, prices, found, problem.settings.exact ? work_if_exact : work_by_default);
        found = std::move(searched.best);
        is_proven = searched.is_proven;
    }
    const KnapsackCore& core = scaled.core;
    Solution solution;
    solution.prices = std::move(relaxed.prices);
    if (!found) {
        solution.status = PlanStatus::infeasible;
        solution.conflict = std::move(conflict);
        if (solution.conflict.empty() && is_proven) {  // only whole customers conflict, and no row can be told apart
            solution.conflict.resize(problem.rows.size());
            std::iota(solution.conflict.begin(), solution.conflict.end(), std::size_t{0});
        }
        return solution;
    }
    solution.status = is_proven ? PlanStatus::optimal : PlanStatus::bounded;
    solution.action = std::move(relaxed.action);
    for (const std::size_t d : *found) {
        solution.action[core.deviations[d].customer] = core.deviations[d].to;
    }
    double rounding = 1.0 / problem.scales.profit.per_currency();
    for (std::size_t j = 0; j < solution.prices.size(); ++j) {
        rounding += solution.prices[j] / scaled.scale[j].per_currency();
    }
    solution.relaxed_bound = relaxed.bound + 0.5 * static_cast<double>(customers) * rounding;
    // what is proven has no bound above itself
    solution.bound = is_proven ? -std::numeric_limits<double>::infinity() : solution.relaxed_bound;
    return solution;
}

}  // namespace clv::decisions
