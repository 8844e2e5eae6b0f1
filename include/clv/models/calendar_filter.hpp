#pragma once
// Kalman filter of the log-intensity that all customers share, week by week:
//   f_w = season_w + level_w + cycle_w    level: random walk, cycle: stationary AR(1), season: harmonics of a year
// Durbin and Koopman (2012), "Time series analysis by state space methods": sections 3.2, 3.6, 4.3, and 10.6 for
// counts.

#include <cstddef>
#include <span>
#include <vector>

namespace clv {

struct CalendarParameters {
    double persistence = 0.0;    ///< of the cycle, a week, in [0, 1)
    double cycle_sd = 0.0;       ///< stationary, log scale
    double level_step_sd = 0.0;  ///< a week, log scale
};

/// What is known of the state, normal: the seasonal coefficients, then the level, then the cycle.
class CalendarFilter {
  public:
    static constexpr double level_start_sd = 0.1;  ///< of the level in the first week: a fit is right on average
    static constexpr double season_sd = 0.15;      ///< of a coefficient of the yearly wave; that of harmonic k is 1/k
    static constexpr double apart_probability = 0.05;  ///< of a week that has nothing to do with its neighbours
    static constexpr double apart_sd = 1.0;            ///< of such a week: closures, gaps in the data, one-off sales

    /// Before the first week's observation. `harmonics`: waves of a year, two coefficients each; 0: no season.
    CalendarFilter(const CalendarParameters& parameters, std::size_t harmonics);

    /// A week passes.
    void step();
    /// f_w was seen as `value`, with normal error. Returns the log density of that, given all before.
    double observe(std::span<const double> season, double value, double variance);
    /// `actual` purchases were seen where exp(f_w) `expected` are the mean of a Poisson count, in Laplace's
    /// approximation, or with apart_probability a week apart. Returns the log density, less ln of the factorial.
    double observe_count(std::span<const double> season, double actual, double expected);

    [[nodiscard]] std::size_t size() const noexcept { return mean_.size(); }
    [[nodiscard]] const std::vector<double>& mean() const noexcept { return mean_; }
    /// Row by row.
    [[nodiscard]] const std::vector<double>& covariance() const noexcept { return covariance_; }

  private:
    struct Seen {
        double mean = 0.0;      ///< of f_w
        double variance = 0.0;  ///< of f_w
    };
    Seen predict(std::span<const double> season);
    void absorb(const Seen& before, double mean, double variance);

    CalendarParameters parameters_;
    std::vector<double> mean_;
    std::vector<double> covariance_;
    std::vector<double> with_f_;  ///< covariance of the state with f_w
};

/// sin and cos of 1, 2, .. `harmonics` turns a year, in the week that starts `week` weeks after the end of observation.
[[nodiscard]] std::vector<double> season_row(int week, std::size_t harmonics);

}  // namespace clv
