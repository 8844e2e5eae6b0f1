#pragma once
// Customers as a learner sees them: one row each, numbers as they are, a category as the place of its level in a
// dictionary that goes with the model. What is missing is NaN.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/learn_settings.hpp"

namespace clv {

enum class FeatureKind { number, category };

struct LearnedColumn {
    std::string name;  ///< in the file
    FeatureKind kind = FeatureKind::number;
    std::vector<std::string> levels;  ///< of a category, in the order of their codes
};

/// The level that stands for all that are too rare to be learned from, where there are such.
inline constexpr const char* other_level = "(other)";

/// A column that is not learned from, and why: "is the same for everybody".
struct LeftOut {
    std::string column;
    std::string why;
    bool is_warning = false;  ///< it would have told too much
};

struct FeatureMatrix {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<float> values;  ///< [row][column]

    [[nodiscard]] std::span<const float> row(std::size_t index) const {
        return std::span(values).subspan(index * columns, columns);
    }
};

/// These rows alone, in this order.
[[nodiscard]] FeatureMatrix rows_of(const FeatureMatrix& matrix, std::span<const std::size_t> rows);

/// Outcomes of customers: 1, 0, or unknown_outcome where the cell is blank.
using Outcomes = std::vector<std::int8_t>;
inline constexpr std::int8_t unknown_outcome = -1;

/// The outcome in settings.target_column. Throws InputError if there is no such column, or a value is neither yes nor
/// no and settings.positive does not say which is which.
[[nodiscard]] Outcomes churn_outcomes(const CustomerTable& customers, const LearnSettings& settings);

/// What there is to learn `outcomes` from: columns of the file but those that say nothing (the same for everybody, an
/// id), or too much (one column tells the outcome almost surely), which join `left_out`. A level of a category that
/// few customers have is "(other)". Throws ConfigError if settings name a column that is not there.
[[nodiscard]] std::vector<LearnedColumn> learned_columns(const CustomerTable& customers, const Outcomes& outcomes,
                                                         const LearnSettings& settings, std::vector<LeftOut>& left_out);

/// All customers, in their order. Throws InputError if a column is missing, with the remedy.
[[nodiscard]] FeatureMatrix feature_matrix(const CustomerTable& customers, std::span<const LearnedColumn> columns);

/// Whether customers have a column of that name.
[[nodiscard]] bool has_column(const CustomerTable& customers, const std::string& name);

/// Months as a customer: settings.time_column or tenure_months; empty if there is neither. Throws InputError if the
/// column that is named is missing or holds no months.
[[nodiscard]] std::vector<double> tenures(const CustomerTable& customers, const std::string& time_column);

}  // namespace clv
