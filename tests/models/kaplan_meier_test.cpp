#include "clv/models/kaplan_meier.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/paths/subscription_columns.hpp"

namespace clv {
namespace {

using Customers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

KaplanMeier fit(const std::vector<double>& tenure, const std::vector<std::uint8_t>& churned) {
    return fit_kaplan_meier(tenure, churned);
}

TEST(KaplanMeier, CountsMonthsAsHalfOpenIntervals) {
    // Left at 0, 1 and 2.5: months 1, 1 and 3. Still there at 0, 2.9 and 4: the second was at risk at 2.5 too.
    const KaplanMeier km = fit({0.0, 1.0, 2.5, 0.0, 2.9, 4.0}, {1, 1, 1, 0, 0, 0});
    EXPECT_EQ(km.at_risk, (Customers{5, 3, 3, 1}));
    EXPECT_EQ(km.churned, (Counts{2, 0, 1, 0}));
    EXPECT_DOUBLE_EQ(km.survival[0], 0.6);
    EXPECT_DOUBLE_EQ(km.survival[1], 0.6);
    EXPECT_DOUBLE_EQ(km.survival[2], 0.4);
    EXPECT_DOUBLE_EQ(km.survival[3], 0.4);
    EXPECT_NEAR(km.hazard(1), -std::log(0.6), 1e-15);
    EXPECT_EQ(km.hazard(2), 0.0);
    EXPECT_NEAR(km.hazard(5), -std::log1p(-3.0 / 12.0), 1e-15);
}

TEST(KaplanMeier, WhoIsStillThereInAMonthIsAtRiskInIt) {
    // One of a hundred left at 11.5, the others are still there at 11.5.
    std::vector<std::uint8_t> churned(100, 0);
    churned[0] = 1;
    const KaplanMeier km = fit(std::vector<double>(100, 11.5), churned);
    ASSERT_EQ(km.months(), 12U);
    EXPECT_EQ(km.at_risk[11], 100.0);
    EXPECT_DOUBLE_EQ(km.survival[11], 0.99);
    // In a month without churn for the part that they were seen.
    EXPECT_EQ(fit({0.25, 0.5, 2.0}, {0, 0, 1}).at_risk, (Customers{1.75, 1.0}));
    // Renewals are due at the end of a period: half of one counts for nothing.
    EXPECT_EQ(fit_kaplan_meier(std::vector<double>{0.5, 1.5, 2.0}, std::vector<std::uint8_t>{0, 0, 1}, {},
                               Leaving::period_ends)
                  .at_risk,
              (Customers{2.0, 1.0}));
}

TEST(KaplanMeier, IsTheProductOverTheTimesAtWhichSomebodyLeft) {
    // Exponential lives, 5% a month, of those who joined evenly over a year: tenures end within months.
    constexpr int customers = 20'000;
    constexpr double rate = 0.05;
    std::uint64_t state = 7;
    const auto uniform = [&] {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return (static_cast<double>(state >> 11U) + 0.5) * 0x1p-53;
    };
    std::vector<double> tenure;
    std::vector<std::uint8_t> churned;
    for (int i = 0; i < customers; ++i) {
        const double since = 12.0 * uniform();
        const double life = -std::log(uniform()) / rate;
        tenure.push_back(std::min(since, life));
        churned.push_back(life < since ? 1 : 0);
    }
    const KaplanMeier km = fit(tenure, churned);
    std::vector<std::size_t> order(tenure.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return tenure[i]; });
    double survival = 1.0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const std::size_t i = order[k];
        survival *= churned[i] != 0 ? 1.0 - 1.0 / static_cast<double>(order.size() - k) : 1.0;
        const bool is_last_of_month = k + 1 == order.size() || std::ceil(tenure[order[k + 1]]) > std::ceil(tenure[i]);
        if (is_last_of_month) {
            const auto month = static_cast<std::size_t>(std::ceil(tenure[i]));
            EXPECT_NEAR(km.survival[month - 1], survival, 1e-12) << month;
            const double z = (survival - std::exp(-rate * static_cast<double>(month))) / km.standard_error[month - 1];
            EXPECT_LT(std::abs(z), month < 12 ? 3.5 : 6.0) << month;  // in the last month few are left to see
        }
    }
}

TEST(KaplanMeier, GreenwoodAndLogLogLimits) {
    // Freireich's 6-MP arm, the textbook case: S(6) = .857 (se .0764), S(10) = .753 (.0963), S(23) = .448 (.1346),
    // with log-log limits .620-.952 at 6, .503-.889 at 10 and .188-.680 at 23.
    const std::vector<double> weeks{6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35};
    std::vector<std::uint8_t> relapsed(weeks.size(), 0);
    std::fill_n(relapsed.begin(), 9, std::uint8_t{1});
    const KaplanMeier km = fit(weeks, relapsed);
    EXPECT_NEAR(km.survival[5], 0.857, 5e-4);
    EXPECT_NEAR(km.standard_error[5], 0.0764, 5e-5);
    EXPECT_NEAR(km.low[5], 0.620, 5e-4);
    EXPECT_NEAR(km.high[5], 0.952, 5e-4);
    EXPECT_NEAR(km.survival[9], 0.753, 5e-4);
    EXPECT_NEAR(km.standard_error[9], 0.0963, 5e-5);
    EXPECT_NEAR(km.low[9], 0.503, 5e-4);
    EXPECT_NEAR(km.high[9], 0.889, 5e-4);
    EXPECT_NEAR(km.survival[22], 0.448, 5e-4);
    EXPECT_NEAR(km.standard_error[22], 0.1346, 5e-5);
    EXPECT_NEAR(km.low[22], 0.188, 5e-4);
    EXPECT_NEAR(km.high[22], 0.680, 5e-4);
}

