// The odds of having dropped out, which P(alive), the likelihoods and the paths all rest on, against sums of their own.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "clv/paths/purchase_posterior.hpp"

namespace clv {
namespace {

struct Purchases {
    double x;
    double t_x;
    double T;
};

/// ln of s times the integral over y in (t_x, T) of ((alpha + T) / (alpha + y))^(r + x) ((beta + T) / (beta + y))^s
/// / (beta + y), by Simpson's rule on a grid that is finer wherever either sum is small.
double pareto_log_odds(const PurchaseParameters& parameters, const Purchases& h) {
    const auto [r, alpha, s, beta] = parameters;
    const double offset = std::min(alpha, beta) + h.t_x;
    const double end = std::log((h.T - h.t_x) / offset + 1.0);
    constexpr int panels = 20'000;
    double sum = 0.0;
    for (int i = 0; i <= 2 * panels; ++i) {
        const double v = end * i / (2.0 * panels);
        const double y = h.t_x + offset * std::expm1(v);
        const double weight = i == 0 || i == 2 * panels ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
        sum +=
            weight *
            std::exp((r + h.x) * std::log((alpha + h.T) / (alpha + y)) + s * std::log((beta + h.T) / (beta + y)) + v) *
            offset / (beta + y);
    }
    return std::log(s * sum * end / (6.0 * panels));
}

TEST(DropoutOdds, OfParetoNbdAreTheirIntegral) {
    const std::vector<PurchaseParameters> laws{
        {.5532770, 10.577683, .6062400, 11.668735}, {2.5, 0.7, 3.6, 120.0}, {.05, 300.0, .1, .5}, {8.0, 40.0, .2, .01}};
    const std::vector<Purchases> histories{{0, 0, 1},       {0, 0, 3'000},     {2, 30.43, 38.86}, {500, .5, 1},
                                           {500, 51.0, 52}, {20, 30.0, 300.0}, {1, 2'000, 3'000}, {100, 1, 60}};
    for (const PurchaseParameters& law : laws) {
        for (const Purchases& h : histories) {
            EXPECT_NEAR(dropout_log_odds(PurchaseLaw::pareto_nbd, law, h.x, h.t_x, h.T), pareto_log_odds(law, h), 1e-10)
                << "r " << law[0] << ", x " << h.x << ", T " << h.T;
        }
    }
}

TEST(DropoutOdds, OfBgBbAreTheSumOfTheirPaths) {
    const auto [alpha, beta, gamma, delta] = PurchaseParameters{1.2, .75, .66, 2.78};
    const auto log_beta = [](double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); };
    for (const Purchases& h :
         {Purchases{0, 0, 6}, Purchases{1, 1, 6}, Purchases{3, 5, 6}, Purchases{2, 4, 40}, Purchases{6, 6, 6}}) {
        double dropped = 0.0;
        for (double last = h.t_x; last < h.T; last += 1.0) {
            dropped += std::exp(log_beta(alpha + h.x, beta + last - h.x) + log_beta(gamma + 1.0, delta + last));
        }
        const double alive = std::exp(log_beta(alpha + h.x, beta + h.T - h.x) + log_beta(gamma, delta + h.T));
        const double odds =
            std::exp(dropout_log_odds(PurchaseLaw::bg_bb, {alpha, beta, gamma, delta}, h.x, h.t_x, h.T));
        EXPECT_NEAR(odds, dropped / alive, 1e-11 * odds);
    }
}

TEST(DropoutOdds, StayFiniteWhereNobodyCouldStillBeACustomer) {
    const double odds = dropout_log_odds(PurchaseLaw::bg_nbd, {.24, 4.4, .8, 2.4}, 500, 10, 3'000);
    EXPECT_GT(odds, 1'000.0);
    EXPECT_TRUE(std::isfinite(odds));
    EXPECT_EQ(purchase_posterior(PurchaseLaw::bg_nbd, {.24, 4.4, .8, 2.4}, 500, 10, 3'000).alive, 0.0);
}

TEST(ExpectedSpend, LearnsNothingFromPurchasesOfNoValue) {
    const SpendParameters cdnow{6.249572, 3.744225, 15.443521};
    EXPECT_EQ(expected_spend(cdnow, 4, 0.0), expected_spend(cdnow, 0, 0.0));
    EXPECT_LT(expected_spend(cdnow, 4, 1e-9), expected_spend(cdnow, 0, 0.0));
    EXPECT_TRUE(std::isnan(expected_spend({6.0, 0.9, 15.0}, 0, 0.0)));
}

}  // namespace
}  // namespace clv
