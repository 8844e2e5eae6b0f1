#include "clv/learning/clusters/group_columns.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/data/tables/named_columns.hpp"

namespace clv {

namespace {

std::vector<double> numbers_of(const NamedColumn& column, const CustomerTable& customers) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        numbers.push_back(column.number(i));
    }
    return numbers;
}

std::vector<NamedColumn> all_columns(const CustomerTable& customers) {
    std::vector<NamedColumn> columns = named_columns(customers);
    if (!customers.churn_probability.empty()) {
        columns.push_back({name_in_file(customers, "churn_probability"), &customers.churn_probability});
    }
    return columns;
}

}  // namespace

std::vector<std::string> number_columns(const CustomerTable& customers) {
    std::vector<std::string> names;
    for (const NamedColumn& column : all_columns(customers)) {
        if (has_numbers(column)) {
            names.push_back(column.name);
        }
    }
    return names;
}

std::vector<double> number_column(const CustomerTable& customers, std::string_view name, std::string_view key) {
    const std::vector<NamedColumn> columns = all_columns(customers);
    const NamedColumn* column = find_column(columns, customers, name);
    if (column == nullptr) {
        std::vector<std::string> names;
        for (const NamedColumn& other : columns) {
            names.push_back(other.name);
        }
        throw ConfigError(fmt::format("the input has no column {} ({}): it has {}", name, key, fmt::join(names, ", ")));
    }
    if (!has_numbers(*column)) {
        throw ConfigError(fmt::format("column {} has texts ({}): customers are grouped by numbers", name, key));
    }
    return numbers_of(*column, customers);
}

}  // namespace clv
