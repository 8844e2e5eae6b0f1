#include "clv/models/identification.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

#include "clv/models/contract_fit.hpp"
#include "clv/models/covariate_fit.hpp"
#include "clv/models/fitted_model.hpp"
#include "models/simulated_purchases.hpp"
#include "models/summaries.hpp"

namespace clv {
namespace {

bool says(const std::vector<std::string>& warnings, const std::string& words) {
    return std::ranges::any_of(warnings, [&](const std::string& text) { return text.find(words) != text.npos; });
}

PurchaseSummary customers_of(PurchaseLaw law, const PurchaseParameters& parameters, int count, std::uint64_t seed) {
    SimulatedWorld world;
    world.law = law;
    world.parameters = parameters;
    world.customers = count;
    return simulated_purchases(world, seed);
}

PurchaseFit identified(const PurchaseSummary& customers, PurchaseLaw law) {
    PurchaseFit fit = fit_purchases(customers, law);
    identify(fit, customers, 1);
    return fit;
}

double level_of(const std::vector<PurchaseDraw>& draws, double level, auto value) {
    std::vector<double> values;
    for (const PurchaseDraw& draw : draws) {
        values.push_back(value(draw));
    }
    std::ranges::sort(values);
    return values[static_cast<std::size_t>(level * static_cast<double>(values.size()))];
}

constexpr auto drop_chance = [](const PurchaseDraw& draw) {
    return draw.parameters[2] / (draw.parameters[2] + draw.parameters[3]);
};

TEST(Identification, LeavesAFitAloneThatIsNearNormal) {
    const PurchaseSummary customers = customers_of(PurchaseLaw::bg_nbd, {0.8, 6.0, 0.9, 2.5}, 3'000, 1);
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::nbd}) {
        const PurchaseFit plain = fit_purchases(customers, law);
        const PurchaseFit fit = identified(customers, law);
        EXPECT_EQ(fit.status, FitStatus::converged);
        EXPECT_EQ(fit.model.parameters, plain.model.parameters);
        for (std::size_t i = 0; i < parameter_count(law); ++i) {
            EXPECT_EQ(fit.standard_errors[i], plain.standard_errors[i]);
        }
        EXPECT_TRUE(fit.draws.empty());
    }
}

TEST(Identification, DropoutThatTheDataDoNotTellFromNoneIsTheLimitAndIsDrawn) {
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd}) {
        const PurchaseSummary customers = customers_of(PurchaseLaw::bg_nbd, {0.8, 6.0, 0.002, 1.0}, 300, 5);
        const PurchaseFit fit = identified(customers, law);
        EXPECT_NE(fit.status, FitStatus::converged);
        EXPECT_TRUE(says(fit.warnings, "dropout is not identified"));
        EXPECT_FALSE(fit.model.has_dropout());
        EXPECT_EQ(fit.model.parameters[0], fit_purchases(customers, PurchaseLaw::nbd).model.parameters[0]);
        ASSERT_EQ(fit.draws.size(), 512U);
        if (law == PurchaseLaw::pareto_nbd) {
            continue;
        }
        // 300 customers of some 4 purchases each: hundreds of chances that hardly anybody took, unless at once
        EXPECT_GT(level_of(fit.draws, 0.95, drop_chance), 1e-3);
        EXPECT_LT(level_of(fit.draws, 0.5, drop_chance), 0.03);
        EXPECT_LT(level_of(fit.draws, 0.95, drop_chance), 0.1);
    }
}

/// The likelihood falls by half a chi-square of as many degrees of freedom as there are parameters, or by less where it
/// has an end.
TEST(Identification, DrawsLieWhereTheLikelihoodIs) {
    const PurchaseSummary customers = customers_of(PurchaseLaw::bg_nbd, {0.8, 6.0, 0.05, 1.0}, 300, 6);
    const PurchaseFit best = fit_purchases(customers, PurchaseLaw::bg_nbd);
    const PurchaseFit fit = identified(customers, PurchaseLaw::bg_nbd);
    ASSERT_FALSE(fit.draws.empty());
    double beyond = 0.0;
    for (std::size_t k = 0; k < fit.draws.size(); k += 8) {
        PurchaseModel model = fit.model;
        model.parameters = fit.draws[k].parameters;
        double value = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            value += model.log_likelihood(customers.frequency[i], customers.recency[i], customers.age[i]);
        }
        beyond += best.log_likelihood - value > 0.5 * 9.49 ? 1.0 / 64.0 : 0.0;  // 95% of chi-square with 4
    }
    EXPECT_LT(beyond, 0.05 + 4.0 * std::sqrt(0.05 * 0.95 / 64.0));
}

