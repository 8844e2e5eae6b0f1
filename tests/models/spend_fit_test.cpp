#include "clv/models/spend_fit.hpp"
#include "clv/paths/purchase_posterior.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "clv/core/errors.hpp"
#include "models/summaries.hpp"

namespace clv {
namespace {

TEST(SpendFit, Cdnow) {
    if (!has_reference_data()) {
        GTEST_SKIP() << "no reference data";
    }
    const SpendFit fit = fit_spend(cdnow_cbs());
    EXPECT_EQ(fit.status, FitStatus::converged);
    EXPECT_EQ(fit.customers, 946.0);
    const SpendParameters exact{6.249572, 3.744225, 15.443521};
    const SpendParameters rounded{6.248802, 3.744588, 15.447748};
    const PurchaseSummary customers = cdnow_csv();
    const SpendFit csv = fit_spend(customers);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(fit.parameters[i], exact[i], 1e-4 * exact[i]);
        EXPECT_NEAR(csv.parameters[i], rounded[i], 1e-4 * rounded[i]);
    }
    EXPECT_NEAR(fit.log_likelihood, -4055.917695, 1e-4);
    EXPECT_NEAR(csv.log_likelihood, -4055.923244, 1e-4);
    const double published[] = {24.658616, 18.911480, 35.171002, 35.171002, 35.171002,
                                71.462851, 18.911480, 35.171002, 27.282408, 35.171002};
    for (std::size_t i = 0; i < 10; ++i) {
        EXPECT_NEAR(expected_spend(csv.parameters, customers.frequency[i], customers.monetary_value[i]), published[i],
                    5e-5)
            << i + 1;
    }
}

TEST(SpendFit, SaysWhereTheMeanIsUndefined) {
    EXPECT_TRUE(std::isnan(expected_spend({2.0, 0.8, 10.0}, 0.0, 0.0)));
    EXPECT_FALSE(std::isnan(expected_spend({2.0, 0.8, 10.0}, 1.0, 5.0)));
    PurchaseSummary customers;
    customers.frequency = {0, 1};
    customers.monetary_value = {0, 0};
    EXPECT_THROW((void)fit_spend(customers), InputError);
}

}  // namespace
}  // namespace clv
