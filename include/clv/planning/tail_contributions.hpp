#pragma once
// What every customer brings to the portfolio in the worst of its cases (Euler's allocation of CVaR).
//
//   CVaR_a of the sum V = sum of V_i:   E[V | V in its lowest a] = sum over i of E[V_i | V in its lowest a]
//
// The mean of a customer's value on the portfolio's worst paths is its contribution, and contributions add up.
// Customers share the market and the parameters of models: who falls with the others in bad times brings little there,
// however sure it is on its own.
//
//   Citation    Tasche, "Risk contributions and performance measurement", 1999; Acerbi and Tasche, "On the coherence of
//   expected shortfall", Journal of Banking and Finance 26, 2002 (the fraction of the last path).

#include <vector>

#include "clv/core/progress.hpp"
#include "clv/population/population.hpp"
#include "clv/risk/decimal_level.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// [path], sum 1: equal ones of the lowest floor(a N) values, ties by path, and what is left of a N for the next.
[[nodiscard]] std::vector<double> tail_path_weights(const std::vector<double>& totals, const DecimalLevel& level);

/// [customer], currency, without any action, at the run's CVaR level. Simulates every customer once more, on a backend
/// that knows path weights. `totals`: of the run, null: simulated first. Customers who are apart have a part in no
/// portfolio: NaN. Throws what Backend::run throws.
[[nodiscard]] std::vector<double> cvar_contributions(const Population& population, const PathTotals* totals,
                                                     const Backend& backend, Progress& progress);

}  // namespace clv
