#include "clv/models/purchase_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/models/identification.hpp"
#include "models/summaries.hpp"

namespace clv {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

void expect_parameters(const PurchaseFit& fit, const std::vector<double>& expected, double relative) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(fit.model.parameters[i], expected[i], relative * expected[i]) << i;
    }
}

void expect_errors(const PurchaseFit& fit, const std::vector<double>& expected, double relative) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(fit.standard_errors[i], expected[i], relative * expected[i]) << i;
    }
}

class Cdnow : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!has_reference_data()) {
            GTEST_SKIP() << "no reference data";
        }
    }
};

TEST_F(Cdnow, BgNbd) {
    const PurchaseFit fit = fit_purchases(cdnow_cbs(), PurchaseLaw::bg_nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    EXPECT_EQ(fit.customers, 2357.0);
    expect_parameters(fit, {.2425945, 4.4136020, .7929220, 2.4259068}, 1e-6);
    EXPECT_NEAR(fit.log_likelihood, -9582.429207, 1e-6);
    EXPECT_NEAR(fit.aic, 8.0 + 2.0 * 9582.429207, 1e-5);
    EXPECT_EQ(fit.warnings.size(), 1U);  // one-time buyers are all alive

    const PurchaseFit rounded = fit_purchases(cdnow_csv(), PurchaseLaw::bg_nbd);
    expect_parameters(rounded, {.242593, 4.413532, .792886, 2.425753}, 1e-5);
    expect_errors(rounded, {.0125573, .3782214, .1857191, .7053458}, 1e-4);
    EXPECT_NEAR(rounded.log_likelihood, -9582.425561, 1e-6);
}

TEST_F(Cdnow, ParetoNbd) {
    const PurchaseFit fit = fit_purchases(cdnow_cbs(), PurchaseLaw::pareto_nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    expect_parameters(fit, {.5532770, 10.577683, .6062400, 11.668735}, 1e-5);
    expect_errors(fit, {.0476279, .8427225, .1872813, 6.2111136}, 5e-4);
    EXPECT_NEAR(fit.log_likelihood, -9594.976179, 1e-6);
    EXPECT_NEAR(fit_purchases(cdnow_csv(), PurchaseLaw::pareto_nbd).log_likelihood, -9594.97393, 1e-5);
}

TEST_F(Cdnow, MbgNbd) {
    const PurchaseFit fit = fit_purchases(cdnow_csv(), PurchaseLaw::mbg_nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    expect_parameters(fit, {.524838, 6.182992, .891356, 1.613999}, 1e-5);
    EXPECT_NEAR(fit.log_likelihood, -9582.132685, 1e-6);
    EXPECT_NEAR(fit_purchases(cdnow_cbs(), PurchaseLaw::mbg_nbd).log_likelihood, -9582.135716, 1e-6);
}

TEST_F(Cdnow, Nbd) {
    const PurchaseFit fit = fit_purchases(cdnow_csv(), PurchaseLaw::nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    expect_parameters(fit, {.384768, 12.072085}, 1e-5);
    EXPECT_NEAR(fit.log_likelihood, -9763.660222, 1e-6);
    EXPECT_NEAR(fit_purchases(cdnow_cbs(), PurchaseLaw::nbd).log_likelihood, -9763.657615, 1e-6);
}

TEST_F(Cdnow, BgBbDonations) {
    const PurchaseFit fit = fit_purchases(donations(), PurchaseLaw::bg_bb);
    EXPECT_EQ(fit.status, FitStatus::converged);
    EXPECT_EQ(fit.customers, 11104.0);
    expect_parameters(fit, {1.203522, .749716, .656718, 2.783442}, 1e-4);
    EXPECT_NEAR(fit.log_likelihood, -33225.581274, 1e-4);
    const std::vector<double> expected{.4985,  .9233,  1.2969, 1.6323, 1.9381, 2.2202,
                                       2.4826, 2.7285, 2.9603, 3.1798, 3.3887};
    for (std::size_t n = 0; n < expected.size(); ++n) {
        EXPECT_NEAR(fit.model.expected_purchases(static_cast<double>(n + 1)), expected[n], 5.1e-5) << n + 1;
    }
}

TEST_F(Cdnow, OrderAndWeightsDoNotMatter) {
    PurchaseSummary customers = cdnow_cbs();
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_nbd);
    std::vector<double>* const columns[] = {&customers.frequency, &customers.recency, &customers.age};
    for (std::vector<double>* column : columns) {
        std::vector<double> turned(column->rbegin(), column->rend());
        *column = turned;
    }
    EXPECT_EQ(fit_purchases(customers, PurchaseLaw::bg_nbd).model.parameters, fit.model.parameters);
}

TEST_F(Cdnow, DrawsSpreadAsTheStandardErrors) {
    const PurchaseFit fit = fit_purchases(cdnow_csv(), PurchaseLaw::bg_nbd);
    const std::vector<PurchaseParameters> draws = draw_parameters(fit, 20000, {7});
    EXPECT_EQ(draws, draw_parameters(fit, 20000, {7}));
    for (std::size_t i = 0; i < 4; ++i) {
        double sum = 0.0;
        double squares = 0.0;
        for (const PurchaseParameters& draw : draws) {
            const double z = std::log(draw[i] / fit.model.parameters[i]) / std::sqrt(fit.log_covariance[i][i]);
            sum += z / 20000.0;
            squares += z * z / 20000.0;
        }
        EXPECT_NEAR(sum, 0.0, 4.0 / std::sqrt(20000.0));
        EXPECT_NEAR(squares, 1.0, 4.0 * std::sqrt(2.0 / 20000.0));
    }
}

PurchaseSummary rows(std::vector<double> x, std::vector<double> recency, std::vector<double> age) {
    PurchaseSummary summary;
    summary.frequency = std::move(x);
    summary.recency = std::move(recency);
    summary.age = std::move(age);
    return summary;
}

constexpr PurchaseLaw laws[] = {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd, PurchaseLaw::bg_bb,
                                PurchaseLaw::nbd};

TEST(PurchaseFit, DifficultDataGiveAFitOrAStatus) {
    const std::vector<PurchaseSummary> all{
        rows({0}, {0}, {0}),                                     // one customer, age 0
        rows({3}, {20}, {30}),                                   // one customer
        rows({0, 4}, {0, 30}, {40, 40}),                         // two
        rows({0, 0, 0, 0}, {0, 0, 0, 0}, {10, 20, 30, 40}),      // one-time buyers
        rows({5, 5, 5, 5}, {30, 30, 30, 30}, {40, 40, 40, 40}),  // equal histories
        rows({40, 1, 0, 3, 2}, {50, 8, 0, 9, 51}, {52, 52, 52, 52, 52}),
    };
    for (const PurchaseLaw law : laws) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            PurchaseFit fit = fit_purchases(all[i], law);
            identify(fit, all[i], 1);
            EXPECT_TRUE(std::isfinite(fit.log_likelihood)) << i;
            for (std::size_t k = 0; k < parameter_count(law); ++k) {
                EXPECT_FALSE(std::isnan(fit.model.parameters[k])) << i;
            }
            EXPECT_TRUE(std::isfinite(fit.model.conditional_expectation(2, 10, 20, 5))) << i;
            if (i != 2 && i < 4) {  // two different customers may have a maximum
                EXPECT_NE(fit.status, FitStatus::converged) << i;
                EXPECT_FALSE(fit.warnings.empty()) << i;
            }
        }
    }
}

TEST(PurchaseFit, NoTimeIdentifiesNothing) {
    for (const PurchaseLaw law : laws) {
        const PurchaseFit fit = fit_purchases(rows({0, 0}, {0, 0}, {0, 0}), law);
        EXPECT_EQ(fit.status, FitStatus::not_identified);
        EXPECT_TRUE(std::isnan(fit.standard_errors[0]));
        ASSERT_FALSE(fit.warnings.empty());
        EXPECT_NE(fit.warnings.back().find("no time has passed"), std::string::npos);
        EXPECT_THROW((void)fit_purchases(rows({0, 2}, {0, 0}, {10, 0}), law), InputError);
    }
}

TEST(PurchaseFit, HundredsOfPurchases) {
    const PurchaseSummary customers =
        rows({500, 350, 1, 0, 3, 20, 2}, {51.9, 51, 8, 0, 9, 30, 51}, {52, 52, 52, 52, 52, 52, 52});
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd}) {
        const PurchaseFit fit = fit_purchases(customers, law);
        EXPECT_TRUE(std::isfinite(fit.log_likelihood));
        const double p = fit.model.p_alive(500, 20, 52);
        EXPECT_TRUE(p >= 0.0 && p < 1e-10) << p;
    }
}

