#pragma once
// Comma-separated values after RFC 4180: a header, then rows, '\n' line ends, UTF-8 as it came.
// Numbers are the shortest text that reads back to the same double, never in a locale; NaN is an empty cell, -0 is 0.
// An infinity stops the file: whatever led to it, it is no result. A text cell is quoted where it must be and is
// otherwise left as it is: one that begins with = + - or @ may be taken for a formula by a spreadsheet, but changing it
// would corrupt ids that scripts join on. Who wants them marked says so (output.spreadsheet_safe).

#include <array>
#include <charconv>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/output/checked_file.hpp"

namespace clv {

/// Whether texts that a spreadsheet would run are marked from now on, and forgets those met so far. It is the
/// process's, as the request to stop is: all files of a command are written alike.
void mark_formula_texts(bool marked) noexcept;
/// Whether there were any.
[[nodiscard]] bool met_formula_texts() noexcept;

class CsvWriter {
  public:
    /// Writes the header line. Throws OutputError, as do all functions here; end_row also Interrupted.
    CsvWriter(const std::filesystem::path& path, std::span<const std::string> column_names);

    /// Throws ModelError for an infinity.
    void cell(double value);
    void cell(std::string_view text);
    template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>) void cell(T value) {
        std::array<char, 24> digits;
        const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
        raw_cell({digits.data(), end});
    }
    void empty_cell() { raw_cell({}); }
    /// Throws std::logic_error if the row has not as many cells as the header.
    void end_row();
    /// Writes what is buffered and closes the file. Call it last; without it the file is incomplete.
    void close();

  private:
    void raw_cell(std::string_view text) {
        if (cells_in_row_++ != 0) {
            buffer_ += ',';
        }
        buffer_ += text;
    }
    [[noreturn]] void refuse_infinity() const;
    void flush();

    CheckedFile file_;
    std::string buffer_;
    std::vector<std::string> columns_;
    std::size_t cells_in_row_ = 0;
};

}  // namespace clv
