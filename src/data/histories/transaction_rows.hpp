#pragma once
// One row of a transactions file, whatever its schema.

#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "data/readers/table_faults.hpp"

namespace clv {

/// A row without faults.
struct TransactionRow {
    std::string customer_id;
    std::chrono::sys_days day{};
    double revenue = 0.0;  ///< currency
    bool is_cancellation = false;
};

/// Reads the rows of one file. Faults are added to the report.
class TransactionRows {
  public:
    /// `reader` stands at its first row, which may be a header. Where that is wrong, the report has a structural fault.
    TransactionRows(CsvReader& reader, const TransactionSettings& settings, ValidationReport& report);

    /// Reads rows of the same file by another reader and into another report.
    TransactionRows(const TransactionRows& layout, const CsvReader& reader, ValidationReport& report);

    /// Whether the first row is one of data.
    [[nodiscard]] bool begins_with_data() const noexcept { return begins_with_data_; }
    /// The reader's row; false if it has a fault, which reason() then names.
    [[nodiscard]] bool read(TransactionRow& row);
    [[nodiscard]] const std::string& reason() const noexcept { return faults_.reason(); }

  private:
    enum Field : std::size_t { customer, date, amount, quantity, invoice, fields };
    void lay_out_header();
    void lay_out_fixed_width();
    [[nodiscard]] std::string_view cell(Field field) const;
    [[nodiscard]] bool read_number(Field field, double& value);
    void add_fault(FaultKind kind, Field field, std::string problem, std::string remedy);

    const CsvReader& reader_;
    const TransactionSettings& settings_;
    ValidationReport& report_;
    RowFaults faults_;
    DayRange days_;
    bool begins_with_data_ = false;
    std::size_t row_fields_ = 0;
    std::array<std::size_t, fields> place_{};  ///< in the row; npos: not there
    std::array<std::string, fields> name_;
    std::vector<std::string_view> words_;  ///< of a fixed-width row
};

}  // namespace clv
