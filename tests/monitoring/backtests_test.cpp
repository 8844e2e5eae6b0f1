#include "clv/monitoring/drift/backtests.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

constexpr std::size_t periods = 250;
constexpr double level = 0.05;

/// Actual values of periods with an exceedance where `mask` has a bit.
std::vector<double> actual_of(unsigned mask, unsigned count) {
    std::vector<double> actual;
    for (unsigned period = 0; period < count; ++period) {
        actual.push_back((mask >> period & 1) != 0 ? -1.0 : 1.0);
    }
    return actual;
}

double log_likelihood(double events, double others, double share) {
    return (events > 0.0 ? events * std::log(share) : 0.0) + (others > 0.0 ? others * std::log(1.0 - share) : 0.0);
}

struct Ratios {
    double coverage;
    double independence;
};

/// By the definition, period by period.
Ratios ratios_of(unsigned mask, unsigned count, double p) {
    double n[2][2] = {};
    for (unsigned period = 1; period < count; ++period) {
        ++n[mask >> (period - 1) & 1][mask >> period & 1];
    }
    const double x = std::popcount(mask);
    const auto of_state = [&](int state) {
        return log_likelihood(n[state][1], n[state][0], n[state][1] / (n[state][0] + n[state][1]));
    };
    const double events = n[0][1] + n[1][1];
    return {2.0 * (log_likelihood(x, count - x, x / count) - log_likelihood(x, count - x, p)),
            2.0 * (of_state(0) + of_state(1) - log_likelihood(events, count - 1 - events, events / (count - 1)))};
}

TEST(VarBacktest, PValuesAreThoseOfAllOrders) {
    constexpr unsigned count = 10;
    constexpr double p = 0.2;
    const std::vector<double> var(count, 0.0);
    for (unsigned seen = 0; seen < 1U << count; seen += 7) {
        const Ratios of_seen = ratios_of(seen, count, p);
        double coverage = 0.0;
        double independence = 0.0;
        double with_as_many = 0.0;
        double conditional = 0.0;
        for (unsigned mask = 0; mask < 1U << count; ++mask) {
            const Ratios ratios = ratios_of(mask, count, p);
            const double probability = std::exp(log_likelihood(std::popcount(mask), count - std::popcount(mask), p));
            const auto as_large = [](double a, double b) { return a >= b - 1e-9; };
            coverage += as_large(ratios.coverage, of_seen.coverage) ? probability : 0.0;
            conditional += as_large(ratios.coverage + ratios.independence, of_seen.coverage + of_seen.independence)
                               ? probability
                               : 0.0;
            if (std::popcount(mask) == std::popcount(seen)) {
                with_as_many += 1.0;
                independence += as_large(ratios.independence, of_seen.independence) ? 1.0 : 0.0;
            }
        }
        const VarBacktest test = backtest_var(actual_of(seen, count), var, p);
        ASSERT_EQ(test.exceedances, static_cast<std::size_t>(std::popcount(seen)));
        ASSERT_NEAR(test.coverage.statistic, of_seen.coverage, 1e-12);
        ASSERT_NEAR(test.independence.statistic, of_seen.independence, 1e-12) << seen;
        ASSERT_NEAR(test.coverage.p_value, coverage, 1e-12);
        ASSERT_NEAR(test.independence.p_value, independence / with_as_many, 1e-12) << seen;
        ASSERT_NEAR(test.conditional.p_value, conditional, 1e-12) << seen;
    }
}

/// Normal values beside VaR and CVaR of bands that are `width` times as wide as they should be.
class Forecasts {
  public:
    explicit Forecasts(double width)
        : var_(periods, -1.6448536269514722 * width), cvar_(periods, -2.0627128075074257 * width) {}

    [[nodiscard]] VarBacktest var(const std::vector<double>& actual) const { return backtest_var(actual, var_, level); }
    [[nodiscard]] CvarBacktest cvar(const std::vector<double>& actual, std::uint32_t resamples = 399) const {
        return backtest_cvar(actual, var_, cvar_, level, {.seed = 5, .resamples = resamples});
    }

  private:
    std::vector<double> var_;
    std::vector<double> cvar_;
};

std::vector<double> normals(std::mt19937_64& engine, double persistence = 0.0) {
    std::normal_distribution<double> normal;
    std::vector<double> values(periods);
    double before = normal(engine);
    for (double& value : values) {
        value = persistence * before + std::sqrt(1.0 - persistence * persistence) * normal(engine);
        before = value;
    }
    return values;
}

