#pragma once
// Every file that the program writes, in one table: names, types, units and meanings of its columns. The writers take
// their headers, units and descriptions from it and docs/data_dictionary.md is made from it, so they cannot disagree.

#include <span>
#include <string>
#include <string_view>

#include "clv/risk/level_names.hpp"

namespace clv {

/// A column of a CSV file, a member of a JSON file or a dataset of an HDF5 file.
struct ColumnSpec {
    /// A name, or a pattern: {level}, {month}, {days}, {action} and {feature} stand for what a run brings with it.
    std::string_view name;
    std::string_view type;  ///< "text", "number", "integer" or "0 or 1"; of a JSON file also "object" or "list"
    std::string_view unit;  ///< empty for texts and pure numbers
    std::string_view meaning;
    bool is_optional = false;
    std::string_view dimensions = {};  ///< HDF5 only, e.g. "action, customer_id"; a scale is its own dimension
};

struct FileSpec {
    std::string_view name;
    std::string_view meaning;
    std::span<const ColumnSpec> columns;  ///< in the order in which they stand in the file
};

[[nodiscard]] std::span<const FileSpec> file_table();

/// The file of that name. Throws std::logic_error if the table does not have it, like column_spec().
[[nodiscard]] const FileSpec& file_spec(std::string_view file);
[[nodiscard]] const ColumnSpec& column_spec(const FileSpec& file, std::string_view column);

/// python/clvsim/files.json: the table as the Python package has it.
[[nodiscard]] std::string file_table_text();

/// docs/data_dictionary.md.
[[nodiscard]] std::string data_dictionary_page();

}  // namespace clv
