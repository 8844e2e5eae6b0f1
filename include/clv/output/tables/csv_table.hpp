#pragma once
// Columns in, a CSV file of the file table out.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/output/tables/csv_writer.hpp"

namespace clv {

/// Texts by code: names[codes[row]].
struct CodedTexts {
    std::span<const std::uint32_t> codes;
    std::span<const std::string> names;
};

/// Ranks; 0: none, and an empty cell.
struct Ranks {
    std::span<const std::uint32_t> values;
};

/// One column and where its cells come from; it must outlive the call that writes it.
struct CsvColumn {
    using Cells = std::variant<std::span<const double>, std::span<const std::uint64_t>, std::span<const std::uint32_t>,
                               std::span<const std::uint8_t>, std::span<const std::string>, CodedTexts, IdRange, Ranks>;
    std::string name;
    Cells cells;
    std::string_view pattern = {};  ///< its name in the file table, where that is a pattern: "clv_q{level}"
};

/// A file laid out as `file` of the file table: its columns in the table's order, whatever the order here, and those of
/// one pattern in the order here. Functions throw std::logic_error if a column is unknown, missing or of another
/// length; OutputError; Interrupted.
class CsvTable {
  public:
    CsvTable(std::filesystem::path path, std::string_view file) : path_(std::move(path)), file_(file) {}

    /// Writes the next `rows` rows, `columns` having as many cells. Every call gives the same columns.
    void append(std::size_t rows, std::span<const CsvColumn> columns);
    /// Call it last, and append() at least once before, be it without rows: without it the file is incomplete.
    void close();

  private:
    std::filesystem::path path_;
    std::string_view file_;
    std::vector<std::string> header_;
    std::optional<CsvWriter> csv_;
};

/// A whole table at once.
void write_csv_table(const std::filesystem::path& path, std::string_view file, std::size_t rows,
                     std::span<const CsvColumn> columns);

}  // namespace clv
