#include "clv/monitoring/drift/backtests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"
#include "clv/risk/wilson_interval.hpp"

namespace clv {

namespace {

/// Equal ratios from other sums are as large.
constexpr double slack = 1e-9;

void check_periods(std::span<const double> actual, std::span<const double> var, double level) {
    if (actual.size() != var.size()) {
        throw std::invalid_argument("actual values and forecasts are not of the same periods");
    }
    if (actual.size() < 2 || actual.size() > most_backtest_periods) {
        throw InputError(
            fmt::format("{} periods to test forecasts on: give 2 to {}", actual.size(), most_backtest_periods));
    }
    if (!(level > 0.0 && level < 1.0)) {
        throw InputError(fmt::format("forecasts of level {} cannot be tested: give a level between 0 and 1", level));
    }
    for (std::size_t period = 0; period < actual.size(); ++period) {
        if (!std::isfinite(actual[period]) || !std::isfinite(var[period])) {
            throw InputError(fmt::format("period {} of {} has actual value {} and VaR {}: both have to be finite",
                                         period + 1, actual.size(), actual[period], var[period]));
        }
    }
}

/// Logs of factorials, and n ln n, up to a number of periods.
class Logs {
  public:
    explicit Logs(std::size_t most) : factorial_(most + 1), times_log_(most + 1) {
        for (std::size_t n = 1; n <= most; ++n) {
            const auto value = static_cast<double>(n);
            const double log = elementary::log(value);
            factorial_[n] = factorial_[n - 1] + log;
            times_log_[n] = value * log;
        }
    }
    [[nodiscard]] double choose(std::size_t n, std::size_t k) const {
        return factorial_[n] - factorial_[k] - factorial_[n - k];
    }
    /// Log-likelihood of a events and b others at the share of events that they have.
    [[nodiscard]] double likelihood(std::size_t a, std::size_t b) const {
        return times_log_[a] + times_log_[b] - times_log_[a + b];
    }

  private:
    std::vector<double> factorial_;
    std::vector<double> times_log_;
};

/// An order of x exceedances in n periods, as far as its likelihood goes by it.
struct Runs {
    std::size_t runs = 0;   ///< of exceedances
    std::size_t first = 0;  ///< 1 if the first period is an exceedance
    std::size_t last = 0;   ///< 1 if the last one is
};

class ExceedanceLaw {
  public:
    ExceedanceLaw(std::size_t periods, double level)
        : n_(periods), log_p_(elementary::log(level)), log_rest_(elementary::log1p(-level)), logs_(periods) {}

    [[nodiscard]] double log_probability(std::size_t x) const {
        return logs_.choose(n_, x) + static_cast<double>(x) * log_p_ + static_cast<double>(n_ - x) * log_rest_;
    }
    [[nodiscard]] double coverage(std::size_t x) const {
        return 2.0 * (logs_.likelihood(x, n_ - x) - static_cast<double>(x) * log_p_ -
                      static_cast<double>(n_ - x) * log_rest_);
    }
    [[nodiscard]] double independence(std::size_t x, const Runs& of) const {
        const std::size_t n01 = of.runs - of.first;
        const std::size_t n10 = of.runs - of.last;
        const std::size_t n11 = x - of.runs;
        const std::size_t n00 = n_ - 1 - n01 - n10 - n11;
        return 2.0 * (logs_.likelihood(n01, n00) + logs_.likelihood(n11, n10) - logs_.likelihood(n01 + n11, n00 + n10));
    }
    /// Calls take(runs, probability) for all that x exceedances may look like.
    template <class Take>
    void for_orders(std::size_t x, Take take) const {
        if (x == 0 || x == n_) {
            const auto all = static_cast<std::size_t>(x == n_);
            take(Runs{all, all, all}, 1.0);
            return;
        }
        for (std::size_t runs = 1; runs <= x; ++runs) {
            for (const Runs& of : {Runs{runs, 0, 0}, Runs{runs, 0, 1}, Runs{runs, 1, 0}, Runs{runs, 1, 1}}) {
                // between and beside the runs there are so many stretches of other periods, each of at least one
                const std::size_t stretches = runs + 1 - of.first - of.last;
                if (stretches >= 1 && stretches <= n_ - x) {
                    take(of, elementary::exp(logs_.choose(x - 1, runs - 1) + logs_.choose(n_ - x - 1, stretches - 1) -
                                             logs_.choose(n_, x)));
                }
            }
        }
    }
    [[nodiscard]] double coverage_tail(double seen) const {
        double sum = 0.0;
        for (std::size_t x = 0; x <= n_; ++x) {
            sum += coverage(x) >= seen - slack ? elementary::exp(log_probability(x)) : 0.0;
        }
        return std::min(1.0, sum);
    }
    [[nodiscard]] double independence_tail(std::size_t x, double seen) const {
        double sum = 0.0;
        for_orders(x, [&](const Runs& of, double probability) {
            sum += independence(x, of) >= seen - slack ? probability : 0.0;
        });
        return std::min(1.0, sum);
    }
    [[nodiscard]] double conditional_tail(double seen) const {
        double sum = 0.0;
        for (std::size_t x = 0; x <= n_; ++x) {
            const double probability = elementary::exp(log_probability(x));
            const double rest = seen - coverage(x);
            if (rest <= slack) {
                sum += probability;
            } else if (probability > 0x1p-80) {  // a p-value is not told to more places
                sum += probability * independence_tail(x, rest);
            }
        }
        return std::min(1.0, sum);
    }

