#include "clv/models/calendar_filter.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

struct LogIntensity {
    double mode = 0.0;
    double variance = 0.0;     ///< by the curvature at the mode
    double log_density = 0.0;  ///< of the count, less ln of its factorial
};

/// Laplace's approximation of Poisson(actual | expected exp f) N(f | mean, variance).
LogIntensity laplace(double actual, double expected, double mean, double variance) {
    double f = mean;
    double rate = 0.0;
    double curvature = 0.0;
    for (int i = 0; i < 100; ++i) {
        rate = expected * elementary::exp(f);
        curvature = rate + 1.0 / variance;
        // Concave, so Newton's step never goes the wrong way; cut short, because from below it can go too far.
        const double step = std::clamp((actual - rate - (f - mean) / variance) / curvature, -2.0, 1.0);
        f += step;
        if (std::abs(step) < 1.0e-10) {
            break;
        }
    }
    const double off = f - mean;
    const double count = actual * (elementary::log(expected) + f) - rate;
    return {f, 1.0 / curvature, count - 0.5 * (off * off / variance + elementary::log(variance * curvature))};
}

}  // namespace

CalendarFilter::CalendarFilter(const CalendarParameters& parameters, std::size_t harmonics)
    : parameters_(parameters),
      mean_(2 * harmonics + 2, 0.0),
      covariance_(mean_.size() * mean_.size(), 0.0),
      with_f_(mean_.size(), 0.0) {
    const std::size_t n = size();
    for (std::size_t k = 1; k <= harmonics; ++k) {
        const double sd = season_sd / static_cast<double>(k);
        covariance_[(2 * k - 2) * (n + 1)] = sd * sd;
        covariance_[(2 * k - 1) * (n + 1)] = sd * sd;
    }
    covariance_[(n - 2) * (n + 1)] = level_start_sd * level_start_sd;
    covariance_[(n - 1) * (n + 1)] = parameters.cycle_sd * parameters.cycle_sd;
}

void CalendarFilter::step() {
    const std::size_t n = size();
    const std::size_t level = n - 2;
    const std::size_t cycle = n - 1;
    mean_[cycle] *= parameters_.persistence;
    for (std::size_t i = 0; i < n; ++i) {
        covariance_[i * n + cycle] *= parameters_.persistence;
        covariance_[cycle * n + i] *= parameters_.persistence;
    }
    const double fresh = 1.0 - parameters_.persistence * parameters_.persistence;
    covariance_[level * n + level] += parameters_.level_step_sd * parameters_.level_step_sd;
    covariance_[cycle * n + cycle] += fresh * parameters_.cycle_sd * parameters_.cycle_sd;
}

CalendarFilter::Seen CalendarFilter::predict(std::span<const double> season) {
    const std::size_t n = size();
    const auto weight = [&](std::size_t i) { return i < n - 2 ? season[i] : 1.0; };
    Seen f;
    for (std::size_t i = 0; i < n; ++i) {
        double sum = 0.0;
        for (std::size_t j = 0; j < n; ++j) {
            sum += covariance_[i * n + j] * weight(j);
        }
        with_f_[i] = sum;
        f.mean += weight(i) * mean_[i];
        f.variance += weight(i) * sum;
    }
    return f;
}

void CalendarFilter::absorb(const Seen& before, double mean, double variance) {
    const std::size_t n = size();
    const double shift = (mean - before.mean) / before.variance;
    const double shrink = (before.variance - variance) / (before.variance * before.variance);
    for (std::size_t i = 0; i < n; ++i) {
        mean_[i] += with_f_[i] * shift;
        for (std::size_t j = 0; j < n; ++j) {
            covariance_[i * n + j] -= with_f_[i] * with_f_[j] * shrink;
        }
    }
}

double CalendarFilter::observe(std::span<const double> season, double value, double variance) {
    const Seen f = predict(season);
    const double total = f.variance + variance;
    const double off = value - f.mean;
    absorb(f, f.mean + f.variance / total * off, f.variance * variance / total);
    return -0.5 * (elementary::log(2.0 * std::numbers::pi * total) + off * off / total);
}

double CalendarFilter::observe_count(std::span<const double> season, double actual, double expected) {
    const Seen f = predict(season);
    const LogIntensity usual = laplace(actual, expected, f.mean, f.variance);
    const double apart_variance = f.variance + apart_sd * apart_sd;
    const LogIntensity apart = laplace(actual, expected, f.mean, apart_variance);
    const double log_odds =
        apart.log_density - usual.log_density + elementary::log(apart_probability / (1.0 - apart_probability));
    const double share = log_odds > 0.0 ? 1.0 / (1.0 + elementary::exp(-log_odds))
                                        : elementary::exp(log_odds) / (1.0 + elementary::exp(log_odds));
    // What a week apart says of f_w itself, its own shock taken out; then mean and variance of the two together.
    const double gain = f.variance / apart_variance;
    const double apart_mean = f.mean + gain * (apart.mode - f.mean);
    const double apart_left = f.variance - gain * gain * (apart_variance - apart.variance);
    const double mean = usual.mode + share * (apart_mean - usual.mode);
    const double between = apart_mean - usual.mode;
    const double variance =
        (1.0 - share) * usual.variance + share * apart_left + share * (1.0 - share) * between * between;
    absorb(f, mean, variance);
    const double likelier = std::max(log_odds, 0.0);
    return usual.log_density + elementary::log(1.0 - apart_probability) + likelier +
           elementary::log1p(elementary::exp(-std::abs(log_odds)));
}

std::vector<double> season_row(int week, std::size_t harmonics) {
    constexpr double weeks_per_year = months_per_year * weeks_per_month;
    std::vector<double> row;
    for (std::size_t k = 1; k <= harmonics; ++k) {
        const double angle = 2.0 * std::numbers::pi * static_cast<double>(k) * week / weeks_per_year;
        row.push_back(std::sin(angle));
        row.push_back(std::cos(angle));
    }
    return row;
}

}  // namespace clv
