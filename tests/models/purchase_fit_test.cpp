// Fits against published figures on CDNOW and the donations (Fader and Hardie; BTYD; lifetimes).

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "clv/core/errors.hpp"
#include "clv/data/content_hash.hpp"
#include "clv/data/csv_reader.hpp"
#include "clv/data/parse_number.hpp"
#include "clv/models/purchase_fit.hpp"
#include "data/reference_data.hpp"

namespace clv {
namespace {

/// Columns of a reference file by position; monetary or weight -1: none.
struct Layout {
    std::size_t x;
    std::size_t t_x;
    std::size_t T;
    int monetary = -1;
    int weight = -1;
};

PurchaseSummary read_summary(const std::string& file, const Layout& layout) {
    CsvReader reader(reference_data() / file);
    PurchaseSummary summary;
    (void)reader.next();
    while (reader.next()) {
        const auto number = [&](std::size_t field) { return parse_number(reader[field]).value; };
        summary.customer_id.push_back(std::to_string(summary.size()));
        summary.frequency.push_back(number(layout.x));
        summary.recency.push_back(number(layout.t_x));
        summary.age.push_back(number(layout.T));
        if (layout.monetary >= 0) {
            summary.monetary_value.push_back(number(static_cast<std::size_t>(layout.monetary)));
        }
        summary.weight.push_back(layout.weight >= 0 ? number(static_cast<std::size_t>(layout.weight)) : 1.0);
    }
    return summary;
}

class PurchaseFits : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::filesystem::exists(reference_data() / "cdnow")) {
            GTEST_SKIP() << "no reference data in " << reference_data();
        }
    }
    static PurchaseSummary cbs() { return read_summary("cdnow/BTYD_cdnowSummary_cbs.csv", {1, 2, 3, 5}); }
    static PurchaseSummary csv() {
        return read_summary("cdnow/cdnow_customers_summary_with_transactions.csv", {1, 2, 3, 4});
    }
};

void expect_fit(const PurchaseFit& fit, const std::vector<double>& parameters, double tolerance,
                double log_likelihood) {
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_NEAR(fit.model.parameters[i], parameters[i], tolerance * parameters[i]) << i;
    }
    EXPECT_NEAR(fit.figures.log_likelihood, log_likelihood, 1e-4);
    EXPECT_NEAR(fit.figures.aic, 2.0 * static_cast<double>(parameters.size()) - 2.0 * log_likelihood, 2e-4);
    EXPECT_EQ(fit.figures.status, FitStatus::converged);
    EXPECT_EQ(fit.figures.customers, 2357.0);
}

TEST_F(PurchaseFits, BgNbd) {
    expect_fit(fit_purchases(cbs(), PurchaseLaw::bg_nbd), {.2425945, 4.4136020, .7929220, 2.4259068}, 1e-4,
               -9582.429207);
    const PurchaseFit fit = fit_purchases(csv(), PurchaseLaw::bg_nbd);
    expect_fit(fit, {.242593, 4.413532, .792886, 2.425753}, 1e-4, -9582.425561);
    const std::vector<double> errors{.0125573, .3782214, .1857191, .7053458};
    for (std::size_t i = 0; i < errors.size(); ++i) {
        EXPECT_NEAR(fit.figures.standard_errors[i], errors[i], 1e-3 * errors[i]) << i;
    }
    ASSERT_EQ(fit.figures.warnings.size(), 1U);
    EXPECT_NE(fit.figures.warnings[0].find("1411 customers"), std::string::npos);
}

TEST_F(PurchaseFits, MbgNbd) {
    expect_fit(fit_purchases(csv(), PurchaseLaw::mbg_nbd), {.524838, 6.182992, .891356, 1.613999}, 1e-4, -9582.132685);
    EXPECT_NEAR(fit_purchases(cbs(), PurchaseLaw::mbg_nbd).figures.log_likelihood, -9582.135716, 1e-4);
}

