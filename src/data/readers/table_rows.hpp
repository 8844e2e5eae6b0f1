#pragma once
// One row at a time: rows of a CSV file and rows of a table in memory, alike to whoever reads them.

#include <utf8.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "table_faults.hpp"

namespace clv {

class CsvRows {
  public:
    explicit CsvRows(CsvReader& reader) : reader_(reader) {}

    [[nodiscard]] bool next() { return reader_.next(); }
    [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return reader_.fault(); }
    [[nodiscard]] std::size_t size() const noexcept { return reader_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t field) const noexcept { return reader_[field]; }
    [[nodiscard]] NumberCell number(std::size_t field) const noexcept { return parse_number(reader_[field]); }
    [[nodiscard]] std::uint64_t line() const noexcept { return reader_.line(); }
    [[nodiscard]] std::uint64_t line(std::size_t field) const noexcept { return reader_.line(field); }
    [[nodiscard]] std::string_view row_text() const noexcept { return reader_.row_text(); }

    /// Whether cells of the column are numbers, not texts that may be numbers.
    [[nodiscard]] static bool is_numeric(std::size_t /*field*/) noexcept { return false; }
    /// The whole column, where it need not be copied.
    [[nodiscard]] static std::span<const double> doubles(std::size_t /*field*/) noexcept { return {}; }
    [[nodiscard]] static std::shared_ptr<const void> owner() noexcept { return nullptr; }

    /// How far the reading is, in the unit of total(), which is 0 if nobody knows.
    [[nodiscard]] std::uint64_t done() const noexcept { return reader_.bytes_consumed(); }
    [[nodiscard]] std::uint64_t total() const noexcept { return reader_.total_bytes(); }
    static constexpr std::uint64_t step = std::uint64_t{1} << 18;

  private:
    CsvReader& reader_;
};

class MemoryRows {
  public:
    explicit MemoryRows(std::shared_ptr<const MemoryTable> table) : table_(std::move(table)) {
        for (std::size_t field = 0; field < size(); ++field) {
            if (!is_numeric(field)) {
                text_fields_.push_back(field);
            }
        }
    }

    [[nodiscard]] bool next() {
        if (next_ == table_->rows()) {
            return false;
        }
        row_ = next_++;
        for (const std::size_t field : text_fields_) {
            if (!is_sound(field)) {
                return false;
            }
        }
        return true;
    }
    [[nodiscard]] const std::optional<Fault>& fault() const noexcept { return fault_; }
    [[nodiscard]] std::size_t size() const noexcept { return table_->names().size(); }
    /// Valid until the next call.
    [[nodiscard]] std::string_view operator[](std::size_t field) const { return table_->text(field, row_, room_); }
    [[nodiscard]] NumberCell number(std::size_t field) const {
        return is_numeric(field) ? table_->number(field, row_) : parse_number((*this)[field]);
    }
    [[nodiscard]] std::uint64_t line() const noexcept { return row_ + first_line_in_memory; }
    [[nodiscard]] std::uint64_t line(std::size_t /*field*/) const noexcept { return line(); }
    [[nodiscard]] std::string_view row_text() const {
        row_text_.clear();
        append_csv_row(*table_, row_, row_text_);
        return row_text_;
    }
    [[nodiscard]] bool is_numeric(std::size_t field) const noexcept { return table_->is_numeric(field); }
    [[nodiscard]] std::span<const double> doubles(std::size_t field) const noexcept { return table_->doubles(field); }
    [[nodiscard]] std::shared_ptr<const void> owner() const noexcept { return table_; }

    [[nodiscard]] std::uint64_t done() const noexcept { return next_; }
    [[nodiscard]] std::uint64_t total() const noexcept { return table_->rows(); }
    static constexpr std::uint64_t step = 4'096;

  private:
    /// What a CSV file could not hold is no cell of ours either.
    bool is_sound(std::size_t field) {
        const std::string_view cell = (*this)[field];
        if (cell.size() > CsvReader::max_field_bytes) {
            refuse(FaultKind::field_too_long, field, "is a text of more than 1 MiB", "shorten it");
        } else if (cell.find('\0') != std::string_view::npos) {
            refuse(FaultKind::nul_byte, field, "has a NUL character", "remove it");
        } else if (utf8::find_invalid(cell.begin(), cell.end()) != cell.end()) {
            refuse(FaultKind::invalid_utf8, field, "is not UTF-8", "give text in UTF-8");
        }
        return !fault_;
    }
    void refuse(FaultKind kind, std::size_t field, std::string problem, std::string remedy) {
        fault_ = cell_fault(kind, std::move(problem), std::move(remedy));
        fault_->line = line();
        fault_->column_number = field + 1;
    }

    std::shared_ptr<const MemoryTable> table_;
    std::vector<std::size_t> text_fields_;
    std::size_t next_ = 0;
    std::size_t row_ = 0;
    std::optional<Fault> fault_;
    mutable std::string room_;
    mutable std::string row_text_;
};

}  // namespace clv
