#include "clv/models/bootstrap_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "models/simulated_purchases.hpp"

namespace clv {
namespace {

/// Gamma-Gamma spend of mean 30 on top of simulated purchases.
PurchaseSummary with_spend(PurchaseSummary customers) {
    std::mt19937_64 engine(77);
    for (const double x : customers.frequency) {
        const double nu = std::gamma_distribution<>(4.0, 1.0 / 15.0)(engine);
        customers.monetary_value.push_back(x > 0.0 ? std::gamma_distribution<>(6.0 * x, 1.0 / (nu * x))(engine) : 0.0);
    }
    return customers;
}

double sd_of(const std::vector<ModelDraw>& draws, auto value) {
    double mean = 0.0;
    double squares = 0.0;
    const auto count = static_cast<double>(draws.size());
    for (const ModelDraw& draw : draws) {
        mean += value(draw) / count;
        squares += value(draw) * value(draw) / count;
    }
    return std::sqrt((squares - mean * mean) * count / (count - 1.0));
}

constexpr std::size_t samples = 256;
/// Four standard errors of a standard deviation, and 5% for what the two methods differ by at this size.
const double tolerance = 4.0 / std::sqrt(2.0 * samples) + 0.05;

TEST(BootstrapFit, SpreadsAsTheStandardErrors) {
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::nbd}) {
        SimulatedWorld world;
        world.customers = 4'000;
        if (law == PurchaseLaw::nbd) {
            world.parameters = {0.8, 6.0, 1e-9, 1e9};
        }
        const PurchaseSummary customers = with_spend(simulated_purchases(world, 31));
        const PurchaseFit fit = fit_purchases(customers, law);
        const SpendFit spend = fit_spend(customers);
        ASSERT_EQ(fit.status, FitStatus::converged);
        const std::vector<ModelDraw> draws = fit_bootstrap(customers, fit, &spend, samples, 1);
        for (std::size_t i = 0; i < parameter_count(law); ++i) {
            const double sd =
                sd_of(draws, [&](const ModelDraw& draw) { return std::log(draw.purchase.parameters[i]); });
            EXPECT_NEAR(sd / std::sqrt(fit.log_covariance[i][i]), 1.0, tolerance) << i;
        }
        for (std::size_t i = 0; i < 3; ++i) {
            const double sd = sd_of(draws, [&](const ModelDraw& draw) { return std::log(draw.spend[i]); });
            EXPECT_NEAR(sd / std::sqrt(spend.log_covariance[i][i]), 1.0, tolerance) << i;
        }
        EXPECT_GT(std::abs(sd_of(draws, [](const ModelDraw& draw) { return draw.purchase.parameters[0]; }) /
                               (1.5 * fit.standard_errors[0]) -
                           1.0),
                  tolerance);  // what errors half as large again would show
    }
}

TEST(BootstrapFit, CovariatesMoveAlong) {
    SimulatedWorld world;
    world.rate_effects = {0.5};
    world.dropout_effects = {-0.3};
    world.customers = 2'500;
    const PurchaseSummary customers = simulated_purchases(world, 8);
    const PurchaseFit fit = fit_with_covariates(customers, PurchaseLaw::bg_nbd, {"z1"});
    const std::vector<ModelDraw> draws = fit_bootstrap(customers, fit, nullptr, samples, 2);
    const double rate = sd_of(draws, [](const ModelDraw& draw) { return draw.purchase.rate_effects[0]; });
    const double dropout = sd_of(draws, [](const ModelDraw& draw) { return draw.purchase.dropout_effects[0]; });
    EXPECT_NEAR(rate / fit.covariates.rate_se[0], 1.0, tolerance);
    EXPECT_NEAR(dropout / fit.covariates.dropout_se[0], 1.0, tolerance);
    EXPECT_EQ(draws[0].spend, SpendParameters{});
}

TEST(BootstrapFit, AShortcutEndsWhereAFullFitDoes) {
    SimulatedWorld world;
    world.customers = 1'000;
    const PurchaseSummary customers = simulated_purchases(world, 41);
    PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_nbd);
    const std::vector<ModelDraw> quick = fit_bootstrap(customers, fit, nullptr, 4, 5);
    fit.status = FitStatus::not_converged;  // every sample is fitted in full
    const std::vector<ModelDraw> full = fit_bootstrap(customers, fit, nullptr, 4, 5);
    for (std::size_t k = 0; k < 4; ++k) {
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_NEAR(std::log(quick[k].purchase.parameters[i] / full[k].purchase.parameters[i]), 0.0, 1e-3);
        }
        EXPECT_GT(std::abs(std::log(quick[k].purchase.parameters[0] / fit.model.parameters[0])), 1e-4);
    }
}

TEST(BootstrapFit, NeitherOrderNorThreadsNorGroupsMatter) {
    SimulatedWorld world;
    world.customers = 400;
    const PurchaseSummary customers = with_spend(simulated_purchases(world, 12));
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_nbd);
    const SpendFit spend = fit_spend(customers);
    const std::vector<ModelDraw> draws = fit_bootstrap(customers, fit, &spend, 8, 3, 1);
    PurchaseSummary turned = customers;
    for (auto* column : {&turned.frequency, &turned.recency, &turned.age, &turned.monetary_value}) {
        *column = std::vector<double>(column->rbegin(), column->rend());
    }
    const std::vector<ModelDraw> again = fit_bootstrap(turned, fit, &spend, 8, 3, 3);
    for (std::size_t k = 0; k < draws.size(); ++k) {
        EXPECT_EQ(draws[k].purchase.parameters, again[k].purchase.parameters) << k;
        EXPECT_EQ(draws[k].spend, again[k].spend) << k;
    }
    EXPECT_NE(draws[0].purchase.parameters, fit_bootstrap(customers, fit, &spend, 1, 4)[0].purchase.parameters);
    // a row that stands for two customers is two rows
    PurchaseSummary twice = customers;
    for (auto* column : {&twice.frequency, &twice.recency, &twice.age, &twice.monetary_value}) {
        column->insert(column->end(), column->begin(), column->begin() + 50);
    }
    PurchaseSummary groups = customers;
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        groups.weight.push_back(i < 50 ? 2.0 : 1.0);
    }
    EXPECT_EQ(fit_bootstrap(twice, fit, &spend, 2, 3)[1].purchase.parameters,
              fit_bootstrap(groups, fit, &spend, 2, 3)[1].purchase.parameters);
}

TEST(BootstrapFit, WithoutDropoutASampleMayStillShowSome) {
    SimulatedWorld world;
    world.customers = 60;
    world.parameters = {0.8, 6.0, 1e-9, 1e9};
    const PurchaseSummary customers = simulated_purchases(world, 2);
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::pareto_nbd);
    for (const ModelDraw& draw : fit_bootstrap(customers, fit, nullptr, 8, 1)) {
        EXPECT_GT(draw.purchase.parameters[0], 0.0);
        EXPECT_FALSE(std::isnan(draw.purchase.parameters[3]));
    }
}

}  // namespace
}  // namespace clv
