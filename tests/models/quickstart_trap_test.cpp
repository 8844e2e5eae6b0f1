// A widely copied quickstart values CDNOW's customers with weekly data read as daily. Models count in a typed unit, so
// that the mistake has to be written out, as it is here, to be made.

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "clv/models/purchase_fit.hpp"
#include "clv/models/spend_fit.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "models/summaries.hpp"

namespace clv {
namespace {

/// Expected spend of twelve months, discounted at the end of each by 1% a month. A month has `unit_months` time units.
double twelve_months(const PurchaseModel& model, const SpendFit& spend, const PurchaseSummary& customers, std::size_t i,
                     double unit_months) {
    const auto purchases = [&](int months) {
        return model.conditional_expectation(customers.frequency[i], customers.recency[i], customers.age[i],
                                             months * unit_months);
    };
    double sum = 0.0;
    for (int month = 1; month <= 12; ++month) {
        sum += (purchases(month) - purchases(month - 1)) / std::pow(1.01, month);
    }
    return sum * expected_spend(spend.parameters, customers.frequency[i], customers.monetary_value[i]);
}

TEST(QuickstartTrap, WeeksAreWeeks) {
    if (!has_reference_data()) {
        GTEST_SKIP() << "no reference data";
    }
    const PurchaseSummary customers = cdnow_csv();
    const PurchaseModel model = fit_purchases(customers, PurchaseLaw::bg_nbd).model;
    const SpendFit spend = fit_spend(customers);
    ASSERT_EQ(model.time_unit, TimeUnit::week);
    EXPECT_NEAR(days_per_month / days_per(model.time_unit), 4.345, 0.004);
    const std::array<double, 3> right{36.278496, 4.637466, 8.344093};
    const std::array<double, 3> copied{140.096211, 18.943467, 38.180574};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NEAR(twelve_months(model, spend, customers, i, 4.345), right[i], 1e-4 * right[i]) << i;
        EXPECT_NEAR(twelve_months(model, spend, customers, i, 30.0), copied[i], 1e-4 * copied[i]) << i;
        const double typed = twelve_months(model, spend, customers, i, days_per_month / days_per(model.time_unit));
        EXPECT_NEAR(typed, right[i], 2e-3 * right[i]) << i;
    }
}

}  // namespace
}  // namespace clv
