#pragma once
// The header of a table: which of its columns is which.

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// Moves to the first row and keeps it as the header's text. False, with the structural fault, where there is none.
[[nodiscard]] bool read_first_row(CsvReader& reader, std::string_view remedy, ValidationReport& report);

/// read_first_row() with a new report, which from then on also says what is read.
[[nodiscard]] bool begin_table(CsvReader& reader, std::string_view remedy, ValidationReport& report);

/// Where the header, at which `reader` stands, has a column of one of these names. A name that stands twice is a
/// structural fault, and so is a missing one if there is a remedy for it; the first such fault is kept.
[[nodiscard]] std::optional<std::size_t> find_column(const CsvReader& reader, std::span<const std::string> names,
                                                     std::string_view remedy_if_missing, ValidationReport& report);

struct TableColumn {
    std::size_t index = 0;
    std::string name;  ///< in the file
};

/// Finds columns in the header at which a reader stands. What is wrong with it becomes the report's structural fault.
class TableHeader {
  public:
    /// `columns` maps our names to the file's; a name that is not in it is the same in the file.
    TableHeader(const CsvReader& reader, const std::map<std::string, std::string>& columns, ValidationReport& report)
        : reader_(reader), columns_(columns), report_(report) {}

    /// Throws ConfigError where `columns` has a name that is none of `ours`; `table` says of what in the message.
    void require_known(std::span<const std::string_view> ours, std::string_view table) const;

    [[nodiscard]] std::size_t size() const noexcept { return reader_.size(); }
    [[nodiscard]] bool is_mapped(const std::string& ours) const { return columns_.contains(ours); }
    [[nodiscard]] std::string name_in_file(const std::string& ours) const;

    /// The column of our name; with a remedy it has to be there.
    [[nodiscard]] std::optional<TableColumn> find(const std::string& ours, std::string_view remedy_if_missing) const;
    /// The column of a name of the file.
    [[nodiscard]] std::optional<TableColumn> find_named(const std::string& name,
                                                        std::string_view remedy_if_missing) const;
    /// A column that has to be there: after a structural fault it is not to be used.
    [[nodiscard]] TableColumn require(const std::string& ours, std::string_view remedy) const;

  private:
    const CsvReader& reader_;
    const std::map<std::string, std::string>& columns_;
    ValidationReport& report_;
};

}  // namespace clv