TEST(Identification, CustomersWhoAllBuyEquallyOftenAreSaid) {
    std::mt19937_64 engine(3);
    PurchaseSummary customers;
    for (int i = 0; i < 300; ++i) {
        const double x = std::poisson_distribution<>(0.1 * 40.0)(engine);
        customers.frequency.push_back(x);
        customers.recency.push_back(x > 0.0 ? 40.0 * std::pow(std::uniform_real_distribution<>()(engine), 1.0 / x)
                                            : 0.0);
        customers.age.push_back(40.0);
    }
    const PurchaseFit fit = identified(customers, PurchaseLaw::nbd);
    EXPECT_NE(fit.status, FitStatus::converged);
    EXPECT_TRUE(says(fit.warnings, "all buy equally often"));
    EXPECT_TRUE(std::isnan(fit.standard_errors[0]));
    ASSERT_FALSE(fit.draws.empty());
    const auto rate = [](const PurchaseDraw& draw) { return draw.parameters[0] / draw.parameters[1]; };
    const double error = std::sqrt(0.1 / (300.0 * 40.0));  // of the mean rate
    EXPECT_NEAR(level_of(fit.draws, 0.5, rate), 0.1, 4.0 * error);
    const double band = level_of(fit.draws, 0.95, rate) - level_of(fit.draws, 0.05, rate);
    EXPECT_NEAR(band / (2.0 * 1.645 * error), 1.0, 0.25);
}

TEST(Identification, ALawWithoutDropoutIsWarnedOfWhereCustomersStop) {
    const std::string words = "customers stop buying";
    const PurchaseSummary leaving = customers_of(PurchaseLaw::bg_nbd, {0.8, 6.0, 0.9, 2.5}, 300, 1);
    EXPECT_TRUE(says(identified(leaving, PurchaseLaw::nbd).warnings, words));
    EXPECT_FALSE(says(identified(leaving, PurchaseLaw::bg_nbd).warnings, words));
    const PurchaseSummary staying = customers_of(PurchaseLaw::bg_nbd, {0.8, 6.0, 1e-9, 1.0}, 300, 1);
    EXPECT_FALSE(says(identified(staying, PurchaseLaw::nbd).warnings, words));
}

TEST(Identification, CovariatesOfFewCustomersAreDrawn) {
    SimulatedWorld world;
    world.customers = 120;
    world.parameters = {0.8, 6.0, 0.002, 1.0};
    world.rate_effects = {0.5};
    world.dropout_effects = {0.0};
    const PurchaseSummary customers = simulated_purchases(world, 8);
    PurchaseFit fit = fit_with_covariates(customers, PurchaseLaw::bg_nbd, {"z1"}, 1);
    identify(fit, customers, 1);
    EXPECT_NE(fit.status, FitStatus::converged);
    EXPECT_FALSE(fit.warnings.empty());
    ASSERT_EQ(fit.draws.size(), 512U);
    double mean = 0.0;
    for (const PurchaseDraw& draw : fit.draws) {
        ASSERT_EQ(draw.rate_effects.size(), 1U);
        ASSERT_EQ(draw.dropout_effects.size(), 1U);
        mean += draw.rate_effects[0] / 512.0;
    }
    EXPECT_NEAR(mean, fit.covariates.rate[0], 0.3);
}

TEST(Identification, SpendOfAFewCustomersIsDrawnWithAFiniteMean) {
    PurchaseSummary customers;
    customers.frequency = {1, 2, 1, 3, 1, 2};
    customers.recency = customers.frequency;
    customers.age.assign(6, 10.0);
    customers.monetary_value = {10, 12, 300, 14, 9, 16};
    SpendFit fit = fit_spend(customers);
    identify(fit, customers, 1);
    ASSERT_EQ(fit.draws.size(), 512U);
    EXPECT_TRUE(
        std::ranges::all_of(fit.draws, [](const SpendParameters& draw) { return draw[1] > 1.0 && draw[0] > 0.0; }));
}

TEST(Identification, PublicDataAreIdentified) {
    if (!has_reference_data()) {
        GTEST_SKIP() << "no reference data";
    }
    for (const PurchaseLaw law :
         {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd, PurchaseLaw::nbd}) {
        const PurchaseFit fit = identified(cdnow_cbs(), law);
        EXPECT_EQ(fit.status, FitStatus::converged) << law_name(law);
        const bool skewed = law == PurchaseLaw::pareto_nbd || law == PurchaseLaw::mbg_nbd;  // in how alike dropout is
        EXPECT_EQ(fit.draws.empty(), !skewed) << law_name(law);
    }
    SpendFit spend = fit_spend(cdnow_cbs());
    identify(spend, cdnow_cbs(), 1);
    EXPECT_EQ(spend.status, FitStatus::converged);
    EXPECT_TRUE(spend.draws.empty());
}

TEST(Identification, ChurnThatIsTheSameForAllIsSaid) {
    std::vector<double> at_risk;
    std::vector<std::uint64_t> churned;
    for (std::uint64_t left = 1'000; at_risk.size() < 6; left -= churned.back()) {
        at_risk.push_back(static_cast<double>(left));
        churned.push_back((left + 5) / 10);
    }
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFit fit = fit_contract(at_risk, churned, law);
        EXPECT_NE(fit.status, FitStatus::converged);
        EXPECT_TRUE(says(fit.warnings, "all are equally likely to leave"));
    }
}

}  // namespace
}  // namespace clv
