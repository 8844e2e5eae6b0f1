#pragma once
// The numeric columns of customers.csv in one table: name, unit, range, default and meaning. The reader's checks, the
// filter's names and the data dictionary come from it.

#include <array>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/magnitudes.hpp"
#include "clv/data/tables/customer_table.hpp"

namespace clv {

struct CustomerColumn {
    std::string_view name;
    std::string_view unit;
    Column CustomerTable::*values;
    double low;
    double high;
    bool low_is_allowed;
    std::optional<double> blank_value;  ///< of a blank cell where the column is not required; none: a fault
    bool fills_absent_column;           ///< blank_value also stands for a column that the file does not have
    std::string_view meaning;

    [[nodiscard]] constexpr bool contains(double value) const noexcept {
        return (low_is_allowed ? value >= low : value > low) && value <= high;
    }
};

inline constexpr std::array<CustomerColumn, 10> customer_columns{{
    {"monthly_revenue", "currency a month", &CustomerTable::monthly_revenue, 0, magnitudes::largest_amount, true,
     std::nullopt, false, "revenue of a month while a customer"},
    {"margin", "share", &CustomerTable::margin, -1, 1, true, 1.0, true,
     "share of revenue that is left after its own cost"},
    {"retention_cost", "currency a month", &CustomerTable::retention_cost, 0, magnitudes::largest_amount, true, 0.0,
     true, "cost of a month while a customer"},
    {"acquisition_cost", "currency", &CustomerTable::acquisition_cost, 0, magnitudes::largest_amount, true, 0.0, true,
     "paid today to win the customer; leave it out for customers already won"},
    {"revenue_growth", "a year", &CustomerTable::revenue_growth, -1, magnitudes::largest_rate, false, 0.0, true,
     "expected growth of revenue, as a fraction"},
    {"revenue_volatility", "per square root of a year", &CustomerTable::revenue_volatility, 0, 5, true, 0.0, true,
     "log standard deviation of the customer's own revenue"},
    {"market_beta", "", &CustomerTable::market_beta, -10, 10, true, 1.0, true,
     "loading of revenue on the market factor"},
    {"churn_probability", "a month", &CustomerTable::churn_probability, 0, 1, true, std::nullopt, false,
     "probability of leaving within a month"},
    {"tenure_months", "months", &CustomerTable::tenure_months, 0, 12'000, true, 0.0, false,
     "months as a customer so far; absent: new"},
    {"observed_from_months", "months", &CustomerTable::observed_from_months, 0, 12'000, true, 0.0, false,
     "tenure when observation began, at most tenure_months; absent: 0"},
}};

/// The column with that name, or null.
[[nodiscard]] const CustomerColumn* find_customer_column(std::string_view name) noexcept;

/// t of "survival_t" (t = 1, 2, ..), or 0 for any other name.
[[nodiscard]] int survival_month(std::string_view name) noexcept;

/// "[0, 1]", "(-1, 100]"
[[nodiscard]] std::string range_text(const CustomerColumn& column);

/// Names that `input.columns` and `input.defaults` know, without survival_1, survival_2, ..
[[nodiscard]] std::vector<std::string> customer_column_names();

}  // namespace clv
