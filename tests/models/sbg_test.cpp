#include "clv/models/sbg.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

struct Renewed {
    std::vector<double> at_risk;
    std::vector<std::uint64_t> churned;
};

/// Counts of a cohort of 1000 followed over seven renewals, from its survivors (Fader and Hardie 2007, table 1).
Renewed cohort_of(const std::array<std::uint64_t, 8>& survivors) {
    Renewed cohort;
    for (std::size_t t = 1; t < survivors.size(); ++t) {
        cohort.at_risk.push_back(static_cast<double>(survivors[t - 1]));
        cohort.churned.push_back(survivors[t - 1] - survivors[t]);
    }
    return cohort;
}

const Renewed high_end = cohort_of({1000, 869, 743, 653, 593, 551, 517, 491});
const Renewed regular = cohort_of({1000, 631, 468, 382, 326, 289, 262, 241});

TEST(Sbg, FitsHighEnd) {
    const SbgFit fit = fit_sbg(high_end.at_risk, high_end.churned);
    EXPECT_EQ(fit.status, FitStatus::converged);
    EXPECT_NEAR(fit.model.alpha, 0.668088, 1e-6);
    EXPECT_NEAR(fit.model.beta, 3.806096, 5e-6);
    EXPECT_NEAR(fit.log_likelihood, -1611.158147, 1e-6);
    EXPECT_NEAR(fit.model.survival(12), 0.377999, 1e-6);
}

TEST(Sbg, FitsRegular) {
    const SbgFit fit = fit_sbg(regular.at_risk, regular.churned);
    EXPECT_EQ(fit.status, FitStatus::converged);
    EXPECT_NEAR(fit.model.alpha, 0.704077, 1e-6);
    EXPECT_NEAR(fit.model.beta, 1.182043, 1e-6);
    EXPECT_NEAR(fit.log_likelihood, -1680.265188, 1e-6);
    EXPECT_NEAR(fit.model.survival(12), 0.170037, 1e-6);
}

TEST(Sbg, StandardErrorsAreTheCurvatureAtTheMaximum) {
    const SbgFit fit = fit_sbg(high_end.at_risk, high_end.churned);
    const auto at = [&](double alpha_step, double beta_step) {
        const ShiftedBetaGeometric model{fit.model.alpha + alpha_step, fit.model.beta + beta_step};
        return model.log_likelihood(high_end.at_risk, high_end.churned);
    };
    const double a = 1e-3;
    const double b = 5e-3;
    const double aa = (at(a, 0) - 2 * at(0, 0) + at(-a, 0)) / (a * a);
    const double bb = (at(0, b) - 2 * at(0, 0) + at(0, -b)) / (b * b);
    const double ab = (at(a, b) - at(a, -b) - at(-a, b) + at(-a, -b)) / (4 * a * b);
    const double determinant = aa * bb - ab * ab;
    EXPECT_NEAR(fit.alpha_se, std::sqrt(-bb / determinant), 1e-3 * fit.alpha_se);
    EXPECT_NEAR(fit.beta_se, std::sqrt(-aa / determinant), 1e-3 * fit.beta_se);
}

TEST(Sbg, ResidualLifetimeAsPublished) {
    const ShiftedBetaGeometric steady{3.80, 15.20};
    const std::array<double, 5> steady_published{3.31, 3.45, 3.59, 3.72, 3.84};
    const ShiftedBetaGeometric polarised{1.0 / 15.0, 4.0 / 15.0};
    const std::array<double, 5> polarised_published{7.6815, 9.4620, 9.8560, 10.0605, 10.1924};
    for (int n = 1; n <= 5; ++n) {
        const auto k = static_cast<std::size_t>(n - 1);
        EXPECT_NEAR(steady.residual_lifetime(n, 0.1), steady_published[k], 5e-3) << n;
        EXPECT_NEAR(polarised.residual_lifetime(n, 0.1), polarised_published[k], 5e-5) << n;
    }
}

TEST(Sbg, ResidualLifetimeIsTheSum) {
    const ShiftedBetaGeometric model{1.5, 2.5};
    for (const double rate : {0.5, 0.1, 0.01, 0.001}) {
        double kept = 4.5;  // beta + n - 1 for n = 3
        double term = kept / (1.5 + kept);
        double sum = 0.0;
        while (term > 1e-20) {
            sum += term;
            kept += 1.0;
            term *= kept / (1.5 + kept) / (1.0 + rate);
        }
        EXPECT_NEAR(model.residual_lifetime(3, rate), sum, 1e-11 * sum) << rate;
    }
    EXPECT_DOUBLE_EQ(model.residual_lifetime(3, 0.0), 4.5 / 0.5);
    EXPECT_TRUE(std::isinf(ShiftedBetaGeometric({0.7, 1.0}).residual_lifetime(1, 0.0)));
    EXPECT_THROW((void)model.residual_lifetime(0, 0.1), ModelError);
    EXPECT_THROW((void)model.residual_lifetime(1, -0.1), ModelError);
    EXPECT_THROW((void)model.residual_lifetime(1, 1e-9), ModelError);
}

TEST(Sbg, HazardIsTheLogOfRetention) {
    const ShiftedBetaGeometric model{0.668, 3.806};
    double cumulative = 0.0;
    for (int t = 1; t <= 30; ++t) {
        cumulative += model.hazard(t);
        EXPECT_NEAR(std::exp(-cumulative), model.survival(t), 1e-14);
    }
}

TEST(Sbg, SaysWhatIsNotIdentified) {
    using Customers = std::vector<double>;
    using Counts = std::vector<std::uint64_t>;
    // One period only tells alpha / (alpha + beta).
    const SbgFit one_period = fit_sbg(Customers{100}, Counts{20});
    EXPECT_NE(one_period.status, FitStatus::converged);
    EXPECT_NEAR(one_period.model.retention(1), 0.8, 1e-4);
    EXPECT_TRUE(std::isnan(one_period.alpha_se));
    // Retention that falls with age contradicts the model: the best it can do is the same for everybody.
    EXPECT_NE(fit_sbg(Customers{1000, 950, 855}, Counts{50, 95, 200}).status, FitStatus::converged);
    EXPECT_NE(fit_sbg(Customers{100}, Counts{100}).status, FitStatus::converged);
    EXPECT_NE(fit_sbg(Customers{100, 100}, Counts{0, 0}).status, FitStatus::converged);
}

TEST(Sbg, RefusesWhatIsNoCount) {
    using Customers = std::vector<double>;
    using Counts = std::vector<std::uint64_t>;
    EXPECT_THROW((void)fit_sbg(Customers{}, Counts{}), InputError);
    EXPECT_THROW((void)fit_sbg(Customers{10}, Counts{11}), InputError);
    EXPECT_THROW((void)fit_sbg(Customers{10, 0}, Counts{10, 0}), InputError);
}

}  // namespace
}  // namespace clv
