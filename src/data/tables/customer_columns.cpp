#include "clv/data/tables/customer_columns.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>

namespace clv {

const CustomerColumn* find_customer_column(std::string_view name) noexcept {
    const auto* const found = std::ranges::find(customer_columns, name, &CustomerColumn::name);
    return found == customer_columns.end() ? nullptr : found;
}

int survival_month(std::string_view name) noexcept {
    constexpr std::string_view prefix = "survival_";
    if (!name.starts_with(prefix) || name.size() == prefix.size() || name[prefix.size()] == '0') {
        return 0;
    }
    int month = 0;
    const auto [end, error] = std::from_chars(name.data() + prefix.size(), name.data() + name.size(), month);
    return error == std::errc{} && end == name.data() + name.size() && month > 0 ? month : 0;
}

std::string range_text(const CustomerColumn& column) {
    return fmt::format("{}{}, {}]", column.low_is_allowed ? '[' : '(', column.low, column.high);
}

std::vector<std::string> customer_column_names() {
    std::vector<std::string> names{"customer_id"};
    for (const CustomerColumn& column : customer_columns) {
        names.emplace_back(column.name);
    }
    names.emplace_back("churned");
    names.emplace_back("segment");
    return names;
}

}  // namespace clv