/// Shares of p-values of at most 5%: coverage, independence, conditional, CVaR.
std::array<double, 4> flagged(double width, double persistence, int repetitions) {
    std::mt19937_64 engine(31);
    const Forecasts forecasts(width);
    std::array<double, 4> shares{};
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        const std::vector<double> actual = normals(engine, persistence);
        const VarBacktest var = forecasts.var(actual);
        const std::array<double, 4> p{var.coverage.p_value, var.independence.p_value, var.conditional.p_value,
                                      forecasts.cvar(actual).p_value};
        for (std::size_t k = 0; k < p.size(); ++k) {
            shares[k] += p[k] <= 0.05 ? 1.0 / repetitions : 0.0;
        }
    }
    return shares;
}

TEST(Backtests, RightBandsAreFlaggedAtTheirLevel) {
    for (const double share : flagged(1.0, 0.0, 2'000)) {
        EXPECT_NEAR(share, 0.05, 0.02);
    }
}

TEST(Backtests, BandsAThirdTooNarrowAreFound) {
    const std::array<double, 4> shares = flagged(2.0 / 3.0, 0.0, 400);
    EXPECT_GE(shares[0], 0.8);
    EXPECT_GE(shares[2], 0.8);
    EXPECT_GE(shares[3], 0.8);
    EXPECT_LT(shares[1], 0.1);  // exceedances are many, but do not follow each other
}

TEST(Backtests, ExceedancesThatFollowEachOtherAreFound) {
    const std::array<double, 4> shares = flagged(1.0, 0.8, 400);
    EXPECT_GE(shares[1], 0.8);
    EXPECT_GE(shares[2], 0.6);
}

TEST(CvarBacktest, TailsOfTheRightShareButTooLongAreFound) {
    // below the VaR, everything twice as far from it
    std::mt19937_64 engine(32);
    const Forecasts forecasts(1.0);
    constexpr int repetitions = 400;
    int found = 0;
    double excess = 0.0;
    for (int repetition = 0; repetition < repetitions; ++repetition) {
        std::vector<double> actual = normals(engine);
        for (double& value : actual) {
            value += std::min(0.0, value + 1.6448536269514722);
        }
        const CvarBacktest test = forecasts.cvar(actual, 199);
        found += test.p_value <= 0.05 ? 1 : 0;
        excess += test.excess.value / repetitions;
    }
    EXPECT_NEAR(excess, 1.0, 0.15);
    EXPECT_GE(found, repetitions * 4 / 10);  // of a dozen exceedances
}

TEST(CvarBacktest, ByHand) {
    const std::vector<double> actual{-3.0, 1.0, 1.0, -2.0};
    const std::vector<double> var{-1.0, -1.0, -1.0, -1.0};
    const std::vector<double> cvar{-2.0, -2.0, -2.0, -2.0};
    const CvarBacktest test = backtest_cvar(actual, var, cvar, 0.25);
    EXPECT_EQ(test.exceedances, 2U);
    EXPECT_NEAR(test.excess.value, (2.0 + 1.0) / 4.0 / 0.25 - 1.0, 1e-15);
    // variance of 2, 0, 0, 1 is 11/12
    EXPECT_NEAR(test.excess.se, std::sqrt(11.0 / 12.0 / 4.0) / 0.25, 1e-12);
    const std::vector<double> far(4, -5.0);
    const std::vector<double> farther(4, -6.0);
    EXPECT_EQ(backtest_cvar(actual, far, farther, 0.25).p_value, 1.0);
}

TEST(Backtests, RefuseWhatIsNoForecast) {
    const std::vector<double> some{0.0, 1.0};
    const std::vector<double> lower{-1.0, 0.0};
    const std::vector<double> missing{0.0, std::numeric_limits<double>::quiet_NaN()};
    EXPECT_THROW((void)backtest_var(some, missing, 0.05), InputError);
    EXPECT_THROW((void)backtest_var(some, some, 0.0), InputError);
    EXPECT_THROW((void)backtest_var(std::vector{1.0}, std::vector{1.0}, 0.05), InputError);
    EXPECT_THROW((void)backtest_cvar(some, some, some, 0.05), InputError);
    EXPECT_NO_THROW((void)backtest_cvar(some, some, lower, 0.05));
}

}  // namespace
}  // namespace clv
