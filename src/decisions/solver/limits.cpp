#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "decisions/solver/relaxation/relaxation.hpp"
#include "plan_problem.hpp"
#include "scaled_knapsack.hpp"

namespace clv::decisions {

namespace {

constexpr std::size_t few_customers = 100;  // then a short search for the optimum is worth its time
constexpr double work_by_default = 1.0e8;
constexpr double work_on_few = 2.0e7;
constexpr double work_if_exact = 4.0e10;
constexpr std::int64_t sets_by_default = 1'000'000;
constexpr std::int64_t sets_if_exact = 20'000'000;

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
    const auto profit = [&](std::size_t d) { return d == to_base ? Wide{0} : core.deviations[d].profit; };
    const auto regret = [&](std::size_t d) { return d == to_base ? 0.0 : core.deviations[d].regret; };
    const auto use = [&](std::size_t d, std::size_t r) { return d == to_base ? Wide{0} : core.use_of(d)[r]; };
    SmallKnapsack small;
    small.core.rows = core.rows;
    small.core.room = core.room;
    small.core.per_currency = core.per_currency;
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

constexpr double any_regret = std::numeric_limits<double>::infinity();

struct Search {
    ScaledKnapsack scaled;
    std::vector<double> prices;  ///< per unit
    std::optional<Deviations> found;
    bool is_proven = false;
    double least_loss = 0.0;  ///< units: what every plan lacks of the relaxation's bound
};

/// A good plan, by what these customers could have instead.
void choose_among(const KnapsackBase& base, const std::vector<std::uint32_t>& customers, Search& search) {
    search.scaled = scaled_knapsack(base, customers, any_regret);
    search.prices = unit_prices(base, search.scaled);
    search.found = search_knapsack(search.scaled.core);
    for (const std::size_t few : {std::size_t{30}, std::size_t{60}}) {
        search.found = branch_on_few(search.scaled.core, search.prices, search.found, few, work_on_few);
    }
}

/// The best plan, by all that could be part of something better; it is proven where the search ends in time.
void prove(const KnapsackBase& base, const std::vector<std::uint32_t>& everybody, double tie_break, bool exact,
           Search& search) {
    double gap = any_regret;
    if (search.found) {
        const KnapsackCore& core = search.scaled.core;
        gap = rounding_of(core, search.prices) +
              static_cast<double>(everybody.size()) * tie_break * base.profit_scale.per_currency() -
              static_cast<double>(gain_of(core, *search.found));
        for (std::size_t j = 0; j < search.prices.size(); ++j) {
            gap += search.prices[j] * static_cast<double>(core.room[j]);
        }
    }
    ScaledKnapsack whole = scaled_knapsack(base, everybody, gap);
    if (search.found) {
        search.found = translate(search.scaled.core, *search.found, whole.core);
    }
    search.scaled = std::move(whole);
    search.prices = unit_prices(base, search.scaled);
    Enumeration listed =
        enumerate_by_regret(search.scaled.core, search.prices, search.found, exact ? sets_if_exact : sets_by_default);
    search.found = std::move(listed.best);
    search.is_proven = listed.is_proven;
    search.least_loss = listed.least_loss;
    if (!search.is_proven) {
        SearchResult searched =
            branch_and_bound(search.scaled.core, search.prices, search.found, exact ? work_if_exact : work_by_default);
        search.found = std::move(searched.best);
        search.is_proven = searched.is_proven;
    }
}

/// Whether it is proven that no plan of whole customers keeps some of the limits.
bool is_impossible(const PlanProblem& problem, const std::vector<std::size_t>& some,
                   const std::vector<std::uint32_t>& everybody) {
    std::vector<LimitRow> rows;
    for (const std::size_t r : some) {
        rows.push_back(problem.rows[r]);
    }
    const std::vector<LimitSide> sides = limit_sides(rows);
    const Relaxation relaxed = relax_limits(problem.table, rows, sides);
    const KnapsackBase base{problem.table, problem.scales.profit, rows, sides, relaxed.action, relaxed.prices};
    Search search;
    prove(base, everybody, relaxed.tie_break, false, search);
    return !search.found && search.is_proven;
}

/// Of limits that only whole customers cannot keep together: those that they still cannot without the others. Where
/// there are many, all of them.
std::vector<std::size_t> whole_conflict(const PlanProblem& problem, const std::vector<std::uint32_t>& everybody) {
    constexpr std::size_t few_limits = 8;
    std::vector<std::size_t> kept(problem.rows.size());
    std::iota(kept.begin(), kept.end(), std::size_t{0});
    for (std::size_t k = 0; k < kept.size() && kept.size() > 1 && problem.rows.size() <= few_limits;) {
        std::vector<std::size_t> without = kept;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(k));
        if (is_impossible(problem, without, everybody)) {
            kept = std::move(without);
        } else {
            ++k;
        }
    }
    return kept;
}

}  // namespace

Solution solve_limits(const PlanProblem& problem) {
    const std::size_t customers = problem.table.size();
    Relaxation relaxed = relax_limits(problem.table, problem.rows, problem.sides);
    const KnapsackBase base{problem.table, problem.scales.profit, problem.rows,
                            problem.sides, relaxed.action,        relaxed.prices};
    std::vector<std::uint32_t> everybody(customers);
    std::iota(everybody.begin(), everybody.end(), 0U);
    Search search;
    choose_among(base, relaxed.open, search);
    std::vector<std::size_t> conflict;
    if (!search.found) {
        conflict = conflicting_rows(problem.table, problem.rows);
        if (conflict.empty() && relaxed.open.size() < customers) {
            choose_among(base, everybody, search);
        }
    }
    if (customers <= few_customers || problem.settings.exact || (!search.found && conflict.empty())) {
        prove(base, everybody, relaxed.tie_break, problem.settings.exact, search);
    }
    const KnapsackCore& core = search.scaled.core;
    Solution solution;
    solution.prices = std::move(relaxed.prices);
    if (!search.found) {
        solution.status = PlanStatus::infeasible;
        solution.conflict = std::move(conflict);
        if (solution.conflict.empty() && search.is_proven) {
            solution.conflict = whole_conflict(problem, everybody);
        }
        return solution;
    }
    solution.has_exact_units = problem.has_exact_units && search.scaled.has_exact_units;
    solution.status = search.is_proven ? PlanStatus::optimal : PlanStatus::bounded;
    solution.action = std::move(relaxed.action);
    for (const std::size_t d : *search.found) {
        solution.action[core.deviations[d].customer] = core.deviations[d].to;
    }
    double rounding = 1.0 / problem.scales.profit.per_currency();
    for (std::size_t j = 0; j < solution.prices.size(); ++j) {
        rounding += solution.prices[j] / search.scaled.scale[j].per_currency();
    }
    solution.relaxed_bound = relaxed.bound + 0.5 * static_cast<double>(customers) * rounding;
    // what is proven has no bound above itself
    solution.bound = search.is_proven
                         ? -std::numeric_limits<double>::infinity()
                         : solution.relaxed_bound - search.least_loss / problem.scales.profit.per_currency();
    return solution;
}

}  // namespace clv::decisions
