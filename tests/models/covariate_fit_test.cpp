#include "clv/models/covariate_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "clv/core/errors.hpp"
#include "clv/models/identification.hpp"
#include "models/simulated_purchases.hpp"

namespace clv {
namespace {

/// Estimate and standard error of everything, on the scale of logarithms and effects.
std::vector<std::pair<double, double>> coordinates(const PurchaseFit& fit) {
    std::vector<std::pair<double, double>> all;
    for (std::size_t i = 0; i < 4; ++i) {
        all.emplace_back(std::log(fit.model.parameters[i]), fit.standard_errors[i] / fit.model.parameters[i]);
    }
    for (std::size_t j = 0; j < fit.covariates.size(); ++j) {
        all.emplace_back(fit.covariates.rate[j], fit.covariates.rate_se[j]);
    }
    for (std::size_t j = 0; j < fit.covariates.size(); ++j) {
        all.emplace_back(fit.covariates.dropout[j], fit.covariates.dropout_se[j]);
    }
    return all;
}

TEST(CovariateFit, RecoversWhatWasSimulated) {
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::pareto_nbd}) {
        SimulatedWorld world;
        world.law = law;
        world.rate_effects = {0.5, -0.15};
        world.dropout_effects = {-0.6, 0.1};
        world.customers = 1'500;
        if (law == PurchaseLaw::pareto_nbd) {
            world.parameters = {0.8, 6.0, 0.9, 25.0};
        }
        const std::vector<double> truth{std::log(world.parameters[0]),
                                        std::log(world.parameters[1]),
                                        std::log(world.parameters[2]),
                                        std::log(world.parameters[3]),
                                        0.5,
                                        -0.15,
                                        -0.6,
                                        0.1};
        constexpr int worlds = 8;
        double squares = 0.0;
        for (int i = 0; i < worlds; ++i) {
            const PurchaseSummary customers = simulated_purchases(world, 100U + static_cast<unsigned>(i));
            const PurchaseFit fit = fit_with_covariates(customers, law, {"z1", "z2"});
            ASSERT_EQ(fit.status, FitStatus::converged) << i;
            const auto found = coordinates(fit);
            for (std::size_t k = 0; k < truth.size(); ++k) {
                const double z = (found[k].first - truth[k]) / found[k].second;
                EXPECT_LT(std::abs(z), 4.5) << k;
                squares += z * z / static_cast<double>(worlds * truth.size());
            }
            // a planted error: effects of the other sign
            EXPECT_GT(std::abs(fit.covariates.rate[0] + 0.5), 4.0 * fit.covariates.rate_se[0]);
        }
        // coordinates of a fit hang together, so that this is a loose bound
        EXPECT_NEAR(squares, 1.0, 4.0 * std::sqrt(2.0 / worlds));
    }
}

TEST(CovariateFit, WithoutEffectsItIsThePlainLikelihood) {
    SimulatedWorld world;
    PurchaseSummary customers = simulated_purchases(world, 5);
    FeatureColumn noise;
    noise.name = "noise";
    std::mt19937_64 engine(9);
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        noise.numbers.push_back(std::normal_distribution<>(100.0, 3.0)(engine));
    }
    customers.features = {noise};
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::nbd}) {
        const PurchaseFit plain = fit_purchases(customers, law);
        const PurchaseFit fit = fit_with_covariates(customers, law, {"noise"});
        EXPECT_EQ(fit.status, FitStatus::converged);
        // twice the gain is chi-squared with one or two degrees of freedom: below 18.4 in 9,999 of 10,000
        EXPECT_GE(fit.log_likelihood, plain.log_likelihood - 1e-7);
        EXPECT_LT(2.0 * (fit.log_likelihood - plain.log_likelihood), 18.4);
        EXPECT_LT(std::abs(fit.covariates.rate[0]), 4.0 * fit.covariates.rate_se[0]);
        // taken at zero effects, the model is the plain one
        const PurchaseModel same = with_factors(plain.model, 1.0, 1.0);
        EXPECT_EQ(same.parameters, plain.model.parameters);
        EXPECT_NEAR(fit.aic, 2.0 * (law == PurchaseLaw::nbd ? 3.0 : 6.0) - 2.0 * fit.log_likelihood, 1e-9);
    }
}

TEST(CovariateFit, AGroupsAlphaIsItsOwn) {
    // A 0/1 covariate on the rate of nbd: two groups that share r. The maximum over r, alpha_0, alpha_1 is sought here
    // by golden sections of the profile, from the closed form alone.
    SimulatedWorld world;
    world.rate_effects = {0.7};
    world.dropout_effects = {0.0};
    world.customers = 800;
    const PurchaseSummary customers = simulated_purchases(world, 21);
    const PurchaseFit fit = fit_with_covariates(customers, PurchaseLaw::nbd, {"z1"});
    const auto log_likelihood = [&](double r, double alpha, double group) {
        double sum = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            if (customers.features[0].numbers[i] == group) {
                const double x = customers.frequency[i];
                sum += std::lgamma(r + x) - std::lgamma(r) + r * std::log(alpha) -
                       (r + x) * std::log(alpha + customers.age[i]);
            }
        }
        return sum;
    };
    const auto maximum = [](double low, double high, auto value) {
        const double ratio = 0.5 * (std::sqrt(5.0) - 1.0);
        for (int step = 0; step < 80; ++step) {
            const double left = high - ratio * (high - low);
            const double right = low + ratio * (high - low);
            (value(left) > value(right) ? high : low) = value(left) > value(right) ? right : left;
        }
        return 0.5 * (low + high);
    };
    const auto best_alpha = [&](double log_r, double group) {
        return maximum(-3.0, 6.0,
                       [&](double log_alpha) { return log_likelihood(std::exp(log_r), std::exp(log_alpha), group); });
    };
    const auto profile = [&](double log_r) {
        double sum = 0.0;
        for (const double group : {0.0, 1.0}) {
            sum += log_likelihood(std::exp(log_r), std::exp(best_alpha(log_r, group)), group);
        }
        return sum;
    };
    const double log_r = maximum(-3.0, 3.0, profile);
    EXPECT_NEAR(fit.log_likelihood, profile(log_r), 1e-6);
    EXPECT_NEAR(std::log(fit.model.parameters[0]), log_r, 1e-4);
    EXPECT_NEAR(std::log(fit.model.parameters[1]), best_alpha(log_r, 0.0), 1e-4);
    EXPECT_NEAR(fit.covariates.rate[0], best_alpha(log_r, 0.0) - best_alpha(log_r, 1.0), 1e-4);
    EXPECT_GT(fit.covariates.rate[0], 0.3);
}

