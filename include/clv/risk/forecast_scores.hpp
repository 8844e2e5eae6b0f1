#pragma once
// How a simulated forecast looks beside what happened afterwards.
//
//   PIT    probability integral transform: where the truth lies in the forecast, 0 to 1. Counts are discrete, so it is
//          drawn between P(X < y) and P(X <= y) (Czado, Gneiting and Held 2009): uniform if the forecast is right
//   CRPS   continuous ranked probability score, the integral of (F(z) - 1{y <= z})^2 (Gneiting and Raftery 2007): 0 is
//          best, and of a single number it is the absolute error
//   band   central interval of a level: it holds the truth if the PIT is within level / 2 of 1/2

#include <cstdint>
#include <span>
#include <vector>

namespace clv {

/// One forecast beside its truth.
struct ForecastScore {
    double actual = 0.0;
    double mean = 0.0;
    double low = 0.0;   ///< 5% quantile
    double high = 0.0;  ///< 95% quantile
    double pit = 0.0;
    double crps = 0.0;
};

/// Order statistic ceil(N level) of at least one value in ascending order.
[[nodiscard]] double sorted_quantile(std::span<const double> sorted, double level);

/// Scores simulated counts, one per path and at least one. `uniform` in [0, 1) says where the PIT is drawn.
[[nodiscard]] ForecastScore score_counts(std::span<const std::uint32_t> paths, std::uint32_t actual, double uniform);

/// Scores simulated values, one per path and at least one. Where some equal the truth, the PIT is drawn as for counts.
[[nodiscard]] ForecastScore score_values(std::span<const double> paths, double actual, double uniform);

/// Share of forecasts whose central band of `level` holds the truth.
[[nodiscard]] double band_coverage(std::span<const ForecastScore> scores, double level);

/// Share of PITs in each of `bins` equal bins of [0, 1].
[[nodiscard]] std::vector<double> pit_histogram(std::span<const ForecastScore> scores, std::size_t bins);

[[nodiscard]] double mean_crps(std::span<const ForecastScore> scores);

/// Mean absolute error of single numbers: the CRPS of forecasts without a distribution.
[[nodiscard]] double mean_absolute_error(std::span<const double> forecast, std::span<const ForecastScore> scores);

/// Interval score of a central band of `level` (Gneiting and Raftery 2007): its width, and 2 / (1 - level) times how
/// far the truth lies outside. Lower is better.
[[nodiscard]] double interval_score(double low, double high, double actual, double level);

}  // namespace clv
