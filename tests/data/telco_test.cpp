// The IBM Telco file: real columns, real blanks.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "clv/data/filters/filter.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "reference_data.hpp"

namespace clv {
namespace {

TEST(Telco, IsReadWhole) {
    const auto path = reference_data() / "telco" / "Telco-Customer-Churn.csv";
    if (!std::filesystem::exists(path)) {
        GTEST_SKIP() << path << " is not there: set CLV_REFERENCE_DATA to the folder of the reference data";
    }
    InputSettings settings;
    settings.customers = path.string();
    settings.columns = {{"customer_id", "customerID"},
                        {"monthly_revenue", "MonthlyCharges"},
                        {"tenure_months", "tenure"},
                        {"churned", "Churn"}};
    settings.segment_by = {"Contract"};
    NoProgress progress;
    const auto [table, report] = read_customers(settings, {.tenure_months = true, .churned = true}, progress);
    ASSERT_NO_THROW(require_accepted(report, OnFault::refuse));
    ASSERT_EQ(table.size(), 7'043U);
    EXPECT_EQ(table.customer_id[0], "7590-VHVEG");
    double revenue = 0.0;
    for (std::size_t row = 0; row < table.size(); ++row) {
        revenue += table.monthly_revenue[row];
    }
    EXPECT_NEAR(revenue, 456'116.60, 1e-6);
    EXPECT_EQ(std::count(table.churned.begin(), table.churned.end(), 1), 1'869);
    EXPECT_EQ(table.segments, (std::vector<std::string>{"Month-to-month", "One year", "Two year"}));
    EXPECT_EQ(table.features.size(), 17U);

    const auto total = std::ranges::find(table.features, "TotalCharges", &FeatureColumn::name);
    ASSERT_NE(total, table.features.end());
    ASSERT_TRUE(total->is_numeric());
    int missing = 0;
    for (std::size_t row = 0; row < table.size(); ++row) {
        if (std::isnan(total->numbers[row])) {
            ++missing;
            EXPECT_EQ(table.tenure_months[row], 0.0);
        }
    }
    EXPECT_EQ(missing, 11);

    const auto monthly = Filter::parse("Contract == 'Month-to-month' and MonthlyCharges >= 0").evaluate(table);
    EXPECT_EQ(std::count(monthly.begin(), monthly.end(), 1), 3'875);
}

}  // namespace
}  // namespace clv
