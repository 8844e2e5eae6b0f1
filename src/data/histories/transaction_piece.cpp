#include "transaction_piece.hpp"

#include <xxhash.h>

#include <algorithm>

#include "clv/core/progress.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/content_hash.hpp"

namespace clv {

namespace {

/// Counts the row under the first rule that it falls under; false if that leaves it out.
bool is_taken(const TransactionRow& row, const TransactionSettings& settings, TransactionCounts& counts) {
    if (row.customer_id.empty()) {
        ++counts.missing_customer;
        return false;
    }
    if (row.is_cancellation) {
        ++counts.cancellations;
        return settings.keep_cancellations;
    }
    if (row.revenue < 0.0) {
        ++counts.returns;
        return settings.keep_returns;
    }
    if (row.revenue == 0.0) {
        ++counts.zero_revenue;
        return settings.keeps_zero_revenue();
    }
    return true;
}

void take(const TransactionRow& row, std::string_view text, TransactionPiece& piece) {
    PieceRow taken;
    taken.text_hash = XXH3_64bits(text.data(), text.size());
    taken.revenue = row.revenue;
    taken.day = static_cast<std::int32_t>(row.day.time_since_epoch().count());
    // Rows of a customer often stand together.
    if (!piece.rows.empty() && piece.id(piece.rows.back()) == row.customer_id) {
        const PieceRow& last = piece.rows.back();
        taken.id_hash = last.id_hash;
        taken.id_begin = last.id_begin;
    } else {
        taken.id_hash = customer_id_hash(row.customer_id);
        taken.id_begin = piece.ids.size();
        piece.ids += row.customer_id;
    }
    taken.id_size = static_cast<std::uint32_t>(row.customer_id.size());
    piece.rows.push_back(taken);
    piece.last_day = std::max(piece.last_day, row.day);
}

}  // namespace

TransactionPiece read_piece(const std::string& text, const PieceLayout& layout, bool is_first) {
    constexpr std::size_t likely_row_bytes = 24;
    throw_if_interrupted();
    TransactionPiece piece;
    piece.rows.reserve(text.size() / likely_row_bytes);
    CsvReader reader = CsvReader::from_piece(text, layout.file, is_first);
    TransactionRows rows(layout.rows, reader, piece.report);
    bool more = reader.next();
    if (is_first && more && !rows.begins_with_data()) {
        more = reader.next();
    }
    TransactionRow row;
    for (; more; more = reader.next()) {
        ++piece.report.rows_read;
        if (!rows.read(row)) {
            ++piece.report.rows_rejected;
            if (layout.keeps_rejected) {
                piece.rejected.push_back({reader.line(), std::string(reader.row_text()), rows.reason()});
            }
            continue;
        }
        ++piece.report.rows_accepted;
        if (is_taken(row, layout.settings, piece.counts)) {
            ++piece.counts.purchases;
            take(row, reader.row_text(), piece);
            piece.days.add(piece.rows.back().day, reader.line());
        }
    }
    piece.lines = reader.lines_read();
    if (reader.fault()) {
        piece.report.refuse(*reader.fault());
    }
    return piece;
}

}  // namespace clv
