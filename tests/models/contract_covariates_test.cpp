// Models of renewal with covariates. Where a covariate tells two groups apart and both parameters may differ, the fit
// is that of each group alone: the published cohorts of Fader and Hardie 2007, whose maxima are those of
// contract_fit_test.cpp. What is found in simulated worlds is held against what made them, in standard errors.

#include "clv/models/contract_covariates.hpp"

#include <gtest/gtest.h>

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/math/cholesky.hpp"
#include "models/contract_worlds.hpp"
#include "models/contracts/contract_problem.hpp"

namespace clv {
namespace {

using test::bdw_truth;
using test::numbers;
using test::sbg_truth;
using test::texts;
using test::Truth;
using test::world_of;

const std::vector<double> first_at_risk{1000, 869, 743, 653, 593, 551, 517};
const std::vector<std::uint64_t> first_churned{131, 126, 90, 60, 42, 34, 26};
const std::vector<double> second_at_risk{1000, 631, 468, 382, 326, 289, 262};
const std::vector<std::uint64_t> second_churned{369, 163, 86, 56, 37, 27, 21};

SurvivalSettings of_model() {
    SurvivalSettings settings;
    settings.source = SurvivalSource::model;
    return settings;
}

RenewalGroups published(const FeatureColumn& covariate) {
    return group_renewals({{"high end", first_at_risk, first_churned}, {"regular", second_at_risk, second_churned}},
                          {covariate});
}

TEST(ContractCovariates, ASaturatedFitIsThatOfEachGroup) {
    const ContractFit high_end = fit_contract(first_at_risk, first_churned, ContractLaw::sbg);
    const ContractFit regular = fit_contract(second_at_risk, second_churned, ContractLaw::sbg);
    const ContractFit both = fit_contract(published(numbers("regular", {0.0, 1.0})), ContractLaw::sbg);
    EXPECT_EQ(both.status, FitStatus::converged);
    EXPECT_TRUE(both.warnings.empty());
    EXPECT_EQ(both.customers, 2000U);
    const std::vector<double> at = parameters_and_effects(both);
    for (const auto& [z, alone] : {std::pair{0.0, high_end}, std::pair{1.0, regular}}) {
        const ContractModel own = contract_at(ContractLaw::sbg, at, std::vector{z});
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_NEAR(own.parameters[i], alone.model.parameters[i], 1e-6 * alone.model.parameters[i]) << z;
        }
    }
    EXPECT_NEAR(both.log_likelihood, -1611.158147 - 1680.265188, 1e-6);
    EXPECT_NEAR(both.aic, 8.0 - 2.0 * both.log_likelihood, 1e-9);
    for (std::size_t i = 0; i < 2; ++i) {  // of the group at z = 0, and of the difference of logarithms
        const auto relative = [&](const ContractFit& fit) { return fit.standard_errors[i] / fit.model.parameters[i]; };
        EXPECT_NEAR(relative(both), relative(high_end), 1e-4);
        const double error = i == 0 ? both.effects.alpha_se[0] : both.effects.beta_se[0];
        EXPECT_NEAR(error, std::hypot(relative(high_end), relative(regular)), 1e-4);
    }
    // in other units, and from the other side, it is the same fit
    const ContractFit other = fit_contract(published(numbers("regular", {1007.0, 1000.0})), ContractLaw::sbg);
    EXPECT_NEAR(other.log_likelihood, both.log_likelihood, 1e-7);
    EXPECT_NEAR(other.effects.alpha[0], both.effects.alpha[0] / -7.0, 1e-6);
    EXPECT_NEAR(other.effects.beta_se[0], both.effects.beta_se[0] / 7.0, 1e-5);
    const ContractFit named = fit_contract(published(texts("tier", {"a", "b"})), ContractLaw::sbg);
    EXPECT_EQ(effect_names(named.effects.columns), (std::vector<std::string>{"tier=b"}));
    EXPECT_EQ(named.effects.alpha, both.effects.alpha);
    EXPECT_EQ(named.effects.covariance, both.effects.covariance);
}

TEST(ContractCovariates, BdwSharesHowChurnChangesWithTime) {  // so that it is not saturated
    const double separate = -1605.3142132142 - 1679.602832907;
    const ContractFit both = fit_contract(published(numbers("regular", {0.0, 1.0})), ContractLaw::bdw);
    const ContractFit plain = fit_contract(published(numbers("regular", {0.0, 1.0})), ContractLaw::sbg);
    EXPECT_EQ(both.status, FitStatus::converged);
    EXPECT_LT(both.log_likelihood, separate);
    EXPECT_GT(both.log_likelihood, plain.log_likelihood);
    EXPECT_GT(both.model.parameters[2], 1.2834514);  // between those of the groups
    EXPECT_LT(both.model.parameters[2], 1.7235649);
    EXPECT_NEAR(both.effects.log_likelihood_without, -3390.7695, 1e-4);
}

TEST(ContractCovariates, WithoutEffectsTheLikelihoodIsThatOfAllTogether) {
    const RenewalGroups renewals = published(numbers("regular", {0.0, 1.0}));
    const RenewalCounts all =
        pooled_renewals({{"a", first_at_risk, first_churned}, {"b", second_at_risk, second_churned}});
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFit alike = fit_contract(all.at_risk, all.churned, law);
        const ContractProblem problem(renewals, law, 1);
        Point at = parameters_and_effects(alike);
        at.resize(problem.size(), 0.0);
        EXPECT_NEAR(problem.value(at), alike.log_likelihood, 1e-9);
        EXPECT_EQ(fit_contract(renewals, law).effects.log_likelihood_without, alike.log_likelihood);
        const std::vector<double> nobody_differs{0.0};
        const std::vector<double> own = parameters_and_effects(alike);
        std::vector<double> with_none = own;
        with_none.insert(with_none.end(), 2, 0.0);
        for (std::size_t i = 0; i < 3; ++i) {
            EXPECT_NEAR(contract_at(law, with_none, nobody_differs).parameters[i], alike.model.parameters[i], 1e-12);
        }
    }
}

