#pragma once
// What can be wrong with an input file, and where.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace clv {

enum class FaultKind : std::uint8_t {
    // Of the file: always refused, because what follows them cannot be trusted.
    unterminated_quote,
    text_after_quote,
    nul_byte,
    invalid_utf8,
    field_too_long,
    row_too_long,
    empty_file,
    header_only,
    missing_column,
    duplicate_column,
    // Of a row: refused or rejected.
    wrong_field_count,
    blank_id,
    duplicate_id,
    blank_value,
    text_in_number,
    hexadecimal,
    not_a_number,
    infinite,
    negative,
    out_of_range,
    increasing_survival,
    not_yes_or_no,
    invalid_date,
    duplicate_action,
    two_segments,
    unknown_action,
    far_date,
};

inline constexpr std::size_t fault_kinds = static_cast<std::size_t>(FaultKind::far_date) + 1;

/// The name used in validation.json, e.g. "text_in_number".
[[nodiscard]] std::string_view name(FaultKind kind) noexcept;

struct Fault {
    FaultKind kind{};
    std::uint64_t line = 0;         ///< physical line, the first is 1; 0: the file as a whole
    std::size_t column_number = 0;  ///< the first is 1; 0: the row as a whole
    std::string column;             ///< name in the file
    std::string customer_id;        ///< empty if unknown
    std::string value;              ///< what stands there, shortened
    std::string problem;
    std::string remedy;
    bool in_memory{};  ///< of a table in memory: its row `line` - 2 is meant, the first is 0
};

/// "line 5", or "row 3" of a table in memory.
[[nodiscard]] std::string line_text(std::uint64_t line, bool in_memory);

/// "line 5, column 3 (margin), customer A7: 'abc' is text in a number: give a plain number"
[[nodiscard]] std::string to_string(const Fault& fault);

/// At most `max_bytes` of `text`, cut between characters and on one line, for messages.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t max_bytes = 60);

}  // namespace clv
