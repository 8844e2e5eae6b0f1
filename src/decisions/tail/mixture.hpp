#pragma once
// The other side of the game of mean_cvar.hpp: the best mixture of known plans within the limits on average, and the
// path weights that are worst for it.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "decisions/table/limit_rows.hpp"
#include "plan_columns.hpp"

namespace clv::decisions {

struct Mixture {
    std::vector<std::vector<double>> shares;                  ///< [group][column]
    std::vector<double> answer;                               ///< [path]: the worst weights q for it
    std::vector<double> total;                                ///< [path], currency
    double value = -std::numeric_limits<double>::infinity();  ///< of `total`, for whoever knows the objective
};

/// What the mixture is of and what it is up against.
struct MixtureGame {
    const PlanColumns& columns;
    const std::vector<LimitSide>& sides;
    std::span<const double> without;             ///< [path], currency: value of doing nothing
    double risk_weight;                          ///< of CVaR
    double most_weight;                          ///< of a path in q
    std::span<const double> largest_multiplier;  ///< [row of limits]: the largest that a plan has needed so far
};

/// To within a tenth of `allowed_gap` (currency). Its value is left open.
[[nodiscard]] Mixture best_mixture(const MixtureGame& game, double allowed_gap);

struct Preference {
    std::size_t customer;
    std::uint8_t action;
};

/// One action for every customer on whom the columns of a mixture differ: over the customers of a group the actions
/// come in the columns' shares, spread evenly by the golden ratio.
[[nodiscard]] std::vector<Preference> preferences(const PlanColumns& columns, const Mixture& mixture);

}  // namespace clv::decisions
