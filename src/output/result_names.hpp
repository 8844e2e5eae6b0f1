#pragma once

#include <string_view>

namespace clv {

/// A generated world: data of its own, and no result of what was made from it.
[[nodiscard]] inline bool is_world(std::string_view name) {
    return name == "customers.csv" || name == "transactions.csv" || name == "truth.csv";
}

/// A report shows the other files as they were.
[[nodiscard]] inline bool shows_others(std::string_view name) {
    return name == "report.html" || name == "report.xlsx";
}

}  // namespace clv
