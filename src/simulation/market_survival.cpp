#include "clv/simulation/market_survival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"
#include "multiplier_nodes.hpp"

namespace clv {
namespace {

const double step_sd = 1.0 / std::sqrt(months_per_year);  // of F, a month

/// The market on an even grid of F, month by month.
class MarketGrid {
  public:
    MarketGrid(double sensitivity, int months) : months_(months) {
        constexpr double reach_sd = 7.5;
        // Fine for the steps, and for factors that are steep in F.
        const double width = std::min(step_sd / 1.4, 0.4 / std::max(std::abs(sensitivity), 1e-9));
        for (int month = 1; month <= months; ++month) {
            reach_.push_back(static_cast<std::size_t>(std::ceil(reach_sd * step_sd * std::sqrt(month - 1.0) / width)));
        }
        half_ = reach_.back();
        const auto taps = static_cast<std::size_t>(std::ceil(reach_sd * step_sd / width));
        double sum = 0.0;
        for (std::size_t k = 0; k <= 2 * taps; ++k) {
            const double z = (static_cast<double>(k) - static_cast<double>(taps)) * width / step_sd;
            kernel_.push_back(elementary::exp(-0.5 * z * z));
            sum += kernel_.back();
        }
        for (double& weight : kernel_) {
            weight /= sum;
        }
        for (int month = 1; month <= months; ++month) {
            const double drift = sensitivity * sensitivity * (month - 1) / (2.0 * months_per_year);
            for (std::size_t k = 0; k < points(); ++k) {
                const double f = (static_cast<double>(k) - static_cast<double>(half_)) * width;
                factor_.push_back(elementary::exp(-sensitivity * f - drift));
            }
        }
    }

    [[nodiscard]] std::size_t points() const noexcept { return 2 * half_ + 1; }
    [[nodiscard]] int months() const noexcept { return months_; }

    /// Everybody is there, and F = 0.
    void begin(std::vector<double>& alive) const {
        alive.assign(points(), 0.0);
        alive[half_] = 1.0;
    }
    /// F takes the step into `month`.
    void move(std::vector<double>& alive, int month, std::vector<double>& scratch) const {
        const std::size_t taps = kernel_.size() / 2;
        const std::size_t before = reach(month - 1);
        scratch.assign(points() + 2 * taps, 0.0);
        const double* from = alive.data() + (half_ - before);
        for (std::size_t tap = 0; tap < kernel_.size(); ++tap) {
            const double weight = kernel_[tap];
            double* to = scratch.data() + (half_ - before) + tap;
            for (std::size_t k = 0; k <= 2 * before; ++k) {
                to[k] += weight * from[k];
            }
        }
        std::copy_n(scratch.begin() + static_cast<std::ptrdiff_t>(taps), points(), alive.begin());
    }
    /// Takes off those who leave in `month` at a plain hazard; returns who is left.
    double leave(std::vector<double>& alive, int month, double hazard) const {
        const double* factor = factor_.data() + static_cast<std::size_t>(month - 1) * points();
        double left = 0.0;
        for (std::size_t k = half_ - reach(month); k <= half_ + reach(month); ++k) {
            alive[k] *= elementary::exp(-hazard * factor[k]);
            left += alive[k];
        }
        return left;
    }

  private:
    /// Points to either side of F = 0 that a month can get to.
    [[nodiscard]] std::size_t reach(int month) const { return reach_[static_cast<std::size_t>(month - 1)]; }

