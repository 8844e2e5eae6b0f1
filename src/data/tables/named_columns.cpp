#include "clv/data/tables/named_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>

#include "clv/data/tables/customer_columns.hpp"
#include "clv/data/tables/parse_number.hpp"

namespace clv {

namespace {

/// These say how a customer churns: they are not what churn is learned from.
bool says_churn(const CustomerColumn& column) {
    return column.values == &CustomerTable::churn_probability || column.values == &CustomerTable::observed_from_months;
}

}  // namespace

std::string name_in_file(const CustomerTable& customers, std::string_view ours) {
    const auto mapped = std::ranges::find(customers.mapped_names, ours, [](const auto& pair) { return pair.second; });
    return mapped == customers.mapped_names.end() ? std::string(ours) : mapped->first;
}

double NamedColumn::number(std::size_t customer) const {
    if (column != nullptr) {
        return (*column)[customer];
    }
    if (is_text()) {
        const NumberCell cell = parse_number(texts[codes[customer]]);
        return cell.kind == CellKind::number ? cell.value : std::numeric_limits<double>::quiet_NaN();
    }
    return feature->values()[customer];
}

std::string NamedColumn::text(std::size_t customer) const {
    if (is_text()) {
        return texts[codes[customer]];
    }
    const double value = number(customer);
    return std::isnan(value) ? std::string() : fmt::format("{}", value);
}

bool has_numbers(const NamedColumn& column) {
    constexpr std::array<std::string_view, 7> missing{"nan", "na", "n/a", "null", "none", "?", "-"};
    if (!column.is_text()) {
        return true;
    }
    bool has_one = false;
    for (const std::string& text : column.texts) {
        const bool is_number = parse_number(text).kind == CellKind::number;
        const bool is_missing =
            text.empty() || std::ranges::any_of(missing, [&](std::string_view word) {
                return std::ranges::equal(text, word, {}, [](unsigned char c) { return std::tolower(c); });
            });
        if (!is_number && !is_missing) {
            return false;
        }
        has_one = has_one || is_number;
    }
    return has_one;
}

std::vector<NamedColumn> named_columns(const CustomerTable& customers) {
    std::vector<NamedColumn> columns;
    for (const CustomerColumn& known : customer_columns) {
        const Column& values = customers.*known.values;
        if (!values.empty() && !says_churn(known)) {
            columns.push_back({name_in_file(customers, known.name), &values});
        }
    }
    const bool has_own_segments =
        !customers.segment.empty() && std::ranges::none_of(customers.features, [](const FeatureColumn& feature) {
            return feature.name == "segment";
        });
    if (has_own_segments) {
        columns.push_back(
            {name_in_file(customers, "segment"), nullptr, nullptr, customers.segment, customers.segments});
    }
    for (const FeatureColumn& feature : customers.features) {
        columns.push_back({feature.name, nullptr, &feature, feature.codes, feature.categories});
    }
    return columns;
}

const NamedColumn* find_column(const std::vector<NamedColumn>& columns, const CustomerTable& customers,
                               std::string_view name) {
    auto found = std::ranges::find(columns, name, &NamedColumn::name);
    if (found == columns.end()) {
        found = std::ranges::find(columns, name_in_file(customers, name), &NamedColumn::name);
    }
    return found == columns.end() ? nullptr : &*found;
}

}  // namespace clv
