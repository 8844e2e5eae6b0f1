#include "clv/math/quadrature.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

namespace clv {
namespace {

TEST(Quadrature, IntegralsWithSingularEnds) {
    const auto power = [](double k) {
        return unit_integral(
            [=](double, double log_z, double, double log_weight) { return std::exp(k * log_z + log_weight); });
    };
    EXPECT_NEAR(power(2.0), 1.0 / 3.0, 1e-12);
    EXPECT_NEAR(power(-0.5), 2.0, 1e-11);
    EXPECT_NEAR(power(-0.99), 100.0, 1e-8);
    const double both = unit_integral([](double, double log_z, double log_rest, double log_weight) {
        return std::exp(-0.5 * (log_z + log_rest) + log_weight);
    });
    EXPECT_NEAR(both, std::acos(-1.0), 1e-11);
}

TEST(Quadrature, ExpectationsUnderABeta) {
    for (const auto& [a, b] : {std::pair{0.8, 2.4}, std::pair{0.01, 0.02}, std::pair{40.0, 3.0}, std::pair{25.0, 30.0},
                               std::pair{11111.0, 1e5}, std::pair{3959.0, 1.4e5}, std::pair{1e5, 1e10}}) {
        EXPECT_NEAR(beta_expectation(a, b, [](double) { return 5.0; }), 5.0, 1e-12);
        EXPECT_NEAR(beta_expectation(a, b, [](double p) { return p; }), a / (a + b), 1e-11);
        EXPECT_NEAR(beta_expectation(a, b, [](double p) { return p * p; }), a * (a + 1.0) / ((a + b) * (a + b + 1.0)),
                    1e-11);
    }
}

TEST(Quadrature, RatiosOfGammaFunctions) {
    EXPECT_NEAR(log_gamma_ratio(5.0, 2.0), std::log(30.0), 1e-13);
    EXPECT_NEAR(log_gamma_ratio(25.0, 1.0), std::log(25.0), 1e-13);
    EXPECT_NEAR(log_gamma_ratio(1e9, 0.5), 0.5 * std::log(1e9), 1e-9);
}

}  // namespace
}  // namespace clv