TEST_F(PurchaseFits, ParetoNbd) {
    const PurchaseFit fit = fit_purchases(cbs(), PurchaseLaw::pareto_nbd);
    expect_fit(fit, {.5532770, 10.577683, .6062400, 11.668735}, 5e-4, -9594.976179);
    const std::vector<double> errors{.0476279, .8427225, .1872813, 6.2111136};
    for (std::size_t i = 0; i < errors.size(); ++i) {
        EXPECT_NEAR(fit.figures.standard_errors[i], errors[i], 5e-3 * errors[i]) << i;
    }
    EXPECT_NEAR(fit_purchases(csv(), PurchaseLaw::pareto_nbd).figures.log_likelihood, -9594.97393, 1e-4);
}

TEST_F(PurchaseFits, Nbd) {
    expect_fit(fit_purchases(csv(), PurchaseLaw::nbd), {.384768, 12.072085}, 1e-4, -9763.660222);
    EXPECT_NEAR(fit_purchases(cbs(), PurchaseLaw::nbd).figures.log_likelihood, -9763.657615, 1e-4);
}

TEST_F(PurchaseFits, GammaGamma) {
    const SpendFit of_cbs = fit_spend(cbs());
    EXPECT_EQ(of_cbs.figures.customers, 946.0);
    EXPECT_NEAR(of_cbs.figures.log_likelihood, -4055.917695, 1e-4);
    const SpendFit fit = fit_spend(csv());
    EXPECT_NEAR(fit.figures.log_likelihood, -4055.923244, 1e-4);
    const std::vector<double> parameters{6.248802, 3.744588, 15.447748};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_NEAR(fit.model.parameters[i], parameters[i], 1e-4 * parameters[i]) << i;
        EXPECT_GT(fit.figures.standard_errors[i], 0.0);
    }
    const PurchaseSummary summary = csv();
    const std::vector<double> expected{24.658616, 18.911480, 35.171002, 35.171002, 35.171002,
                                       71.462851, 18.911480, 35.171002, 27.282408, 35.171002};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_NEAR(fit.model.expected_spend(summary.frequency[i], summary.monetary_value[i]), expected[i], 1e-3) << i;
        EXPECT_NEAR((SpendModel{{6.248802, 3.744588, 15.447748}}.expected_spend(summary.frequency[i],
                                                                                summary.monetary_value[i])),
                    expected[i], 5e-5)
            << i;
    }
}

TEST_F(PurchaseFits, BgBbOfTheDonations) {
    const PurchaseSummary donations = read_summary("bgbb/donations.csv", {0, 1, 2, -1, 3});
    const PurchaseFit fit = fit_purchases(donations, PurchaseLaw::bg_bb);
    const std::vector<double> parameters{1.203522, .749716, .656718, 2.783442};
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        EXPECT_NEAR(fit.model.parameters[i], parameters[i], 2e-4 * parameters[i]) << i;
    }
    EXPECT_NEAR(fit.figures.log_likelihood, -33225.581274, 1e-4);
    EXPECT_EQ(fit.figures.customers, 11104.0);
    const std::vector<double> counts{.4985,  .9233,  1.2969, 1.6323, 1.9381, 2.2202,
                                     2.4826, 2.7285, 2.9603, 3.1798, 3.3887};
    for (std::size_t n = 1; n <= counts.size(); ++n) {
        EXPECT_NEAR(fit.model.expected_purchases(static_cast<double>(n)), counts[n - 1], 5.1e-5) << n;
    }
}

TEST(PurchaseModels, ANamedCustomerOfCdnow) {
    const PurchaseModel bg{PurchaseLaw::bg_nbd, {.243, 4.414, .793, 2.426}, TimeUnit::week};
    EXPECT_NEAR(bg.conditional_expectation(2, 30.43, 38.86, 39), 1.226028, 5e-7);
    EXPECT_NEAR(bg.p_alive(2, 30.43, 38.86), .726579, 5e-7);
    const PurchaseModel mbg{PurchaseLaw::mbg_nbd, {.525, 6.183, .891, 1.614}, TimeUnit::week};
    EXPECT_NEAR(mbg.conditional_expectation(2, 30.43, 38.86, 39), 1.26296, 5e-6);
    EXPECT_NEAR(mbg.p_alive(2, 30.43, 38.86), .706202, 5e-7);
}