/// The largest difference between a gradient and central differences of the value, relative to its largest entry.
double gradient_error(const ContractProblem& problem, const Point& at, const Point& gradient) {
    constexpr double step = 1.0e-5;
    double worst = 0.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < at.size(); ++i) {
        Point moved = at;
        moved[i] += step;
        const double up = problem.value(moved);
        moved[i] -= 2.0 * step;
        worst = std::max(worst, std::abs(gradient[i] - (up - problem.value(moved)) / (2.0 * step)));
        largest = std::max(largest, std::abs(gradient[i]));
    }
    return worst / largest;
}

TEST(ContractCovariates, GradientsAreThoseOfTheLikelihood) {
    // fractions, late entries, an empty period
    const RenewalGroups renewals =
        group_renewals({{"a", {90.5, 60, 31.25, 12}, {20, 11, 0, 3}},
                        {"b", {0, 0, 55, 40, 0, 9}, {0, 0, 15, 0, 0, 9}},
                        {"c", {700, 10}, {1, 0}},
                        {"d", {30, 20, 5}, {10, 3, 5}}},
                       {numbers("x", {0.3, -1.0, 4.0, 2.5}), texts("plan", {"p", "q", "q", "p"})});
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractProblem problem(renewals, law, 1);
        for (const double size : {-3.0, 0.0, 4.0}) {
            Point at{size - 0.7, size + 0.4};
            at.resize(problem.parameters(), 0.35);
            at.insert(at.end(), {0.5, -0.2, 0.3, 0.8});
            Point gradient;
            EXPECT_EQ(problem.value(at, &gradient), problem.value(at));
            EXPECT_LT(gradient_error(problem, at, gradient), 1e-6) << size;
            std::swap(gradient[problem.parameters()], gradient[problem.parameters() + 2]);
            EXPECT_GT(gradient_error(problem, at, gradient), 1e-3) << "a planted error: effects of the other parameter";
        }
    }
}

/// Of every coordinate how many of the 95% intervals hold the truth, and the mean of squared z.
struct Coverage {
    std::vector<int> held;
    std::vector<double> squares;
};

