#include "clv/output/tables/csv_writer.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "clv/core/progress.hpp"

namespace clv {

namespace {

constexpr std::size_t flush_bytes = std::size_t{1} << 20;

}  // namespace

CsvWriter::CsvWriter(const std::filesystem::path& path, std::span<const std::string> column_names)
    : file_(path), columns_(column_names.size()) {
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
    std::array<char, 32> digits;
    const double without_negative_zero = value + 0.0;
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), without_negative_zero);
    raw_cell({digits.data(), end});
}

void CsvWriter::cell(std::string_view text) {
    if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
        raw_cell(text);
        return;
    }
    raw_cell("\"");
    for (const char character : text) {
        buffer_ += character;
        if (character == '"') {
            buffer_ += '"';
        }
    }
    buffer_ += '"';
}

void CsvWriter::end_row() {
    if (cells_in_row_ != columns_) {
        throw std::logic_error(fmt::format("a row of {} cells below a header of {}", cells_in_row_, columns_));
    }
    cells_in_row_ = 0;
    buffer_ += '\n';
    if (buffer_.size() >= flush_bytes) {
        flush();
    }
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
