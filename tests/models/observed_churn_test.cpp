#include "clv/models/observed_churn.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>

#include "clv/core/errors.hpp"
#include "clv/models/contract_fit.hpp"

namespace clv {
namespace {

using Customers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

TEST(DelayedEntry, IsAtRiskFromWhenObservationBegan) {
    // Left at 1.8 and 3; at risk of it were all that were there at 1.8, and three at 3: who came then was not.
    const std::vector<double> tenure{4.0, 3.0, 4.0, 3.0, 1.8};
    const std::vector<std::uint8_t> churned{0, 1, 0, 0, 1};
    const std::vector<double> from{0.0, 1.0, 1.5, 3.0, 1.5};
    const KaplanMeier km = fit_kaplan_meier(tenure, churned, from);
    EXPECT_EQ(km.at_risk, (Customers{1, 4, 3, 2}));
    EXPECT_EQ(km.churned, (Counts{0, 1, 1, 0}));
    EXPECT_EQ(km.customers, 4U);
    EXPECT_DOUBLE_EQ(km.survival[3], 1.0 / 2.0);
    EXPECT_NEAR(km.standard_error[3], 0.5 * std::sqrt(1.0 / (4.0 * 3.0) + 1.0 / (3.0 * 2.0)), 1e-15);
}

TEST(DelayedEntry, FromTheBeginningIsNone) {
    const std::vector<double> tenure{0.0, 1.0, 2.5, 0.0, 2.9, 4.0};
    const std::vector<std::uint8_t> churned{1, 1, 1, 0, 0, 0};
    const KaplanMeier plain = fit_kaplan_meier(tenure, churned);
    const KaplanMeier same = fit_kaplan_meier(tenure, churned, std::vector<double>(6, 0.0));
    EXPECT_EQ(plain.at_risk, same.at_risk);
    EXPECT_EQ(plain.survival, same.survival);
    EXPECT_EQ(plain.tail_hazard, same.tail_hazard);
    EXPECT_EQ(plain.customers, 5U) << "tenure 0 without churn was at risk of nothing";
}

TEST(DelayedEntry, ALongTenureWithoutObservationAddsNoMonth) {
    const KaplanMeier km = fit_kaplan_meier(std::vector<double>{2.0, 50.0}, std::vector<std::uint8_t>{1, 0},
                                            std::vector<double>{0.0, 50.0});
    EXPECT_EQ(km.at_risk, (Customers{1, 1}));
}

TEST(DelayedEntry, RefusesObservationThatBeginsAfterTheEnd) {
    const std::vector<double> tenure{3.0};
    const std::vector<std::uint8_t> churned{0};
    for (const double from : {-1.0, 3.5, std::nan("")}) {
        EXPECT_THROW((void)fit_kaplan_meier(tenure, churned, std::vector<double>{from}), InputError) << from;
    }
    EXPECT_THROW((void)fit_kaplan_meier(tenure, churned, std::vector<double>{0.0, 0.0}), InputError);
}

TEST(DelayedEntry, AMonthThatCannotSpeakHasTheRateOfTheYearThatFollows) {
    // Month 1: nobody. Month 2: its only customer left, though ten came later. Then 1 in 10.
    Customers at_risk{0, 1};
    Counts churned{0, 1};
    at_risk.resize(20, 10);
    churned.resize(20, 1);
    const KaplanMeier km = kaplan_meier_of(at_risk, churned);
    EXPECT_FALSE(km.speaks_for_itself(1));
    EXPECT_FALSE(km.speaks_for_itself(2));
    EXPECT_TRUE(km.speaks_for_itself(3));
    EXPECT_NEAR(km.hazard(1), -std::log1p(-11.0 / 101.0), 1e-15);  // months 1 to 12
    EXPECT_NEAR(km.hazard(2), -std::log1p(-12.0 / 111.0), 1e-15);  // months 2 to 13
    EXPECT_NEAR(km.survival[2], (1 - 11.0 / 101.0) * (1 - 12.0 / 111.0) * 0.9, 1e-15);
    EXPECT_TRUE(std::isnan(km.observed_hazard(1).value));
    EXPECT_TRUE(std::isnan(km.observed_hazard(1).low));
    // At the very end it is certain, as it always was.
    EXPECT_TRUE(kaplan_meier_of({3, 1}, {1, 1}).speaks_for_itself(2));
    EXPECT_EQ(kaplan_meier_of({3, 1}, {1, 1}).survival[1], 0.0);
    EXPECT_THROW((void)kaplan_meier_of({3, 0}, {1, 0}), InputError);
}

TEST(DelayedEntry, FitsOfContractsTakePeriodsWithoutAnybody) {
    // The conditional likelihood of periods 3 and on is that of the counts there.
    const Customers at_risk{0, 0, 10'000, 9'000, 8'300};
    const Counts churned{0, 0, 1'000, 700, 550};
    const ContractFit fit = fit_contract(at_risk, churned, ContractLaw::sbg);
    EXPECT_EQ(fit.status, FitStatus::converged);
    // As if age counted from there: beta is two less.
    const ContractFit later = fit_contract(Customers{10'000, 9'000, 8'300}, Counts{1'000, 700, 550}, ContractLaw::sbg);
    EXPECT_NEAR(fit.model.parameters[0], later.model.parameters[0], 1e-4 * later.model.parameters[0]);
    EXPECT_NEAR(fit.model.parameters[1] + 2.0, later.model.parameters[1], 1e-4 * later.model.parameters[1]);
    EXPECT_NEAR(fit.log_likelihood, later.log_likelihood, 1e-8);
    EXPECT_EQ(fit_contract(Customers{0, 1000}, Counts{0, 100}, ContractLaw::sbg).status, FitStatus::not_identified);
}

TEST(ImpliedGrowth, IsThatOfTheWorld) {
    // Complete files of growing business: the growth is found, and the z of steady business is a standard normal.
    std::mt19937_64 generator(7);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    const auto world = [&](double monthly_growth, int customers) {
        std::vector<double> tenure;
        std::vector<std::uint8_t> churned;
        constexpr double months = 60.0;
        for (int i = 0; i < customers; ++i) {
            const double share = uniform(generator);
            const double ago = monthly_growth == 0.0
                                   ? months * share
                                   : -std::log(1.0 - share * -std::expm1(-monthly_growth * months)) / monthly_growth;
            const double spent = std::floor(ago);
            const double leaves = std::ceil(-std::log(uniform(generator)) / 0.03);
            tenure.push_back(std::min(leaves, spent));
            churned.push_back(leaves <= spent ? 1 : 0);
        }
        return implied_growth(fit_kaplan_meier(tenure, churned).survival, tenure, churned, 1);
    };
    double squares = 0.0;
    constexpr int worlds = 400;
    for (int i = 0; i < worlds; ++i) {
        const ImpliedGrowth steady = world(0.0, 800);
        squares += steady.z * steady.z;
        EXPECT_LT(steady.z, 3.29);
    }
    EXPECT_LT(squares / worlds, 1.0 + 4.0 * std::sqrt(2.0 / worlds));
    const ImpliedGrowth growing = world(std::log(1.5) / 12.0, 40'000);
    EXPECT_NEAR(growing.yearly, 0.5, 0.05);
    EXPECT_GT(growing.z, 20.0);
    EXPECT_EQ(implied_growth({}, {}, {}, 1).z, 0.0);
}

}  // namespace
}  // namespace clv
