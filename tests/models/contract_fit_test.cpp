// Beta-discrete-Weibull and fits of both contract laws. Constants of bdw were computed with mpmath (beta functions at
// 40 digits) and SciPy (Nelder and Mead on the likelihood).

#include "clv/models/contract_fit.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/readers/cohort_reader.hpp"
#include "data/reference_data.hpp"

namespace clv {
namespace {

using Customers = std::vector<double>;
using Counts = std::vector<std::uint64_t>;

const Customers high_end_at_risk{1000, 869, 743, 653, 593, 551, 517};
const Counts high_end_churned{131, 126, 90, 60, 42, 34, 26};
const Customers regular_at_risk{1000, 631, 468, 382, 326, 289, 262};
const Counts regular_churned{369, 163, 86, 56, 37, 27, 21};

TEST(Bdw, SurvivalIsARatioOfBetaFunctions) {
    EXPECT_NEAR(BetaDiscreteWeibull({.26, .72, 1.6}).survival(5), 0.40593229967546231462, 1e-14);
    EXPECT_NEAR(BetaDiscreteWeibull({3.8, 15.2, .7}).survival(12), 0.32492648050461585407, 1e-14);
    EXPECT_NEAR(BetaDiscreteWeibull({120, 950, 1.3}).survival(7), 0.22666019636653624075, 1e-12);
    EXPECT_EQ(BetaDiscreteWeibull({.26, .72, 1.6}).survival(0), 1.0);
}

TEST(Bdw, WithoutAgeingIsSbg) {
    const BetaDiscreteWeibull model{.668, 3.806, 1.0};
    const ShiftedBetaGeometric plain{.668, 3.806};
    for (const int t : {1, 2, 7, 40, 400}) {
        EXPECT_NEAR(model.survival(t), plain.survival(t), 1e-13) << t;
        EXPECT_NEAR(model.retention(t), plain.retention(t), 1e-12) << t;
        EXPECT_NEAR(model.hazard(t), plain.hazard(t), 1e-12) << t;
    }
    EXPECT_NEAR(model.log_likelihood(high_end_at_risk, high_end_churned),
                plain.log_likelihood(high_end_at_risk, high_end_churned), 1e-9);
    EXPECT_NEAR(model.residual_lifetime(3, 0.1), plain.residual_lifetime(3, 0.1), 1e-11);
    EXPECT_GT(std::abs(BetaDiscreteWeibull({.668, 3.806, 1.1}).survival(7) - plain.survival(7)), 1e-3);
}

TEST(Bdw, ResidualLifetimeIsTheSum) {
    EXPECT_NEAR(BetaDiscreteWeibull({.26, .72, 1.6}).residual_lifetime(3, .1), 6.06605845646235818, 1e-11);
    EXPECT_NEAR(BetaDiscreteWeibull({3.8, 15.2, .7}).residual_lifetime(3, .1), 5.87419580341738329, 1e-11);
    EXPECT_NEAR(BetaDiscreteWeibull({120, 950, 1.3}).residual_lifetime(3, .1), 2.77208734919124494, 1e-11);
    EXPECT_THROW((void)BetaDiscreteWeibull({1, 1, 1}).residual_lifetime(0, .1), ModelError);
    EXPECT_THROW((void)BetaDiscreteWeibull({1, 1, 1}).residual_lifetime(1, 0.0), ModelError);
}

TEST(ContractFit, BdwHasTheMaximumThatScipyFinds) {
    const ContractFit high_end = fit_contract(high_end_at_risk, high_end_churned, ContractLaw::bdw);
    EXPECT_EQ(high_end.status, FitStatus::converged);
    EXPECT_NEAR(high_end.model.parameters[0], 0.2142533, 1e-5);
    EXPECT_NEAR(high_end.model.parameters[1], 1.4265748, 1e-4);
    EXPECT_NEAR(high_end.model.parameters[2], 1.7235649, 1e-5);
    EXPECT_NEAR(high_end.log_likelihood, -1605.3142132142, 1e-8);
    EXPECT_NEAR(high_end.aic, 6.0 + 2.0 * 1605.3142132142, 1e-7);
    EXPECT_NEAR(high_end.model.survival(12), 0.40392959, 1e-6);
    EXPECT_EQ(high_end.customers, 1000U);
    const ContractFit regular = fit_contract(regular_at_risk, regular_churned, ContractLaw::bdw);
    EXPECT_EQ(regular.status, FitStatus::converged);
    EXPECT_NEAR(regular.model.parameters[0], 0.4556139, 1e-5);
    EXPECT_NEAR(regular.model.parameters[1], 0.7793254, 1e-5);
    EXPECT_NEAR(regular.model.parameters[2], 1.2834514, 1e-5);
    EXPECT_NEAR(regular.log_likelihood, -1679.602832907, 1e-8);
    for (const double error : regular.standard_errors) {
        EXPECT_TRUE(error > 0.0 && error < 1.0) << error;
    }
}

TEST(ContractFit, BdwIsCloserThanSbgToYearsItDidNotSee) {  // what the paper is about
    const double seen = 0.394;                             // of High End after 12 years
    const auto miss = [&](ContractLaw law) {
        return std::abs(fit_contract(high_end_at_risk, high_end_churned, law).model.survival(12) - seen);
    };
    EXPECT_LT(miss(ContractLaw::bdw), 0.011);
    EXPECT_GT(miss(ContractLaw::sbg), 0.015);
}

/// Counts of a cohort that churns as the model says, by inverse transform from a fixed sequence.
struct Cohort {
    Customers at_risk;
    Counts churned;
};
Cohort simulated(const BetaDiscreteWeibull& model, int customers, int periods, std::uint64_t seed) {
    Cohort cohort;
    std::uint64_t left = static_cast<std::uint64_t>(customers);
    std::uint64_t state = seed;
    const auto uniform = [&] {
        state = state * 6364136223846793005ULL + 1442695040888963407ULL;
        return static_cast<double>(state >> 11) * 0x1p-53;
    };
    for (int t = 1; t <= periods; ++t) {
        const double churn = 1.0 - model.retention(t);
        std::uint64_t churned = 0;
        for (std::uint64_t i = 0; i < left; ++i) {
            churned += uniform() < churn ? 1 : 0;
        }
        cohort.at_risk.push_back(static_cast<double>(left));
        cohort.churned.push_back(churned);
        left -= churned;
    }
    return cohort;
}

TEST(ContractFit, RecoversWhatWasSimulated) {
    const BetaDiscreteWeibull truth{1.0, 4.0, 1.4};
    const std::array<double, 3> parameters{truth.alpha, truth.beta, truth.c};
    constexpr int worlds = 40;
    std::array<double, 3> squares{};
    for (int world = 0; world < worlds; ++world) {
        const Cohort cohort = simulated(truth, 20'000, 12, 1'000 + static_cast<std::uint64_t>(world));
        const ContractFit fit = fit_contract(cohort.at_risk, cohort.churned, ContractLaw::bdw);
        ASSERT_EQ(fit.status, FitStatus::converged) << world;
        for (std::size_t i = 0; i < 3; ++i) {
            const double z =
                std::log(fit.model.parameters[i] / parameters[i]) * fit.model.parameters[i] / fit.standard_errors[i];
            EXPECT_LT(std::abs(z), 5.0);
            squares[i] += z * z / worlds;
        }
    }
    for (const double mean : squares) {
        EXPECT_NEAR(mean, 1.0, 4.0 * std::sqrt(2.0 / worlds));
    }
}

TEST(ContractFit, SaysWhatIsNotIdentified) {
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFit one = fit_contract(Customers{100}, Counts{20}, law);
        EXPECT_NE(one.status, FitStatus::converged);
        EXPECT_FALSE(one.warnings.empty());
        EXPECT_TRUE(std::isnan(one.standard_errors[0]));
        const ContractFit loyal = fit_contract(Customers{100, 100, 100}, Counts{0, 0, 0}, law);
        EXPECT_NE(loyal.status, FitStatus::converged);
        EXPECT_FALSE(loyal.warnings.empty());
        EXPECT_GT(loyal.model.survival(3), 0.99);
        EXPECT_THROW((void)fit_contract(Customers{10}, Counts{11}, law), InputError);
    }
    EXPECT_EQ(fit_contract(Customers{100, 80}, Counts{20, 8}, ContractLaw::bdw).status, FitStatus::not_identified);
}

TEST(ContractFit, ThePublishedCohorts) {
    if (!std::filesystem::exists(reference_data() / "sbg")) {
        GTEST_SKIP() << "no reference data";
    }
    CsvReader tables(reference_data() / "sbg/fader_hardie_2007_survivors.csv");
    CohortsRead read = read_cohorts(tables, {{"period", "year"}}, {});
    ASSERT_EQ(read.segments.size(), 2U);
    EXPECT_EQ(read.segments[0].segment, "highend");
    // survival in percent over 12 renewals, as published
    const std::vector<double> high_end{86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4};
    const std::vector<double> regular{63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3};
    for (std::size_t t = 0; t < 12; ++t) {
        const auto left = [&](std::size_t s) {
            return (read.segments[s].at_risk[t] - static_cast<double>(read.segments[s].churned[t])) / 10.0;
        };
        EXPECT_DOUBLE_EQ(left(0), high_end[t]);
        EXPECT_DOUBLE_EQ(left(1), regular[t]);
    }
    for (RenewalCounts& counts : read.segments) {  // the paper fits the first seven
        counts.at_risk.resize(7);
        counts.churned.resize(7);
    }
    const ContractFits fits = fit_contracts(read.segments, ContractLaw::sbg, 12);
    EXPECT_NEAR(fits.segments[0].fit.model.parameters[0], .668088, 1e-6);
    EXPECT_NEAR(fits.segments[0].fit.model.parameters[1], 3.806096, 5e-6);
    EXPECT_NEAR(fits.segments[0].fit.log_likelihood, -1611.158147, 1e-6);
    EXPECT_NEAR(fits.segments[0].fit.model.survival(12), .377999, 1e-6);
    EXPECT_NEAR(fits.segments[1].fit.model.parameters[0], .704077, 1e-6);
    EXPECT_NEAR(fits.segments[1].fit.model.parameters[1], 1.182043, 1e-6);
    EXPECT_NEAR(fits.segments[1].fit.log_likelihood, -1680.265188, 1e-6);
    EXPECT_NEAR(fits.segments[1].fit.model.survival(12), .170037, 1e-6);

    // customer by customer, the same cohorts
    CsvReader rows(reference_data() / "sbg/sbg_paper_rebuilt.csv");
    const CohortsRead rebuilt = read_cohorts(rows, {}, {"cohorts"});
    ASSERT_EQ(rebuilt.segments.size(), 2U);
    for (std::size_t s = 0; s < 2; ++s) {
        EXPECT_EQ(rebuilt.segments[s].at_risk, fits.segments[s].counts.at_risk) << s;
        EXPECT_EQ(rebuilt.segments[s].churned, fits.segments[s].counts.churned) << s;
    }
}

}  // namespace
}  // namespace clv
