// Standard errors against the curvature of likelihoods written anew, by second differences on the natural scale; and
// gradients of the odds of having dropped out, which the fits use, against differences of the odds.

#include <gtest/gtest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "clv/models/purchase_fit.hpp"
#include "clv/models/spend_fit.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "models/summaries.hpp"

namespace clv {
namespace {

double log_beta(double a, double b) {
    return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

/// Square roots of the diagonal of the inverse of minus the second differences.
std::vector<double> errors_of(const std::function<double(const std::vector<double>&)>& likelihood,
                              const std::vector<double>& at) {
    const auto size = static_cast<Eigen::Index>(at.size());
    Eigen::MatrixXd information(size, size);
    const auto moved = [&](std::size_t i, double by, std::size_t j, double and_by) {
        constexpr double step = 1e-3;
        std::vector<double> point = at;
        point[i] += by * step * at[i];
        point[j] += and_by * step * at[j];
        return likelihood(point) / (step * step);
    };
    for (std::size_t i = 0; i < at.size(); ++i) {
        for (std::size_t j = 0; j < at.size(); ++j) {
            const double second =
                (moved(i, 1, j, 1) - moved(i, 1, j, -1) - moved(i, -1, j, 1) + moved(i, -1, j, -1)) / 4.0;
            information(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = -second / (at[i] * at[j]);
        }
    }
    const Eigen::MatrixXd covariance = information.inverse();
    std::vector<double> errors;
    for (Eigen::Index i = 0; i < size; ++i) {
        errors.push_back(std::sqrt(covariance(i, i)));
    }
    return errors;
}

TEST(StandardErrors, OfGammaGamma) {
    std::mt19937_64 engine(5);
    PurchaseSummary customers;
    for (int i = 0; i < 3'000; ++i) {
        const double x = 1.0 + std::floor(std::exponential_distribution<double>(0.5)(engine));
        const double scale = 1.0 / std::gamma_distribution<double>(3.7, 1.0 / 15.4)(engine);
        customers.frequency.push_back(x);
        customers.monetary_value.push_back(std::gamma_distribution<double>(6.2 * x, scale / x)(engine));
    }
    const SpendFit fit = fit_spend(customers);
    ASSERT_EQ(fit.status, FitStatus::converged);
    const auto likelihood = [&](const std::vector<double>& at) {
        const double p = at[0];
        const double q = at[1];
        const double v = at[2];
        double sum = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            const double x = customers.frequency[i];
            const double m = customers.monetary_value[i];
            sum += -log_beta(p * x, q) + q * std::log(v) + (p * x - 1.0) * std::log(m) + p * x * std::log(x) -
                   (p * x + q) * std::log(v + x * m);
        }
        return sum;
    };
    const std::vector<double> at(fit.parameters.begin(), fit.parameters.end());
    EXPECT_NEAR(fit.log_likelihood, likelihood(at), 1e-9 * std::abs(fit.log_likelihood));
    const std::vector<double> errors = errors_of(likelihood, at);
    const double truth[] = {6.2, 3.7, 15.4};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(fit.standard_errors[i], errors[i], 1e-3 * errors[i]) << i;
        EXPECT_NEAR(at[i], truth[i], 4.0 * errors[i]) << i;
    }
}

TEST(StandardErrors, OfBgBb) {
    if (!has_reference_data()) {
        GTEST_SKIP() << "no reference data";
    }
    const PurchaseSummary customers = donations();
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_bb);
    ASSERT_EQ(fit.status, FitStatus::converged);
    const auto likelihood = [&](const std::vector<double>& at) {
        double sum = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            const double x = customers.frequency[i];
            const double n = customers.age[i];
            const auto ending = [&](double last, double dropped) {
                return std::exp(log_beta(at[0] + x, at[1] + last - x) - log_beta(at[0], at[1]) +
                                log_beta(at[2] + dropped, at[3] + last) - log_beta(at[2], at[3]));
            };
            double probability = ending(n, 0.0);
            for (double last = customers.recency[i]; last < n; last += 1.0) {
                probability += ending(last, 1.0);
            }
            sum += (customers.weight.empty() ? 1.0 : customers.weight[i]) * std::log(probability);
        }
        return sum;
    };
    const std::vector<double> at(fit.model.parameters.begin(), fit.model.parameters.end());
    EXPECT_NEAR(fit.log_likelihood, likelihood(at), 1e-9 * std::abs(fit.log_likelihood));
    const std::vector<double> errors = errors_of(likelihood, at);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(fit.standard_errors[i], errors[i], 1e-3 * errors[i]) << i;
    }
}

TEST(DropoutOdds, HaveTheSlopesOfTheirDifferences) {
    struct Case {
        PurchaseLaw law;
        PurchaseParameters parameters;
        double x;
        double recency;
        double age;
    };
    for (const Case& at : {Case{PurchaseLaw::bg_nbd, {.243, 4.414, .793, 2.426}, 2, 30.43, 38.86},
                           Case{PurchaseLaw::mbg_nbd, {.525, 6.183, .891, 1.614}, 0, 0, 38.86},
                           Case{PurchaseLaw::pareto_nbd, {.553, 10.578, .606, 11.669}, 2, 30.43, 38.86},
                           Case{PurchaseLaw::pareto_nbd, {.05, 300.0, .1, .5}, 20, 30, 300},
                           Case{PurchaseLaw::pareto_nbd, {2.5, 0.7, 3.6, 120.0}, 500, 51, 52},
                           Case{PurchaseLaw::bg_bb, {1.2, .75, .66, 2.78}, 3, 4, 9},
                           Case{PurchaseLaw::bg_bb, {1.2, .75, .66, 2.78}, 0, 0, 1}}) {
        PurchaseParameters slopes{};
        const double value = dropout_log_odds(at.law, at.parameters, at.x, at.recency, at.age, &slopes);
        EXPECT_EQ(value, dropout_log_odds(at.law, at.parameters, at.x, at.recency, at.age));
        for (std::size_t k = 0; k < 4; ++k) {
            const double step = 1e-4 * at.parameters[k];
            const auto moved = [&](double steps) {
                PurchaseParameters parameters = at.parameters;
                parameters[k] += steps * step;
                return dropout_log_odds(at.law, parameters, at.x, at.recency, at.age);
            };
            const double slope = (8.0 * (moved(1) - moved(-1)) - (moved(2) - moved(-2))) / (12.0 * step);
            EXPECT_NEAR(slopes[k], slope, 1e-8 * std::max(1.0, std::abs(value)) / at.parameters[k])
                << static_cast<int>(at.law) << ", parameter " << k;
        }
    }
}

}  // namespace
}  // namespace clv