TEST(CovariateFit, NeitherOrderNorThreadsNorUnitsMatter) {
    SimulatedWorld world;
    world.rate_effects = {0.4, 0.1};
    world.dropout_effects = {0.2, -0.1};
    world.customers = 700;
    PurchaseSummary customers = simulated_purchases(world, 3);
    const PurchaseFit fit = fit_with_covariates(customers, PurchaseLaw::bg_nbd, {"z1", "z2"}, 1);
    PurchaseSummary turned = customers;
    for (auto* column :
         {&turned.frequency, &turned.recency, &turned.age, &turned.features[0].numbers, &turned.features[1].numbers}) {
        *column = std::vector<double>(column->rbegin(), column->rend());
    }
    const PurchaseFit again = fit_with_covariates(turned, PurchaseLaw::bg_nbd, {"z1", "z2"}, 3);
    EXPECT_EQ(again.model.parameters, fit.model.parameters);
    EXPECT_EQ(again.covariates.rate, fit.covariates.rate);
    for (double& z : customers.features[1].numbers) {
        z = 10.0 * z + 7.0;
    }
    const PurchaseFit scaled = fit_with_covariates(customers, PurchaseLaw::bg_nbd, {"z1", "z2"});
    EXPECT_NEAR(scaled.log_likelihood, fit.log_likelihood, 1e-6);
    EXPECT_NEAR(10.0 * scaled.covariates.rate[1], fit.covariates.rate[1], 1e-5);
    EXPECT_NEAR(10.0 * scaled.covariates.dropout_se[1], fit.covariates.dropout_se[1], 1e-5);
}

TEST(CovariateFit, DrawsSpreadAsTheirCovariance) {
    SimulatedWorld world;
    world.rate_effects = {0.4};
    world.dropout_effects = {0.2};
    world.customers = 700;
    const PurchaseFit fit = fit_with_covariates(simulated_purchases(world, 4), PurchaseLaw::bg_nbd, {"z1"});
    constexpr std::size_t count = 4'000;
    const std::vector<PurchaseDraw> draws = draw_purchases(fit, count, {11});
    double rate = 0.0;
    double alpha = 0.0;
    double both = 0.0;
    for (const PurchaseDraw& draw : draws) {
        const double of_rate = (draw.rate_effects[0] - fit.covariates.rate[0]) / fit.covariates.rate_se[0];
        const double of_alpha =
            std::log(draw.parameters[1] / fit.model.parameters[1]) / std::sqrt(fit.covariates.covariance[1][1]);
        rate += of_rate * of_rate / count;
        alpha += of_alpha * of_alpha / count;
        both += of_rate * of_alpha / count;
    }
    const double error = 4.0 * std::sqrt(2.0 / count);
    EXPECT_NEAR(rate, 1.0, error);
    EXPECT_NEAR(alpha, 1.0, error);
    const auto& covariance = fit.covariates.covariance;
    EXPECT_NEAR(both, covariance[1][4] / std::sqrt(covariance[1][1] * covariance[4][4]), error);
}

TEST(CovariateFit, RefusesAndWarnsWithARemedy) {
    SimulatedWorld world;
    world.rate_effects = {0.4};
    world.dropout_effects = {0.2};
    world.customers = 300;
    PurchaseSummary customers = simulated_purchases(world, 6);
    const auto message = [&](PurchaseLaw law, const std::vector<std::string>& names) -> std::string {
        try {
            (void)fit_with_covariates(customers, law, names);
        } catch (const InputError& fault) {
            return fault.what();
        }
        return "";
    };
    EXPECT_NE(message(PurchaseLaw::bg_nbd, {"age"}).find("0 and 1"), std::string::npos);
    EXPECT_NE(message(PurchaseLaw::bg_bb, {"z1"}).find("fit.covariates"), std::string::npos);
    FeatureColumn constant = customers.features[0];
    constant.name = "constant";
    constant.numbers.assign(customers.frequency.size(), 3.0);
    customers.features.push_back(constant);
    EXPECT_NE(message(PurchaseLaw::bg_nbd, {"constant"}).find("leave it out"), std::string::npos);
    FeatureColumn twin = customers.features[0];
    twin.name = "twin";
    customers.features.push_back(twin);
    PurchaseFit fit = fit_with_covariates(customers, PurchaseLaw::bg_nbd, {"z1", "twin"});
    identify(fit, customers, 1);
    EXPECT_EQ(fit.status, FitStatus::not_identified);
    EXPECT_FALSE(fit.warnings.empty());
    EXPECT_TRUE(std::isnan(fit.covariates.rate_se[0]));
}

}  // namespace
}  // namespace clv
