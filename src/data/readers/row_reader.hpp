#pragma once
// The base of all that reads a table row by row. A kind of table is its columns, found in the header, and two
// functions: check_row() says what is wrong with a row, keep_row() takes over one that is sound. Going over the rows,
// counting and locating what is wrong, handing on what is rejected, progress and interruption are the same for all of
// them and stand here. Of a table of visits:
//
//     class VisitRows final : public RowReader<CsvRows> {
//       public:
//         VisitRows(CsvReader& reader, const TableHeader& header, ValidationReport& report)
//             : RowReader(CsvRows(reader), header.size(), report, {}),
//               visits_(header.require("visits", "give their number")) {}
//
//       private:
//         void check_row() override { value_ = number(visits_); }
//         void keep_row() override { kept_.push_back(*value_); }
//     };
//
// Whoever wants the table calls begin_table(), makes its VisitRows and asks them to read_all().

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "clv/core/progress.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "reading_hint.hpp"
#include "table_faults.hpp"
#include "table_header.hpp"
#include "table_rows.hpp"

namespace clv {

/// Rows are those of a file (CsvRows) or of a table in memory (MemoryRows).
template <class Rows>
class RowReader {
  public:
    RowReader(const RowReader&) = delete;
    RowReader& operator=(const RowReader&) = delete;
    virtual ~RowReader() = default;

    /// Reads all rows below the header, from which a structural fault may already stand in the report. False, with the
    /// structural fault, where there is one; it is `without_rows` where nothing follows the header. Throws Interrupted.
    [[nodiscard]] bool read_all(Progress& progress, std::string_view stage,
                                Fault without_rows = cell_fault(FaultKind::header_only, "only a header", "give rows")) {
        if (report_.structural) {
            return false;
        }
        Advance advance(progress, stage, row_);
        while (row_.next()) {
            read_row();
            advance.after_row();
        }
        if (row_.fault()) {
            report_.refuse(*row_.fault());
            return false;
        }
        if (report_.rows_read == 0) {
            report_.refuse(std::move(without_rows));
            return false;
        }
        report_.hint = reading_hint(report_);
        advance.report();
        return true;
    }
    [[nodiscard]] bool read_all() {
        NoProgress progress;
        return read_all(progress, {});
    }

  protected:
    /// `fields` is the number of the header's columns. Rows that are rejected also go to `reject`, if given.
    RowReader(Rows rows, std::size_t fields, ValidationReport& report, RejectSink reject)
        : row_(std::move(rows)), report_(report), fields_(fields), reject_(std::move(reject)), faults_(report) {}

    /// Called at every row that has all its fields. A row to which add_fault() finds something is rejected.
    virtual void check_row() = 0;
    /// Called at every sound row, which is already counted as accepted.
    virtual void keep_row() {}

    /// Adds a fault of the cell in this column: kind, problem and remedy are given.
    void add_fault(const TableColumn& column, Fault fault) {
        fault.line = row_.line(column.index);
        fault.column_number = column.index + 1;
        fault.column = column.name;
        fault.customer_id = id_column_ ? shortened(row_[*id_column_]) : std::string();
        fault.value = shortened(row_[column.index]);
        faults_.add(std::move(fault));
    }
    void add_fault(FaultKind kind, const TableColumn& column, std::string problem, std::string remedy) {
        add_fault(column, cell_fault(kind, std::move(problem), std::move(remedy)));
    }
    /// Adds a fault of the row as a whole.
    void add_fault(FaultKind kind, std::string problem, std::string remedy) {
        Fault fault = cell_fault(kind, std::move(problem), std::move(remedy));
        fault.line = row_.line();
        faults_.add(std::move(fault));
    }
    [[nodiscard]] bool is_row_sound() const noexcept { return faults_.is_row_sound(); }

    /// The cell's number; none, with its fault, where it is no finite number.
    [[nodiscard]] std::optional<double> number(const TableColumn& column) {
        const NumberCell cell = row_.number(column.index);
        if (auto fault = number_fault(cell.kind)) {
            add_fault(column, *std::move(fault));
            return std::nullopt;
        }
        return cell.value;
    }

    Rows row_;  ///< stands at the row being read
    ValidationReport& report_;
    std::size_t fields_;
    std::optional<std::size_t> id_column_;  ///< its cell names the customer whom a fault is about

  private:
    /// Hands on how far the reading is now and then, and stops when the user asks.
    class Advance {
      public:
        Advance(Progress& progress, std::string_view stage, const Rows& rows) : progress_(progress), rows_(rows) {
            progress_.begin(stage, rows.total());
        }
        ~Advance() { progress_.end(); }
        Advance(const Advance&) = delete;
        Advance& operator=(const Advance&) = delete;

        void after_row() {
            if (rows_.done() - reported_ >= Rows::step) {
                throw_if_interrupted();
                report();
            }
        }
        void report() {
            progress_.advance(rows_.done() - reported_);
            reported_ = rows_.done();
        }

      private:
        Progress& progress_;
        const Rows& rows_;
        std::uint64_t reported_ = 0;
    };

    void read_row() {
        ++report_.rows_read;
        faults_.begin_row();
        if (row_.size() == fields_) {
            check_row();
        } else {
            faults_.add(field_count_fault(row_.line(), row_.size(), fields_, decimal_comma(row_)));
        }
        if (is_row_sound()) {
            ++report_.rows_accepted;
            keep_row();
            return;
        }
        ++report_.rows_rejected;
        if (reject_) {
            reject_({row_.line(), row_.row_text(), faults_.reason()});
        }
    }

    RejectSink reject_;
    RowFaults faults_;
};

}  // namespace clv