  private:
    std::size_t n_;
    double log_p_;
    double log_rest_;
    Logs logs_;
};

/// Numbers in [0, 1), one after the other.
class Uniforms {
  public:
    Uniforms(std::uint64_t seed, std::uint32_t resample) : seed_(seed), resample_(resample) {}
    double next() {
        if (at_ == 4) {
            block_ = philox<std::uint32_t>(draw_address(Purpose::drift, 1), counter_++, resample_, 0U,
                                           static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32));
            at_ = 0;
        }
        return block_.word[at_++] * 0x1p-32;
    }

  private:
    std::uint64_t seed_;
    std::uint32_t resample_;
    std::uint32_t counter_ = 0;
    int at_ = 4;
    PhiloxBlock<std::uint32_t> block_{};
};

/// Sums over all periods of sizes, which are 0 without an exceedance.
struct SizeSums {
    double sizes = 0.0;
    double squares = 0.0;

    void add(double size) {
        sizes += size;
        squares += size * size;
    }
    /// Standard error of the mean over periods.
    [[nodiscard]] double error(double periods) const {
        const double mean = sizes / periods;
        return std::sqrt(std::max(0.0, squares / periods - mean * mean) / (periods - 1.0));
    }
    /// t-statistic of a mean of `level`. Sizes that are all 0 are as far below it as can be.
    [[nodiscard]] double t(double periods, double level) const {
        const double se = error(periods);
        return se > 0.0 ? (sizes / periods - level) / se : -std::numeric_limits<double>::infinity();
    }
};

/// P(t at least as large as seen) where the tail is as forecast.
double resampled_tail(std::span<const double> sizes, std::size_t periods, double level, double seen,
                      const CvarBacktestSettings& settings) {
    double mean = 0.0;
    for (const double size : sizes) {
        mean += size / static_cast<double>(sizes.size());
    }
    std::uint32_t reached = 0;
    for (std::uint32_t resample = 0; resample < settings.resamples; ++resample) {
        Uniforms uniforms(settings.seed, resample);
        SizeSums sums;
        for (std::size_t period = 0; period < periods; ++period) {
            const double uniform = uniforms.next();
            if (uniform < level) {  // below it, uniform / level is uniform too, but has few bits
                const auto place = static_cast<std::size_t>(uniforms.next() * static_cast<double>(sizes.size()));
                sums.add(sizes[place] / mean);
            }
        }
        reached += sums.t(static_cast<double>(periods), level) >= seen - slack ? 1 : 0;
    }
    return (reached + 1.0) / (settings.resamples + 1.0);
}

}  // namespace

VarBacktest backtest_var(std::span<const double> actual, std::span<const double> var, double level) {
    check_periods(actual, var, level);
    VarBacktest test;
    test.periods = actual.size();
    Runs seen;
    bool before = false;
    for (std::size_t period = 0; period < actual.size(); ++period) {
        const bool exceeds = actual[period] < var[period];
        test.exceedances += exceeds ? 1 : 0;
        seen.runs += exceeds && !before ? 1 : 0;
        seen.first = period == 0 && exceeds ? 1 : seen.first;
        before = exceeds;
    }
    seen.last = before ? 1 : 0;
    const auto n = static_cast<double>(test.periods);
    const auto x = static_cast<double>(test.exceedances);
    const ShareInterval interval = wilson_interval(x, n);
    test.share = {"exceedances",         "share", x / n, std::sqrt(x * (n - x) / n) / n, interval.low, interval.high,
                  "binomial, Wilson 95%"};
    const ExceedanceLaw law(test.periods, level);
    test.coverage.statistic = law.coverage(test.exceedances);
    test.coverage.p_value = law.coverage_tail(test.coverage.statistic);
    test.independence.statistic = law.independence(test.exceedances, seen);
    test.independence.p_value = law.independence_tail(test.exceedances, test.independence.statistic);
    test.conditional.statistic = test.coverage.statistic + test.independence.statistic;
    test.conditional.p_value = law.conditional_tail(test.conditional.statistic);
    return test;
}

CvarBacktest backtest_cvar(std::span<const double> actual, std::span<const double> var, std::span<const double> cvar,
                           double level, const CvarBacktestSettings& settings) {
    check_periods(actual, var, level);
    if (cvar.size() != var.size()) {
        throw std::invalid_argument("VaR and CVaR are not of the same periods");
    }
    if (settings.resamples == 0) {
        throw ConfigError("a backtest of CVaR needs at least 1 resample (resamples)");
    }
    std::vector<double> sizes;
    SizeSums sums;
    for (std::size_t period = 0; period < actual.size(); ++period) {
        if (!(cvar[period] < var[period]) || !std::isfinite(cvar[period])) {
            throw InputError(
                fmt::format("period {} of {} has CVaR {} and VaR {}: a CVaR is finite and below the VaR. "
                            "Leave out periods whose forecast has no spread",
                            period + 1, actual.size(), cvar[period], var[period]));
        }
        if (actual[period] < var[period]) {
            sizes.push_back((var[period] - actual[period]) / (var[period] - cvar[period]));
            sums.add(sizes.back());
        }
    }
    CvarBacktest test;
    test.periods = actual.size();
    test.exceedances = sizes.size();
    const auto n = static_cast<double>(test.periods);
    const double excess = sums.sizes / n / level - 1.0;
    const double se = sums.error(n) / level;
    test.excess = {"tail_excess", "share", excess, se, excess - normal_97_5 * se, excess + normal_97_5 * se,
                   "normal, 95%"};
    if (!sizes.empty()) {
        test.p_value = resampled_tail(sizes, test.periods, level, sums.t(n, level), settings);
    }
    return test;
}

}  // namespace clv
