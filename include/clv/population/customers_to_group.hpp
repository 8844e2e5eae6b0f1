#pragma once
// What customers are grouped by (learning/clusters/segmentation.hpp): numbers of an input, by name.

#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/clusters/rfm.hpp"
#include "clv/learning/clusters/segmentation.hpp"
#include "clv/learning/learn_value.hpp"
#include "clv/population/population.hpp"
#include "clv/population/purchases_read.hpp"

namespace clv {

/// Columns of numbers by name, [customer] each.
struct NumberColumns {
    std::vector<std::string> names;
    std::vector<std::vector<double>> columns;

    void add(std::string name, std::vector<double> column);
    /// Null if there is none of that name.
    [[nodiscard]] const std::vector<double>* find(std::string_view name) const;
    /// Throws ConfigError, which names segment.columns, if one is missing.
    [[nodiscard]] NumberColumns chosen(const std::vector<std::string>& names_wanted) const;
    /// Every column of these customers alone, in this order.
    [[nodiscard]] NumberColumns of_rows(const std::vector<std::size_t>& rows) const;
};

/// These entries, in this order.
[[nodiscard]] std::vector<double> taken(const std::vector<double>& values, const std::vector<std::size_t>& rows);

/// Puts the columns beside the values that `customers` has.
void set_columns(CustomersToGroup& customers, const NumberColumns& numbers);

/// Every feature of transactions; of a summary its columns.
[[nodiscard]] NumberColumns numbers_of(const PurchasesRead& read);

/// Columns of customers. Throws ConfigError where one is missing or has texts.
[[nodiscard]] NumberColumns numbers_of(const CustomerTable& customers, const std::vector<std::string>& names);

/// Recency, frequency and money of every customer.
[[nodiscard]] RfmScores rfm_of(const PurchasesRead& read);

/// Customers without a contract: by segment.columns, else by recency, frequency and money; ranked by what `learner`
/// predicts, null: by revenue so far. Throws ConfigError where a summary knows no money.
[[nodiscard]] CustomersToGroup customers_to_group(const PurchasesRead& read, const SegmentSettings& settings,
                                                  const ValueLearner* learner, int threads);

/// Customers of a table: by segment.columns, else by value and, where it is known, churn. Throws ConfigError where
/// nothing says what they are worth.
[[nodiscard]] CustomersToGroup customers_to_group(const CustomerTable& customers, const SegmentSettings& settings);

/// [customer]: probability of leaving within the next month; without a contract, of having left.
[[nodiscard]] std::vector<double> churn_of(const Population& population);

}  // namespace clv
