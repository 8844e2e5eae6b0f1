#pragma once
// Faults that any table of numbers may have, and what becomes of them.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// A column of a file: its place in a row and its name in the header.
struct FileColumn {
    std::size_t index = 0;
    std::string name;
};

/// A fault of a cell: kind, problem and remedy; its place is for whoever knows it.
[[nodiscard]] Fault cell_fault(FaultKind kind, std::string problem, std::string remedy);

/// Why a cell that should be one is no number; empty for a number.
[[nodiscard]] std::optional<Fault> number_fault(CellKind kind);

/// A row, on `line`, that has another number of fields than the header. `decimals`: decimal_comma() of the row.
[[nodiscard]] Fault field_count_fault(std::uint64_t line, std::size_t fields, std::size_t fields_of_header,
                                      std::string decimals);

/// Whether the first of two fields ends, and the second begins, what looks like one number with a decimal comma.
[[nodiscard]] bool are_halves_of_number(std::string_view whole, std::string_view decimals);

/// The last two fields of a row that look like one number with a decimal comma, "12,50"; empty if there are none.
template <class Row>
[[nodiscard]] std::string decimal_comma(const Row& row) {
    for (std::size_t second = row.size(); second-- > 1;) {
        const std::string whole(row[second - 1]);
        if (are_halves_of_number(whole, row[second])) {
            return whole + ',' + std::string(row[second]);
        }
    }
    return {};
}

/// What is wrong with the row at hand: counted and located in a report, and named in the reason why it is rejected.
class RowFaults {
  public:
    explicit RowFaults(ValidationReport& report) : report_(report) {}

    void begin_row() { reason_.clear(); }
    void add(Fault fault);
    [[nodiscard]] bool is_row_sound() const noexcept { return reason_.empty(); }
    /// For example "negative (monthly_revenue); blank_value (margin)".
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }

  private:
    ValidationReport& report_;
    std::string reason_;
};

}  // namespace clv