TEST(PurchaseModels, ExpectationsAreSmoothWhereTheirClosedFormsAreNot) {
    const auto expected = [](double a, double b) {
        return PurchaseModel{PurchaseLaw::bg_nbd, {.3, 5.0, a, b}, TimeUnit::week}.expected_purchases(40.0);
    };
    EXPECT_NEAR(expected(1.0, 2.0), 0.5 * (expected(0.999, 2.0) + expected(1.001, 2.0)), 1e-6);
    // a + b = 1 divides the series from the quadrature
    EXPECT_NEAR(expected(0.4, 0.6 - 1e-8), expected(0.4, 0.6 + 1e-8), 1e-7);
    EXPECT_GT(expected(0.2, 0.3), 0.0);
    const auto pareto = [](double s) {
        return PurchaseModel{PurchaseLaw::pareto_nbd, {.3, 5.0, s, 9.0}, TimeUnit::week}.expected_purchases(40.0);
    };
    EXPECT_NEAR(pareto(1.0), 0.5 * (pareto(0.999) + pareto(1.001)), 1e-6);
}

PurchaseSummary summary_of(std::vector<std::array<double, 3>> histories) {
    PurchaseSummary summary;
    for (const auto& [x, t_x, T] : histories) {
        summary.customer_id.push_back(std::to_string(summary.size()));
        summary.frequency.push_back(x);
        summary.recency.push_back(t_x);
        summary.age.push_back(T);
    }
    summary.weight.assign(histories.size(), 1.0);
    return summary;
}

void expect_no_nan(const PurchaseFit& fit) {
    EXPECT_TRUE(std::isfinite(fit.figures.log_likelihood));
    for (std::size_t i = 0; i < parameter_names(fit.model.law).size(); ++i) {
        EXPECT_FALSE(std::isnan(fit.model.parameters[i])) << i;
    }
    const double alive = fit.model.p_alive(1, 5, 10);
    EXPECT_TRUE(0.0 <= alive && alive <= 1.0) << alive;
}

TEST(PurchaseModels, DifficultDataGiveAFitOrAStatus) {
    for (const PurchaseLaw law :
         {PurchaseLaw::nbd, PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd}) {
        expect_no_nan(fit_purchases(summary_of({{0, 0, 30}}), law));
        expect_no_nan(fit_purchases(summary_of({{3, 20, 30}, {0, 0, 12}}), law));
        expect_no_nan(fit_purchases(summary_of({{0, 0, 0}, {0, 0, 0}, {2, 5, 9}}), law));
        expect_no_nan(fit_purchases(summary_of({{500, 51, 52}, {2, 9, 40}, {0, 0, 30}, {7, 30, 44}}), law));
        const PurchaseFit once = fit_purchases(summary_of({{0, 0, 30}, {0, 0, 12}, {0, 0, 3}}), law);
        expect_no_nan(once);
        EXPECT_NE(once.figures.status, FitStatus::converged);
        EXPECT_FALSE(once.figures.warnings.empty());
    }
    EXPECT_THROW((void)fit_purchases(summary_of({}), PurchaseLaw::bg_nbd), InputError);
    EXPECT_THROW((void)fit_spend(summary_of({{3, 20, 30}})), InputError);
}

TEST(PurchaseModels, DropoutThatIsNotIdentifiedIsTheLimit) {
    // everybody has bought regularly to the end
    std::vector<std::array<double, 3>> regular;
    for (double x = 3.0; x < 23.0; x += 1.0) {
        regular.push_back({x, 40.0, 40.0});
    }
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::pareto_nbd}) {
        const PurchaseFit fit = fit_purchases(summary_of(regular), law);
        EXPECT_EQ(fit.figures.status, FitStatus::at_bound);
        EXPECT_EQ(fit.model.parameters[2], 0.0);
        EXPECT_TRUE(std::isinf(fit.model.parameters[3]));
        EXPECT_EQ(fit.model.p_alive(1, 5, 40), 1.0);
    }
}

}  // namespace
}  // namespace clv
