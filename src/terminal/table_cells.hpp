#pragma once
// Cells of tables on the terminal.

#include <string>
#include <string_view>

#include "clv/data/tables/fault.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

[[nodiscard]] inline std::string money(double value) {
    return with_thousands(value, 2);
}

/// Ids and names come from the user's files and may hold anything; a table wants one short line.
[[nodiscard]] inline std::string name_cell(std::string_view name) {
    constexpr std::size_t most_bytes = 32;
    return shortened(name, most_bytes);
}

}  // namespace clv