Coverage coverage_of(const Truth& truth, int worlds, double error_factor, bool knows_entry) {
    Coverage coverage{std::vector<int>(truth.at.size()), std::vector<double>(truth.at.size())};
    for (int world = 0; world < worlds; ++world) {
        CustomerTable customers = world_of(truth, 5'000, 40 + static_cast<std::uint64_t>(world));
        if (!knows_entry) {
            customers.observed_from_months = {};
        }
        const ContractFit fit = fit_contract(group_renewals(customers, {"age", "plan"}, 1), truth.law);
        EXPECT_EQ(fit.status, FitStatus::converged) << world;
        const std::vector<double> found = parameters_and_effects(fit);
        for (std::size_t i = 0; i < truth.at.size() && !fit.effects.covariance.empty(); ++i) {
            const double z = (found[i] - truth.at[i]) / (error_factor * std::sqrt(fit.effects.covariance[i][i]));
            coverage.held[i] += std::abs(z) < 1.959964 ? 1 : 0;
            coverage.squares[i] += z * z / worlds;
        }
    }
    return coverage;
}

/// Whether coverage lies between bounds of 3.5 binomial standard deviations, and squares of z near 1.
bool is_honest(const Coverage& coverage, int worlds) {
    const double spread = 3.5 * std::sqrt(0.95 * 0.05 * worlds);
    const double of_squares = 4.0 * std::sqrt(2.0 / worlds);
    return std::ranges::all_of(coverage.held, [&](int held) { return std::abs(held - 0.95 * worlds) <= spread; }) &&
           std::ranges::all_of(coverage.squares, [&](double square) { return std::abs(square - 1.0) <= of_squares; });
}

TEST(ContractCovariates, RecoverWhatMadeTheWorld) {
    constexpr int worlds = 200;
    for (const Truth& truth : {sbg_truth, bdw_truth}) {
        const Coverage found = coverage_of(truth, worlds, 1.0, true);
        EXPECT_TRUE(is_honest(found, worlds));
        for (std::size_t i = 0; i < truth.at.size(); ++i) {
            EXPECT_NEAR(found.held[i], 0.95 * worlds, 3.5 * std::sqrt(0.95 * 0.05 * worlds)) << i;
            EXPECT_NEAR(found.squares[i], 1.0, 4.0 * std::sqrt(2.0 / worlds)) << i;
        }
    }
    EXPECT_FALSE(is_honest(coverage_of(sbg_truth, worlds, 0.5, true), worlds)) << "planted: errors are too small";
    EXPECT_FALSE(is_honest(coverage_of(sbg_truth, worlds, 2.0, true), worlds)) << "planted: errors are too large";
    EXPECT_FALSE(is_honest(coverage_of(sbg_truth, worlds, 1.0, false), worlds)) << "planted: late entry is forgotten";
}

TEST(ContractCovariates, NeitherOrderNorThreadsMoveABit) {
    CustomerTable customers = world_of(sbg_truth, 3'000, 5);
    std::mt19937_64 engine(9);
    std::vector<double> incomes;  // a group for everybody
    for (std::size_t i = 0; i < customers.size(); ++i) {
        incomes.push_back(std::normal_distribution<double>(30.0, 5.0)(engine));
    }
    customers.features.push_back(numbers("income", incomes));
    const std::vector<std::string> names{"plan", "income"};
    const ContractFit fit = fit_contract(group_renewals(customers, names, 1), ContractLaw::sbg, 1);
    std::vector<std::size_t> order(customers.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, engine);
    CustomerTable shuffled;
    std::vector<std::string> plans;
    std::vector<double> shuffled_incomes;
    for (const std::size_t i : order) {
        shuffled.customer_id.push_back(customers.customer_id[i]);
        shuffled.tenure_months.push_back(std::as_const(customers).tenure_months[i]);
        shuffled.observed_from_months.push_back(std::as_const(customers).observed_from_months[i]);
        shuffled.churned.push_back(customers.churned[i]);
        plans.push_back(customers.features[1].categories[customers.features[1].codes[i]]);
        shuffled_incomes.push_back(incomes[i]);
    }
    shuffled.features = {texts("plan", plans), numbers("income", shuffled_incomes)};
    const ContractFit again = fit_contract(group_renewals(shuffled, names, 1), ContractLaw::sbg, 3);
    EXPECT_EQ(again.log_likelihood, fit.log_likelihood);
    EXPECT_EQ(parameters_and_effects(again), parameters_and_effects(fit));
    EXPECT_EQ(again.effects.covariance, fit.effects.covariance);
}

TEST(ContractCovariates, CustomersGetTheirOwnCurvesAndTheirSpread) {
    const Truth& truth = bdw_truth;
    const CustomerTable world = world_of(truth, 4'000, 77);
    const RenewalGroups renewals = group_renewals(world, {"age", "plan"}, 1);
    ContractFits fits{truth.law, 3, {{{"all", {1, 1}, {0, 0}}, fit_contract(renewals, truth.law)}}};
    CustomerTable customers;
    for (const char* id : {"a", "b", "c", "d"}) {
        customers.customer_id.push_back(id);
    }
    customers.tenure_months = {0.0, 7.9, 7.0, 7.0};
    customers.features = {numbers("age", {0.0, 2.0, 2.0, -1.0}), texts("plan", {"pro", "basic", "basic", "pro"})};
    constexpr int horizon = 24;
    SurvivalFit survival = fit_survival(customers, of_model(), horizon, {}, &fits);
    const ContractFit& fit = fits.segments.front().fit;
    const std::vector<double> at = parameters_and_effects(fit);
    const std::vector<std::vector<double>> z{{0.0, 1.0}, {2.0, 0.0}, {2.0, 0.0}, {-1.0, 1.0}};
    for (std::size_t i = 0; i < 4; ++i) {
        const int lived = i == 0 ? 0 : 7;
        const ContractModel own = contract_at(truth.law, at, z[i]);
        for (int month = 1; month <= horizon; ++month) {
            const int life = lived + month;
            const double expected = life % 3 == 0 ? own.hazard(life / 3) : 0.0;
            EXPECT_FLOAT_EQ(survival.hazards.at(i, month), static_cast<float>(expected)) << i << ' ' << month;
        }
    }
    EXPECT_EQ(survival.observed_months, (std::vector<std::uint32_t>{6, 0, 0, 0}));
    const std::vector<float> factors = share_out_draws(survival, fits, customers, horizon, 1);
    ASSERT_EQ(factors.size(), 4 * contract_draws);
    EXPECT_TRUE(std::equal(factors.begin() + contract_draws, factors.begin() + 2 * contract_draws,
                           factors.begin() + 2 * contract_draws));
    EXPECT_EQ(factors, share_out_draws(survival, fits, customers, horizon, 1, 3));
    EXPECT_NE(factors, share_out_draws(survival, fits, customers, horizon, 2));
    for (const std::size_t i : {std::size_t{0}, std::size_t{3}}) {  // months as a customer, by the delta method
        const int lived = i == 0 ? 0 : 7;
        const auto months_by = [&](const std::vector<double>& by) {
            const ContractModel own = contract_at(truth.law, by, z[i]);
            double months = 0.0;
            for (int month = 1; month <= horizon; ++month) {
                months += std::exp(-own.cumulative_hazard(lived / 3, (lived + month) / 3));
            }
            return months;
        };
        const auto months_with = [&](double factor) {
            double months = 0.0;
            double hazard = 0.0;
            for (int month = 1; month <= horizon; ++month) {
                hazard += factor * double{survival.hazards.at(i, month)};
                months += std::exp(-hazard);
            }
            return months;
        };
        EXPECT_NEAR(months_with(1.0), months_by(at), 1e-4);
        Eigen::VectorXd slope(static_cast<Eigen::Index>(at.size()));
        Eigen::MatrixXd covariance(slope.size(), slope.size());
        for (std::size_t k = 0; k < at.size(); ++k) {
            std::vector<double> up = at;
            std::vector<double> down = at;
            up[k] += 1e-5;
            down[k] -= 1e-5;
            const auto index = static_cast<Eigen::Index>(k);
            slope[index] = (months_by(up) - months_by(down)) / 2e-5;
            for (std::size_t l = 0; l < at.size(); ++l) {
                covariance(index, static_cast<Eigen::Index>(l)) = fit.effects.covariance[k][l];
            }
        }
        const double sd = std::sqrt(slope.dot(covariance * slope));
        double mean = 0.0;
        double square = 0.0;
        for (std::size_t k = 0; k < contract_draws; ++k) {
            const double away = months_with(factors[i * contract_draws + k]) - months_by(at);
            mean += away / contract_draws;
            square += away * away / contract_draws;
        }
        EXPECT_NEAR(mean, 0.0, 4.0 * sd / std::sqrt(contract_draws)) << i;
        EXPECT_NEAR(std::sqrt(square), sd, 4.0 * sd / std::sqrt(2.0 * contract_draws)) << i;
    }
}

TEST(ContractCovariates, SaysWhatIsNotIdentifiedByItsColumn) {
    RenewalGroups renewals = group_renewals({{"a", {500, 400, 340, 300}, {100, 60, 40, 20}},
                                             {"b", {400, 300, 240, 200}, {100, 60, 40, 20}},
                                             {"loyal", {40, 40, 40, 40}, {0, 0, 0, 0}}},
                                            {texts("plan", {"a", "b", "loyal"})});
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFit fit = fit_contract(renewals, law);
        EXPECT_NE(fit.status, FitStatus::converged);
        ASSERT_FALSE(fit.warnings.empty());
        EXPECT_NE(fit.warnings.front().find("plan=loyal"), std::string::npos) << fit.warnings.front();
        for (const std::string& warning : fit.warnings) {
            EXPECT_EQ(warning.find("plan=b "), std::string::npos) << warning;
        }
        EXPECT_TRUE(std::isnan(fit.effects.alpha_se[1]) && std::isnan(fit.effects.beta_se[1]));
        EXPECT_TRUE(fit.effects.covariance.empty());
        EXPECT_EQ(fit.effects.draws.size(), 512U);
        // who never left in the data may leave all the same
        ContractFits fits{law, 1, {{{"all", {1}, {0}}, fit}}};
        CustomerTable customers;
        customers.customer_id.push_back("x");
        customers.features = {texts("plan", {"loyal"})};
        SurvivalFit survival = fit_survival(customers, of_model(), 12, {}, &fits);
        const std::vector<float> factors = share_out_draws(survival, fits, customers, 12, 1);
        EXPECT_GT(survival.hazards.at(0, 1), 0.0F);
        EXPECT_GT(*std::ranges::max_element(factors), 2.0F);
        EXPECT_LT(*std::ranges::min_element(factors), 0.5F);
    }
    const ContractFit nobody = fit_contract(
        group_renewals({{"a", {50, 50}, {0, 0}}, {"b", {40, 40}, {0, 0}}}, {numbers("x", {1, 2})}), ContractLaw::sbg);
    EXPECT_FALSE(nobody.warnings.empty());
    EXPECT_EQ(nobody.effects.alpha, (std::vector<double>{0.0}));
    EXPECT_TRUE(std::isnan(nobody.effects.alpha_se[0]));
}

std::string refusal(const auto& call) {
    try {
        call();
    } catch (const InputError& fault) {
        return fault.what();
    }
    return {};
}

TEST(ContractCovariates, RefusesColumnsThatTellNothing) {
    CustomerTable customers = world_of(sbg_truth, 200, 3);
    const std::size_t count = customers.size();
    std::vector<double> twice = customers.features[0].numbers;
    std::ranges::for_each(twice, [](double& value) { value = 3.0 - 2.0 * value; });
    std::vector<double> gaps = twice;
    gaps[4] = std::nan("");
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
        ids.push_back("id" + std::to_string(i));
    }
    customers.features.push_back(numbers("same", std::vector<double>(count, 7.0)));
    customers.features.push_back(texts("word", std::vector<std::string>(count, "yes")));
    customers.features.push_back(numbers("twice", twice));
    customers.features.push_back(numbers("gaps", gaps));
    customers.features.push_back(texts("id", ids));
    const auto message = [&](std::vector<std::string> names) {
        return refusal([&] { (void)group_renewals(customers, names, 1); });
    };
    EXPECT_EQ(message({"age", "plan"}), "");
    EXPECT_NE(message({"agee"}).find("did you mean 'age'?"), std::string::npos);
    EXPECT_NE(message({"same"}).find("same is 7 for everybody"), std::string::npos);
    EXPECT_NE(message({"word"}).find("word is yes for everybody"), std::string::npos);
    EXPECT_NE(message({"age", "twice"}).find("twice follows from those before"), std::string::npos);
    EXPECT_NE(message({"age", "age"}).find("age follows"), std::string::npos);
    EXPECT_NE(message({"gaps"}).find(std::string(customers.customer_id[4])), std::string::npos);
    EXPECT_NE(message({"id"}).find("levels"), std::string::npos);
    EXPECT_NE(message({"tenure_months"}).find("moves with time"), std::string::npos);
    EXPECT_NE(refusal([] { (void)group_renewals({{"a", {}, {}}}, {numbers("x", {1.0})}); }), "");
    const ContractFits fits{
        ContractLaw::sbg,
        1,
        {{{"all", {1}, {0}}, fit_contract(group_renewals(customers, {"plan"}, 1), ContractLaw::sbg)}}};
    CustomerTable others;
    others.customer_id.push_back("n1");
    const auto simulated = [&](const FeatureColumn& plan) {
        others.features = {plan};
        return refusal([&] { (void)fit_survival(others, of_model(), 12, {}, &fits); });
    };
    EXPECT_EQ(simulated(texts("plan", {"pro"})), "");
    EXPECT_NE(simulated(texts("plan", {"max"})).find("'max' (customer n1)"), std::string::npos);
    EXPECT_NE(simulated(texts("plan", {""})).find("blank"), std::string::npos);
    EXPECT_NE(simulated(texts("tier", {"pro"})).find("no column 'plan'"), std::string::npos);
    ContractFits far = fits;  // numbers end
    far.segments[0].fit.effects.columns = {{"x"}, {"y"}};
    far.segments[0].fit.effects.alpha = {1e200, -1e200};
    far.segments[0].fit.effects.beta = {0.0, 0.0};
    others.features = {numbers("x", {1e200}), numbers("y", {1e200})};
    EXPECT_NE(refusal([&] { (void)fit_survival(others, of_model(), 12, {}, &far); }).find("customer n1"),
              std::string::npos);
}

}  // namespace
}  // namespace clv
