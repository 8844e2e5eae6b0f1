#include "clv/models/purchase_models.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace clv {
namespace {

const PurchaseModel bg{PurchaseLaw::bg_nbd, {.243, 4.414, .793, 2.426}, TimeUnit::week};
const PurchaseModel mbg{PurchaseLaw::mbg_nbd, {.525, 6.183, .891, 1.614}, TimeUnit::week};
const PurchaseModel pareto{PurchaseLaw::pareto_nbd, {.553, 10.578, .606, 11.669}, TimeUnit::week};
const PurchaseModel nbd{PurchaseLaw::nbd, {.385, 12.07, 0, 0}, TimeUnit::week};
const PurchaseModel bgbb{PurchaseLaw::bg_bb, {1.2, .75, .66, 2.78}, TimeUnit::year};

TEST(PurchaseModels, ConditionalExpectation) {
    EXPECT_NEAR(bg.conditional_expectation(2, 30.43, 38.86, 39), 1.226028, 5e-7);
    EXPECT_NEAR(bg.p_alive(2, 30.43, 38.86), .726579, 5e-7);
    EXPECT_NEAR(mbg.conditional_expectation(2, 30.43, 38.86, 39), 1.26296, 5e-6);
    EXPECT_NEAR(mbg.p_alive(2, 30.43, 38.86), .706202, 5e-7);
    EXPECT_EQ(bg.p_alive(0, 0, 30), 1.0);
    EXPECT_LT(mbg.p_alive(0, 0, 30), 1.0);
}

TEST(PurchaseModels, CountsSumToOneAndHaveTheExpectedMean) {
    for (const PurchaseModel& model : {bg, mbg, pareto, nbd, bgbb}) {
        double sum = 0.0;
        double mean = 0.0;
        for (int n = 0; n <= 160; ++n) {
            const double p = model.count_probability(n, 12);
            sum += p;
            mean += n * p;
        }
        EXPECT_NEAR(sum, 1.0, 1e-9) << static_cast<int>(model.law);
        EXPECT_NEAR(mean, model.expected_purchases(12), 1e-8) << static_cast<int>(model.law);
    }
}

TEST(PurchaseModels, ConditionalExpectationAddsUpToTheUnconditional) {
    // at age 0 nothing is known yet
    for (const PurchaseModel& model : {bg, mbg, pareto, nbd}) {
        EXPECT_NEAR(model.conditional_expectation(0, 0, 0, 9), model.expected_purchases(9), 1e-12);
    }
}

TEST(PurchaseModels, DiscountedResidualIsTheDiscountedSum) {
    constexpr double rate = 0.05;
    constexpr double step = 0.05;
    for (const PurchaseModel& model : {bg, mbg, pareto, nbd}) {
        double sum = 0.0;
        double before = 0.0;
        for (int k = 1; k <= 16'000; ++k) {
            const double now = model.conditional_expectation(2, 30.43, 38.86, k * step);
            sum += (now - before) * std::exp(-rate * (k - 0.5) * step);
            before = now;
        }
        EXPECT_NEAR(model.discounted_residual(2, 30.43, 38.86, rate), sum, 1e-5 * sum) << static_cast<int>(model.law);
    }
    double sum = 0.0;
    for (int k = 1; k <= 900; ++k) {
        sum += (bgbb.conditional_expectation(2, 4, 6, k) - bgbb.conditional_expectation(2, 4, 6, k - 1)) *
               std::pow(1.05, -k);
    }
    EXPECT_NEAR(bgbb.discounted_residual(2, 4, 6, 0.05), sum, 1e-10);
}

TEST(PurchaseModels, ANarrowDistributionOfDropoutIsNotMissed) {
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd}) {
        const auto expected = [&](double a) {
            return PurchaseModel{law, {7.37, 34.6, a, 9.0 * a}, TimeUnit::week}.conditional_expectation(24, 104.4,
                                                                                                        104.4, 52);
        };
        for (const double a : {1e3, 1e4, 11'111.0, 1e5, 1e7}) {  // all but one chance of 1 in 10 for everybody
            EXPECT_NEAR(expected(a) / expected(100.0), 1.0, 0.02) << a;
        }
    }
}

TEST(PurchaseModels, ExtremeParametersStayFinite) {
    const PurchaseModel split{PurchaseLaw::bg_nbd, {.2, 4, .01, .02}, TimeUnit::week};  // a + b < 1
    EXPECT_TRUE(std::isfinite(split.expected_purchases(52)));
    EXPECT_NEAR(PurchaseModel({PurchaseLaw::bg_nbd, {.2, 4, 1e-6, 1e6}, TimeUnit::week}).expected_purchases(52),
                .2 / 4 * 52, 1e-6);
    EXPECT_NEAR(PurchaseModel({PurchaseLaw::pareto_nbd, {.2, 4, 1, 5}, TimeUnit::week}).expected_purchases(10),
                .2 / 4 * 5 * std::log(3.0), 1e-12);
}

}  // namespace
}  // namespace clv
