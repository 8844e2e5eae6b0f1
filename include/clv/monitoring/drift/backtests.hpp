#pragma once
// Were bands and tails of forecasts right: one forecast and one actual value a period, a low value being the bad one.
//
//   An exceedance is a period with an actual value below the VaR, the quantile that was forecast for a small `level`.
//   With x of n periods and p = level, n_ab periods of state b (1: an exceedance) after one of state a, and shares
//   q = x / n, q_a = n_a1 / (n_a0 + n_a1), r = (n_01 + n_11) / (n - 1):
//   Coverage      LR = 2 ln(q^x (1 - q)^(n - x) / (p^x (1 - p)^(n - x))): are there as many as there should be (Kupiec)
//   Independence  LR = 2 ln of the likelihood with q_0 and q_1 over that with r: do they follow each other
//                 (Christoffersen)
//   Conditional   the sum of both (Christoffersen)
//   p-values are the probability of an LR at least as large, exact: the number of exceedances is binomial, and given x
//   all orders are equally likely. An order's LR goes by its runs, and of C(n, x) orders C(x - 1, k - 1)
//   C(n - x - 1, k - f - l) have k runs of exceedances, where f and l say whether the first and the last period is one.
//   The laws of chi^2 that stand in the papers' place are poor with 12 exceedances of 250.
//
//   CVaR          is the mean that was forecast of values below the VaR. z = (VaR - actual)^+ / (level (VaR - CVaR)) -
//   1
//                 has mean 0 where it is right, and moves little with errors of the VaR (Acerbi and Szekely 2017);
//                 above 0, tails are worse than forecast. One-sided p-value of its t-statistic by bootstrap: the number
//                 of exceedances from the binomial law, their sizes from those seen, scaled to the mean that was
//                 forecast
//   PIT           values of the forecast distributions at what came are uniform where these are right (Rosenblatt 1952;
//                 Diebold, Gunther and Tay 1998): ks_uniform() in ks.hpp
//
//   Citation    Kupiec, "Techniques for verifying the accuracy of risk measurement models", Journal of Derivatives 3,
//   1995; Christoffersen, "Evaluating interval forecasts", International Economic Review 39, 1998; Acerbi and Szekely,
//   "General properties of backtestable statistics", 2017; McNeil and Frey, "Estimation of tail-related risk measures
//   for heteroscedastic financial time series", Journal of Empirical Finance 7, 2000 (bootstrap of exceedances);
//   Diebold, Gunther and Tay, "Evaluating density forecasts", International Economic Review 39, 1998.

#include <cstddef>
#include <cstdint>
#include <span>

#include "clv/core/estimate.hpp"

namespace clv {

/// At most this many periods.
inline constexpr std::size_t most_backtest_periods = 2'000;

struct LikelihoodRatio {
    double statistic = 0.0;  ///< LR
    double p_value = 1.0;
};

struct VarBacktest {
    std::size_t periods = 0;
    std::size_t exceedances = 0;
    Estimate share;  ///< of periods with an exceedance, with Wilson's 95% interval
    LikelihoodRatio coverage;
    LikelihoodRatio independence;
    LikelihoodRatio conditional;
};

/// `actual` and `var` by period, in the order of time. Throws InputError for fewer than 2 or more than
/// most_backtest_periods, a value that is not finite, or a level that is not in (0, 1), and std::invalid_argument for
/// spans of different lengths.
[[nodiscard]] VarBacktest backtest_var(std::span<const double> actual, std::span<const double> var, double level);

struct CvarBacktestSettings {
    std::uint64_t seed = 1;
    std::uint32_t resamples = 999;
};

struct CvarBacktest {
    std::size_t periods = 0;
    std::size_t exceedances = 0;
    Estimate excess;       ///< mean of z over periods: 0 where CVaR is right, 0.5 where the tail is half as large again
    double p_value = 1.0;  ///< of a tail that is no worse than forecast
};

/// As backtest_var(); `cvar` is below `var` in every period, or InputError.
[[nodiscard]] CvarBacktest backtest_cvar(std::span<const double> actual, std::span<const double> var,
                                         std::span<const double> cvar, double level,
                                         const CvarBacktestSettings& settings = {});

}  // namespace clv
