#pragma once
// A table that somebody else holds in memory, such as a data frame: typed columns in the place of text.

#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/parse_number.hpp"

namespace clv {

class MemoryTable {
  public:
    MemoryTable() = default;
    MemoryTable(const MemoryTable&) = delete;
    MemoryTable& operator=(const MemoryTable&) = delete;
    virtual ~MemoryTable() = default;

    [[nodiscard]] virtual std::size_t rows() const noexcept = 0;
    [[nodiscard]] virtual const std::vector<std::string>& names() const noexcept = 0;

    /// Whether the column's cells are numbers or blank.
    [[nodiscard]] virtual bool is_numeric(std::size_t column) const noexcept = 0;
    /// A cell of a numeric column.
    [[nodiscard]] virtual NumberCell number(std::size_t column, std::size_t row) const noexcept = 0;
    /// Any cell as it would stand in a CSV file: a number in the fewest digits that give it back, a missing value as
    /// nothing, a day as 2011-12-09. `room` may come to hold it.
    [[nodiscard]] virtual std::string_view text(std::size_t column, std::size_t row, std::string& room) const = 0;
    /// The column, if it is doubles in one piece without a missing value; or nothing.
    [[nodiscard]] virtual std::span<const double> doubles(std::size_t column) const noexcept = 0;
};

/// Tables in memory by the name that stands in the place of a path, and begins with `in_memory`.
using MemoryTables = std::map<std::string, std::shared_ptr<const MemoryTable>>;
inline constexpr std::string_view in_memory = "memory:";
[[nodiscard]] inline bool is_in_memory(std::string_view path) noexcept {
    return path.starts_with(in_memory);
}

/// Rows of a table in memory are told apart as lines of the CSV file that would hold them below a header.
inline constexpr std::size_t first_line_in_memory = 2;

/// Appends the names, or a row, as they would stand in a CSV file, without a line end.
void append_csv_header(const MemoryTable& table, std::string& text);
void append_csv_row(const MemoryTable& table, std::size_t row, std::string& text);

}  // namespace clv