/// Customers of BG/NBD, seen for 52 weeks.
PurchaseSummary customers_of(const PurchaseParameters& at, int count, unsigned seed) {
    std::mt19937_64 engine(seed);
    const auto gamma = [&](double shape) { return std::gamma_distribution<double>(shape, 1.0)(engine); };
    std::exponential_distribution<double> gap;
    PurchaseSummary customers;
    for (int i = 0; i < count; ++i) {
        const double rate = gamma(at[0]) / at[1];
        const double leaves = gamma(at[2]);
        const double stays = gamma(at[3]);
        double x = 0.0;
        double recency = 0.0;
        bool alive = true;
        for (double time = gap(engine) / rate; alive && time < 52.0; time += gap(engine) / rate) {
            x += 1.0;
            recency = time;
            alive = std::bernoulli_distribution(stays / (leaves + stays))(engine);
        }
        customers.frequency.push_back(x);
        customers.recency.push_back(recency);
        customers.age.push_back(52.0);
    }
    return customers;
}

TEST(PurchaseFit, FindsDropoutThatIsAllOrNothing) {
    const PurchaseParameters truth{0.8, 4.0, 0.15, 0.35};  // a + b < 1
    const PurchaseFit fit = fit_purchases(customers_of(truth, 8'000, 3), PurchaseLaw::bg_nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    for (std::size_t k = 0; k < 4; ++k) {
        EXPECT_NEAR(fit.model.parameters[k], truth[k], 4.0 * fit.standard_errors[k]) << k;
        EXPECT_LT(fit.standard_errors[k], 0.2 * truth[k]) << k;
    }
    EXPECT_LT(fit.model.parameters[2] + fit.model.parameters[3], 1.0);
}

TEST(PurchaseFit, OfManyRowsIsTheirMaximum) {
    // enough of them to try the starts on a sample alone; at the maximum of the whole every slope is 0
    const PurchaseFit fit = fit_purchases(customers_of({0.243, 4.414, 0.793, 2.426}, 60'000, 4), PurchaseLaw::bg_nbd);
    EXPECT_EQ(fit.status, FitStatus::converged);
    const PurchaseSummary customers = customers_of({0.243, 4.414, 0.793, 2.426}, 60'000, 4);
    const auto likelihood = [&](const PurchaseParameters& at) {
        const PurchaseModel model{PurchaseLaw::bg_nbd, at, TimeUnit::week};
        double sum = 0.0;
        for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
            sum += model.log_likelihood(customers.frequency[i], customers.recency[i], customers.age[i]);
        }
        return sum;
    };
    EXPECT_NEAR(likelihood(fit.model.parameters), fit.log_likelihood, 1e-9 * std::abs(fit.log_likelihood));
    for (std::size_t k = 0; k < 4; ++k) {
        const double step = 1e-3 * fit.standard_errors[k];
        PurchaseParameters up = fit.model.parameters;
        PurchaseParameters down = fit.model.parameters;
        up[k] += step;
        down[k] -= step;
        // a slope in units of the standard error: how far the estimate is from the maximum
        EXPECT_NEAR((likelihood(up) - likelihood(down)) / (2.0 * step) * fit.standard_errors[k], 0.0, 1e-4) << k;
    }
}

TEST(PurchaseFit, WithoutSignOfDropoutIsTheLimit) {
    // everybody bought on the last day of observation
    const PurchaseSummary customers =
        rows({1, 2, 3, 5, 9, 4, 1}, {40, 40, 40, 40, 40, 40, 40}, {40, 40, 40, 40, 40, 40, 40});
    const PurchaseFit plain = fit_purchases(customers, PurchaseLaw::nbd);
    const PurchaseFit fit = fit_purchases(customers, PurchaseLaw::bg_nbd);
    EXPECT_EQ(fit.status, FitStatus::at_bound);
    EXPECT_EQ(fit.model.parameters[0], plain.model.parameters[0]);
    EXPECT_EQ(fit.model.parameters[2], 0.0);
    EXPECT_EQ(fit.model.parameters[3], infinity);
    EXPECT_EQ(fit.model.p_alive(3, 10, 40), 1.0);
    EXPECT_FALSE(fit.warnings.empty());
    EXPECT_EQ(draw_parameters(fit, 3, {1})[2][3], infinity);
}

TEST(PurchaseFit, RefusesWhatIsNoHistory) {
    EXPECT_THROW((void)fit_purchases(rows({}, {}, {}), PurchaseLaw::nbd), InputError);
    EXPECT_THROW((void)fit_purchases(rows({1}, {5}, {4}), PurchaseLaw::nbd), InputError);
    EXPECT_THROW((void)fit_purchases(rows({1.5}, {3}, {4}), PurchaseLaw::nbd), InputError);
    EXPECT_THROW((void)fit_purchases(rows({3}, {2}, {4}), PurchaseLaw::bg_bb), InputError);
}

}  // namespace
}  // namespace clv