    int months_;
    std::size_t half_ = 0;
    std::vector<std::size_t> reach_;  ///< [month - 1]
    std::vector<double> kernel_;
    std::vector<double> factor_;  ///< [month - 1][point]
};

/// As many as a survival function of a lognormal multiplier needs for errors below 1e-15.
int nodes_per_sd(const UncertainMultiplier& multiplier) {
    return std::max(2, static_cast<int>(std::ceil(4.0 * (multiplier.log_sd + multiplier.customer_log_sd))));
}

/// An alternative as hazards see it.
struct Course {
    std::vector<MultiplierNode> multiplier{MultiplierNode{}};
    int active_months = 0;
};

/// S_t of t = 0..months, with the hazard growing by exp(tilt) a month.
void survive(const MarketGrid& grid, const Course& course, double hazard, double tilt, double* survival) {
    const int months = grid.months();
    const int active = std::min(course.active_months, months);
    constexpr double hardly = 1e-13;
    std::vector<double> scratch;
    std::vector<double> alive;
    std::vector<double> mixed(grid.points(), 0.0);
    std::fill_n(survival, months + 1, 0.0);
    const auto run = [&](std::vector<double>& of, int first, int last, double multiplier, double weight) {
        for (int month = first; month <= last; ++month) {
            if (month > 1) {
                grid.move(of, month, scratch);
            }
            const double own = multiplier * hazard * elementary::exp(tilt * (month - 1));
            survival[month] += weight * grid.leave(of, month, own);
        }
    };
    for (const MultiplierNode& node : course.multiplier) {
        if (node.weight < hardly) {
            continue;
        }
        grid.begin(alive);
        run(alive, 1, active, node.multiplier, node.weight);
        for (std::size_t k = 0; k < alive.size(); ++k) {
            mixed[k] += node.weight * alive[k];
        }
    }
    survival[0] = 1.0;
    run(mixed, active + 1, months, 1.0, 1.0);
}

/// Chebyshev points of an interval; one point where it has no length.
std::vector<double> chebyshev_points(Interval of, std::size_t count) {
    if (of.low == of.high) {
        return {of.low};
    }
    std::vector<double> points;
    for (std::size_t k = 0; k < count; ++k) {
        const double angle = std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(count);
        points.push_back(0.5 * (of.low + of.high) - 0.5 * (of.high - of.low) * std::cos(angle));
    }
    return points;
}

/// Weights of the values at `points` (Berrut and Trefethen 2004).
void interpolation_weights(const std::vector<double>& points, double x, std::vector<double>& weights) {
    const std::size_t count = points.size();
    weights.assign(count, 0.0);
    double sum = 0.0;
    for (std::size_t k = 0; k < count; ++k) {
        if (x == points[k] || count == 1) {
            weights.assign(count, 0.0);
            weights[k] = 1.0;
            return;
        }
        const double angle = std::numbers::pi * (static_cast<double>(k) + 0.5) / static_cast<double>(count);
        weights[k] = (k % 2 == 0 ? 1.0 : -1.0) * std::sin(angle) / (x - points[k]);
        sum += weights[k];
    }
    for (double& weight : weights) {
        weight /= sum;
    }
}

}  // namespace

MarketSurvival::MarketSurvival(const Market& market, int horizon_months, const std::vector<Action>& actions,
                               Interval hazards, Interval loadings, int threads)
    : entries_(static_cast<std::size_t>(horizon_months) + 1) {
    constexpr std::size_t hazard_points = 28;
    constexpr double steepest = 10.0;
    if (std::abs(market.hazard_sensitivity) > steepest) {
        throw ConfigError(
            fmt::format("market.hazard_sensitivity is {}: what is true of such a market is not known, give "
                        "at most {} to generate a world",
                        market.hazard_sensitivity, steepest));
    }
    const Interval reach{std::min(loadings.low, 0.0), std::max(loadings.high, 0.0)};
    const double tilt = -market.hazard_sensitivity * market.revenue_volatility / months_per_year;
    const double tilted = std::abs(tilt) * (reach.high - reach.low) * horizon_months;  // of ln h
    const auto loading_points = static_cast<std::size_t>(std::min(6.0 + std::ceil(4.0 * tilted), 96.0));
    const Interval logs{elementary::log(hazards.low), elementary::log(hazards.high)};
    hazard_nodes_ = chebyshev_points(logs, hazard_points);
    loading_nodes_ = chebyshev_points(tilt == 0.0 ? Interval{} : reach, loading_points);

    std::vector<Course> courses(1);
    for (const Action& action : actions) {
        courses.push_back({multiplier_nodes(action.hazard_multiplier, nodes_per_sd(action.hazard_multiplier)),
                           action.duration_months.value_or(horizon_months)});
    }
    const MarketGrid grid(market.hazard_sensitivity, horizon_months);
    tables_.assign(courses.size(), std::vector<double>(hazard_nodes_.size() * loading_nodes_.size() * entries_));
    const std::size_t cells = hazard_nodes_.size() * loading_nodes_.size();
    for_each_block(threads, cells, [&](std::size_t /*slot*/, std::size_t cell) {
        throw_if_interrupted();
        const double hazard = elementary::exp(hazard_nodes_[cell / loading_nodes_.size()]);
        const double loading = loading_nodes_[cell % loading_nodes_.size()];
        for (std::size_t a = 0; a < courses.size(); ++a) {
            survive(grid, courses[a], hazard, tilt * loading, tables_[a].data() + cell * entries_);
        }
    });
}

void MarketSurvival::fill(std::size_t alternative, double hazard, double loading, Months& months) const {
    std::vector<double> of_hazard;
    std::vector<double> of_loading;
    std::vector<double> of_none;
    interpolation_weights(hazard_nodes_, elementary::log(hazard), of_hazard);
    interpolation_weights(loading_nodes_, loading, of_loading);
    interpolation_weights(loading_nodes_, 0.0, of_none);
    months.survival.assign(entries_, 0.0);
    months.revenue.assign(entries_, 0.0);
    const double* table = tables_.at(alternative).data();
    for (const double weight : of_hazard) {
        for (std::size_t j = 0; j < loading_nodes_.size(); ++j, table += entries_) {
            const double with_loading = weight * of_loading[j];
            const double without = weight * of_none[j];
            for (std::size_t t = 0; t < entries_; ++t) {
                months.survival[t] += without * table[t];
                months.revenue[t] += with_loading * table[t];
            }
        }
    }
}

}  // namespace clv