TEST(KaplanMeier, ObservedHazardIsABinomialShare) {
    const KaplanMeier km = kaplan_meier_of({100, 10, 1}, {20, 0, 1});
    const Estimate first = km.observed_hazard(1);
    EXPECT_DOUBLE_EQ(first.value, 0.2);
    EXPECT_NEAR(first.se, 0.04, 1e-15);
    EXPECT_NEAR(first.low, 0.1333669, 1e-7);  // roots of |p - h| = z sqrt(p (1 - p) / n)
    EXPECT_NEAR(first.high, 0.2888292, 1e-7);
    // the month's part of Greenwood's variance of the log of survival, d / (n (n - d)), by the delta method
    EXPECT_NEAR(first.se, km.standard_error[0], 1e-15);
    const Estimate nobody = km.observed_hazard(2);
    EXPECT_EQ(nobody.value, 0.0);
    EXPECT_EQ(nobody.low, 0.0);
    EXPECT_NEAR(nobody.high, 3.8414588 / 13.8414588, 1e-7);
    const Estimate everybody = km.observed_hazard(3);
    EXPECT_EQ(everybody.value, 1.0);
    EXPECT_EQ(everybody.high, 1.0);
    EXPECT_NEAR(everybody.low, 1.0 / 4.8414588, 1e-7);
}

TEST(KaplanMeier, HazardIntervalsHoldWhatTheyPromise) {
    // Exactly, by the binomial distribution of who leaves: mean coverage over hazards of .5% to 50%.
    const auto mean_coverage = [](std::uint64_t at_risk, auto limits) {
        const auto n = static_cast<double>(at_risk);
        double sum = 0.0;
        int hazards = 0;
        for (double hazard = 0.005; hazard <= 0.5; hazard += 0.005, ++hazards) {
            for (std::uint64_t left = 0; left <= at_risk; ++left) {
                const auto d = static_cast<double>(left);
                const auto [low, high] =
                    limits(kaplan_meier_of({static_cast<double>(at_risk)}, {left}).observed_hazard(1));
                if (low <= hazard && hazard <= high) {
                    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(d + 1.0) - std::lgamma(n - d + 1.0) +
                                    d * std::log(hazard) + (n - d) * std::log1p(-hazard));
                }
            }
        }
        return sum / hazards;
    };
    const auto ours = [](const Estimate& hazard) { return std::pair(hazard.low, hazard.high); };
    const auto normal = [](const Estimate& hazard) {
        return std::pair(hazard.value - 1.96 * hazard.se, hazard.value + 1.96 * hazard.se);
    };
    for (const std::uint64_t at_risk : {10U, 30U, 100U}) {
        EXPECT_NEAR(mean_coverage(at_risk, ours), 0.95, 0.02) << at_risk;
    }
    EXPECT_LT(mean_coverage(10, normal), 0.85);  // what value +- 1.96 se would have been
}

TEST(KaplanMeier, TailIsTheEventRateOfTheLastTwelveMonths) {
    // 100 churn in each of months 1..3 and one in each of months 4..15, with one customer left.
    std::vector<double> tenure(300);
    for (std::size_t i = 0; i < 300; ++i) {
        tenure[i] = 1.0 + static_cast<double>(i / 100);
    }
    for (int month = 4; month <= 15; ++month) {
        tenure.push_back(month);
    }
    std::vector<std::uint8_t> churned(tenure.size(), 1);
    tenure.push_back(15.0);
    churned.push_back(0);
    const KaplanMeier km = fit(tenure, churned);
    ASSERT_EQ(km.months(), 15U);
    EXPECT_NEAR(km.tail_hazard, -std::log1p(-12.0 / 90.0), 1e-14);  // at risk 13 + 12 + .. + 2
}

TEST(KaplanMeier, NothingDegenerateGivesNan) {
    EXPECT_EQ(fit({}, {}).months(), 0U);
    EXPECT_EQ(fit({0.0, 0.9}, {0, 0}).months(), 0U);
    EXPECT_EQ(fit({0.0, 0.9}, {0, 0}).hazard(1), 0.0);

    const KaplanMeier nobody_left = fit({0.3}, {1});
    EXPECT_EQ(nobody_left.hazard(1), certain_churn_hazard);
    EXPECT_EQ(nobody_left.hazard(2), certain_churn_hazard);
    EXPECT_TRUE(std::isnan(nobody_left.standard_error[0]));

    const KaplanMeier nobody_churned = fit({1.0, 2.0}, {0, 0});
    EXPECT_EQ(nobody_churned.tail_hazard, 0.0);
    EXPECT_EQ(nobody_churned.standard_error[1], 0.0);
    EXPECT_EQ(nobody_churned.low[1], 1.0);
}

TEST(KaplanMeier, RefusesWhatIsNoTenure) {
    EXPECT_THROW(fit({-1.0}, {0}), InputError);
    EXPECT_THROW(fit({std::numeric_limits<double>::quiet_NaN()}, {0}), InputError);
    EXPECT_THROW(fit({1.0e9}, {0}), InputError);
    EXPECT_THROW(fit({1.0, 2.0}, {0}), InputError);
}

}  // namespace
}  // namespace clv
