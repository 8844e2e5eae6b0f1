#pragma once
// Numbers that customers are grouped by, by their names in the file.

#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

/// Columns of numbers, in the order of the file after those that the engine knows.
[[nodiscard]] std::vector<std::string> number_columns(const CustomerTable& customers);

/// [customer]; NaN where a cell is blank. Throws ConfigError, which names `key`, where the column is missing or has
/// texts.
[[nodiscard]] std::vector<double> number_column(const CustomerTable& customers, std::string_view name,
                                                std::string_view key);

}  // namespace clv
