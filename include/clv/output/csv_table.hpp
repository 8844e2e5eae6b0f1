#pragma once
// Columns in, a CSV file of the file table out.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clv/data/customer_table.hpp"

namespace clv {

/// Texts by code: names[codes[row]].
struct CodedTexts {
    std::span<const std::uint32_t> codes;
    std::span<const std::string> names;
};

/// One column and where its cells come from; it must outlive the call that writes it.
struct CsvColumn {
    using Cells = std::variant<std::span<const double>, std::span<const std::uint64_t>, std::span<const std::uint8_t>,
                               std::span<const std::string>, CodedTexts, const IdColumn*>;
    std::string name;
    Cells cells;
    std::string_view pattern = {};  ///< its name in the file table, where that is a pattern: "clv_q{level}"
};

/// Writes `columns`, of `rows` cells each, as `path`, which is laid out as `file` of the file table: in its order,
/// whatever the order here, and those of one pattern in the order here. Throws std::logic_error if a column is unknown,
/// missing or of another length; OutputError; Interrupted.
void write_csv_table(const std::filesystem::path& path, std::string_view file, std::size_t rows,
                     std::span<const CsvColumn> columns);

}  // namespace clv
