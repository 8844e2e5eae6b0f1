#include "clv/output/tables/csv_writer.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <stdexcept>

#include "clv/core/errors.hpp"
#include "clv/core/formula_text.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t flush_bytes = std::size_t{1} << 20;

std::atomic<bool> marks_formulas = false;
std::atomic<bool> met_formulas = false;

/// Whether the text gets a mark; one that a spreadsheet would run is noted.
bool needs_mark(std::string_view text) noexcept {
    if (is_formula(text)) {
        met_formulas.store(true, std::memory_order_relaxed);
    }
    return marks_formulas.load(std::memory_order_relaxed) && is_marked_on_request(text);
}

}  // namespace

void mark_formula_texts(bool marked) noexcept {
    marks_formulas = marked;
    met_formulas = false;
}

bool met_formula_texts() noexcept {
    return met_formulas;
}

CsvWriter::CsvWriter(const std::filesystem::path& path, std::span<const std::string> column_names)
    : file_(path), columns_(column_names.begin(), column_names.end()) {
    buffer_.reserve(flush_bytes + flush_bytes / 4);
    for (const std::string& name : column_names) {
        cell(std::string_view(name));
    }
    end_row();
}

void CsvWriter::cell(double value) {
    if (std::isnan(value)) {
        empty_cell();
        return;
    }
    if (std::isinf(value)) {
        refuse_infinity();
    }
    std::array<char, 32> digits;
    const double without_negative_zero = value + 0.0;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), without_negative_zero);
    raw_cell({digits.data(), end});
}

void CsvWriter::cell(std::string_view text) {
    const std::string_view mark = needs_mark(text) ? std::string_view(&formula_mark, 1) : std::string_view();
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        raw_cell(mark);
        buffer_ += text;
        return;
    }
    raw_cell("\"");
    buffer_ += mark;
    for (const char character : text) {
        buffer_ += character;
        if (character == '"') {
            buffer_ += '"';
        }
    }
    buffer_ += '"';
}

void CsvWriter::end_row() {
    if (cells_in_row_ != columns_.size()) {
        throw std::logic_error(fmt::format("a row of {} cells below a header of {}", cells_in_row_, columns_.size()));
    }
    cells_in_row_ = 0;
    buffer_ += '\n';
    if (buffer_.size() >= flush_bytes) {
        flush();
    }
}

void CsvWriter::refuse_infinity() const {
    const std::string column = cells_in_row_ < columns_.size() ? columns_[cells_in_row_] : "";
    throw ModelError(
        fmt::format("a number is infinite ({}, column {}): look for one in the input or the configuration "
                    "that is far larger than it should be",
                    file_.path().filename().string(), column));
}

void CsvWriter::flush() {
    throw_if_interrupted();
    file_.write(buffer_);
    buffer_.clear();
}

void CsvWriter::close() {
    flush();
    file_.close();
}

}  // namespace clv
