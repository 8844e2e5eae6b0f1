#pragma once
// A piece of a transactions file, read by one thread without knowing what came before it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/histories/transactions_reader.hpp"
#include "day_spans.hpp"
#include "transaction_rows.hpp"

namespace clv {

/// A row that the rules take.
struct PieceRow {
    std::uint64_t id_hash = 0;
    std::uint64_t text_hash = 0;  ///< of the whole row
    double revenue = 0.0;         ///< currency
    std::int32_t day = 0;         ///< since 1970-01-01
    std::uint32_t id_size = 0;
    std::size_t id_begin = 0;  ///< in TransactionPiece::ids
};

struct TransactionPiece {
    struct Rejected {
        std::uint64_t line;
        std::string text;
        std::string reason;
    };
    std::vector<PieceRow> rows;
    std::string ids;
    std::vector<Rejected> rejected;
    ValidationReport report;   ///< lines are counted from 1 at the piece's begin
    TransactionCounts counts;  ///< of rules that look at one row
    std::chrono::sys_days last_day = std::chrono::sys_days::min();
    DaySpans days;
    std::uint64_t lines = 0;

    [[nodiscard]] std::string_view id(const PieceRow& row) const noexcept {
        return std::string_view(ids).substr(row.id_begin, row.id_size);
    }
    /// Whether the piece ends inside a quoted field, which may go on in the next one.
    [[nodiscard]] bool ends_in_quotes() const noexcept {
        return report.structural && report.structural->kind == FaultKind::unterminated_quote;
    }
};

/// What a piece is read with.
struct PieceLayout {
    const std::string& file;  ///< name, for messages
    const TransactionRows& rows;
    const TransactionSettings& settings;
    bool keeps_rejected = false;  ///< whether anybody wants their text
};

/// Reads `text`, which begins with a row; the first piece of a file begins with its byte order mark and header, if any.
[[nodiscard]] TransactionPiece read_piece(const std::string& text, const PieceLayout& layout, bool is_first);

}  // namespace clv
