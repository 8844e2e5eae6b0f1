#pragma once
// The figures of a sampled distribution of value: quantiles, CVaR, probability of loss, each with its standard error.
// The low end is the bad end.

#include <cstdint>
#include <span>
#include <vector>

#include "clv/risk/decimal_level.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/risk/selection.hpp"

namespace clv {

struct Distribution {
    double mean = 0.0;
    double se = 0.0;  ///< standard error of the mean
    double sd = 0.0;
    std::vector<double> quantiles;    ///< exact order statistics, rank ceil(N level)
    std::vector<double> quantile_se;  ///< half the +-1 standard deviation binomial order-statistic interval
    double cvar = 0.0;                ///< mean of the worst `cvar_level` of the values
    double cvar_se = 0.0;             ///< by the influence function
    double prob_loss = 0.0;           ///< share of values below 0
};

/// Which figures to take.
struct DistributionLevels {
    std::vector<DecimalLevel> quantiles;
    DecimalLevel cvar{0.05};
};

/// Buffers of a summary, for callers that take many.
struct SummaryScratch {
    Selection selection;
    std::vector<std::int64_t> units;
    std::vector<std::uint64_t> ranks;
};

/// Summary of `values`. Every value must fit `scale`. At least one value; no NaN, zeros of one sign.
/// CVaR_a = (sum of the lowest floor(aN) + fraction x the next) / (aN) (Acerbi and Tasche 2002).
[[nodiscard]] Distribution summarise(std::span<const double> values, const FixedPoint& scale,
                                     const DistributionLevels& levels, SummaryScratch& scratch);
[[nodiscard]] Distribution summarise(std::span<const double> values, const FixedPoint& scale,
                                     const DistributionLevels& levels);

/// VaR_a = mean - quantile_a of value.
[[nodiscard]] inline double value_at_risk(double mean, double quantile) {
    return mean - quantile;
}

}  // namespace clv
