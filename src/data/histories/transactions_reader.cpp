#include "clv/data/histories/transactions_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/data/histories/purchase_history_builder.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "data/readers/reading_hint.hpp"
#include "data/readers/table_header.hpp"
#include "data/readers/text_pieces.hpp"
#include "data/tables/id_index.hpp"
#include "data/tables/id_order.hpp"
#include "purchase_sorter.hpp"
#include "transaction_piece.hpp"
#include "transaction_rows.hpp"

namespace clv {

namespace {

using std::chrono::sys_days;

class Reading {
  public:
    Reading(const TransactionSettings& settings, const ObservationSettings& observation, TransactionsRead& read,
            Progress& progress, const RejectSink& reject)
        : settings_(settings),
          observation_(observation),
          read_(read),
          progress_(progress),
          reject_(reject),
          sorter_(settings.memory_mb << 20, settings.temporary_folder, settings.threads) {}

    /// False after a structural fault.
    bool read_file(const std::filesystem::path& file) {
        const auto table = settings_.tables.find(file.string());
        const bool in_memory = table != settings_.tables.end();
        TextPieces pieces(in_memory ? InputFile(table->second, file.string()) : InputFile(file), settings_.piece_bytes);
        read_.report.in_memory = in_memory;
        const std::string& name = pieces.file().name();
        ValidationReport& report = read_.report;
        report.file += (report.file.empty() ? "" : ", ") + name;
        line_ = 0;

        std::string text;
        pieces.next(text);
        std::optional<CsvReader> header = read_header(text, pieces);
        if (!header) {
            return false;
        }
        const TransactionRows rows(*header, settings_, report);
        if (report.structural) {
            return false;
        }
        const PieceLayout layout{name, rows, settings_, static_cast<bool>(reject_)};
        progress_.begin("reading transactions", pieces.file().total_bytes());
        read_pieces(std::move(text), pieces, layout);
        progress_.end();
        return !report.structural;
    }

    void finish(PurchaseObserver* observer) {
        TransactionCounts& counts = read_.counts;
        counts.runs = sorter_.runs();
        read_.report.hint = reading_hint(read_.report, settings_.date_format);
        if (std::string warning = order_warning(read_.report, settings_.date_format); !warning.empty()) {
            read_.report.warnings.push_back(std::move(warning));
        }
        refuse_far_dates();
        if (counts.purchases == 0 || read_.report.structural) {
            return;  // require_accepted() says that nothing is left, or what is wrong
        }
        PurchaseHistoryBuilder builder(observation_, last_day_, observer);
        // Customers by id, so that the order of rows does not show.
        const std::vector<std::uint32_t> order = order_of(ids_);
        std::vector<std::uint32_t> rank(order.size());
        for (std::uint32_t i = 0; i < order.size(); ++i) {
            rank[order[i]] = i;
        }
        SortedPurchase last{.customer = std::numeric_limits<std::uint32_t>::max()};
        sorter_.merge(rank, [&](std::span<const SortedPurchase> purchases) {
            for (const SortedPurchase& purchase : purchases) {
                if (last == purchase) {
                    ++counts.duplicates;
                    if (!settings_.keep_duplicates) {
                        --counts.purchases;
                        continue;
                    }
                }
                const sys_days day{std::chrono::days(purchase.day)};
                if (purchase.customer == last.customer) {
                    builder.add_next(day, purchase.revenue);
                } else {
                    builder.add(ids_[order[purchase.customer]], day, purchase.revenue);
                }
                last = purchase;
            }
        });
        read_.history = std::move(builder).finish(PurchaseHistoryBuilder::Ids::distinct);
    }

  private:
    /// A reader at the header of `text`, which gets more pieces if that is needed; none after a structural fault.
    std::optional<CsvReader> read_header(std::string& text, TextPieces& pieces) {
        for (;;) {
            std::optional<CsvReader> header = CsvReader::from_piece(text, pieces.file().name(), true);
            ValidationReport found;
            const bool sound = read_first_row(*header, "give one row per transaction", found);
            if (!sound && found.structural->kind == FaultKind::unterminated_quote && pieces.next(text)) {
                continue;
            }
            read_.report.header_text = found.header_text;
            if (!sound) {
                read_.report.refuse(*found.structural);
                return std::nullopt;
            }
            return header;
        }
    }

    /// A year that is typed wrong would make a calendar of centuries.
    void refuse_far_dates() {
        ValidationReport& report = read_.report;
        if (settings_.dates_between) {
            return;
        }
        constexpr std::string_view remedy =
            "correct the year, or say in input.dates_between = [\"FIRST\", \"LAST\"] which days are meant";
        const std::uint64_t outside = report.counts[static_cast<std::size_t>(FaultKind::far_date)];
        if (outside > 0 && !settings_.rejects_far_dates) {
            const auto first = std::ranges::find(report.faults, FaultKind::far_date, &Fault::kind);
            Fault fault = first != report.faults.end() ? *first : cell_fault(FaultKind::far_date, "", "");
            fault.problem = fmt::format("is not from {} to {}, as are {} row(s) in all", iso_date(usual_days.first),
                                        iso_date(usual_days.second), outside);
            fault.remedy = remedy;
            report.structural = std::move(fault);
        } else if (const auto far = days_.far_from_the_rest()) {
            const auto of_days = [](std::int32_t day) { return iso_date(sys_days(std::chrono::days(day))); };
            Fault fault = cell_fault(FaultKind::far_date, "", std::string(remedy));
            fault.line = far->first.line;
            fault.value = of_days(far->first.first_day);
            fault.problem = fmt::format("is decades away from the other dates, {} to {}, as are {} row(s) in all",
                                        iso_date(far->begin), iso_date(far->end), far->rows);
            report.refuse(std::move(fault));
        }
    }

    struct Piece {
        std::string text;
        TransactionPiece content;
        bool is_first = false;
    };

    /// Threads read pieces while one of them takes up what was read before.
    void read_pieces(std::string first, TextPieces& pieces, const PieceLayout& layout) {
        constexpr std::size_t pieces_per_thread = 4;
        constexpr std::size_t most_pieces = 64;
        const std::size_t most =
            std::min(most_pieces, pieces_per_thread * static_cast<std::size_t>(thread_count(settings_.threads)));
        std::vector<Piece> before;
        std::vector<Piece> now;
        now.push_back({std::move(first), {}, true});
        for (bool more = true; more || !before.empty(); before = std::exchange(now, {})) {
            while (more && now.size() < most) {
                Piece piece;
                more = pieces.next(piece.text);
                if (more) {
                    now.push_back(std::move(piece));
                }
            }
            for_each_block(settings_.threads, now.size() + 1, [&](std::size_t /*slot*/, std::size_t block) {
                if (block == 0) {
                    take(before);
                } else {
                    Piece& piece = now[block - 1];
                    piece.content = read_piece(piece.text, layout, piece.is_first);
                }
            });
            more = join_quoted(now, pieces, layout) && more;
        }
    }

    /// Reads those pieces again that end inside quotes, each with the one after it. False if nothing after the pieces
    /// counts, because there is a structural fault in them.
    static bool join_quoted(std::vector<Piece>& now, TextPieces& pieces, const PieceLayout& layout) {
        for (std::size_t i = 0; i < now.size(); ++i) {
            while (now[i].content.ends_in_quotes()) {
                if (i + 1 < now.size()) {
                    now[i].text += now[i + 1].text;
                    now.erase(now.begin() + static_cast<std::ptrdiff_t>(i) + 1);
                } else if (!pieces.next(now[i].text)) {
                    break;
                }
                now[i].content = read_piece(now[i].text, layout, now[i].is_first);
            }
            if (now[i].content.report.structural) {
                now.resize(i + 1);
                return false;
            }
        }
        return true;
    }

    void take(std::vector<Piece>& pieces) {
        for (Piece& piece : pieces) {
            take(piece.content);
            progress_.advance(piece.text.size());
            piece = {};
        }
    }

    void take(const TransactionPiece& piece) {
        ValidationReport& report = read_.report;
        report.rows_read += piece.report.rows_read;
        report.rows_accepted += piece.report.rows_accepted;
        report.rows_rejected += piece.report.rows_rejected;
        report.days_of_one_order += piece.report.days_of_one_order;
        for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
            report.counts[kind] += piece.report.counts[kind];
        }
        const auto at_its_line = [this](Fault fault) {
            fault.line += fault.line > 0 ? line_ : 0;
            fault.in_memory = read_.report.in_memory;
            return fault;
        };
        for (const Fault& fault : piece.report.faults) {
            if (report.keeps_more()) {
                report.faults.push_back(at_its_line(fault));
            }
        }
        if (piece.report.structural) {
            report.structural = at_its_line(*piece.report.structural);
        }
        for (const TransactionPiece::Rejected& row : piece.rejected) {
            reject_({row.line + line_, row.text, row.reason});
        }
        TransactionCounts& counts = read_.counts;
        counts.purchases += piece.counts.purchases;
        counts.missing_customer += piece.counts.missing_customer;
        counts.cancellations += piece.counts.cancellations;
        counts.returns += piece.counts.returns;
        counts.zero_revenue += piece.counts.zero_revenue;
        line_ += piece.lines;
        last_day_ = std::max(last_day_, piece.last_day);
        days_.add(piece.days, line_ - piece.lines);
        take_rows(piece);
    }

    /// Customers stand anywhere in memory: what the next rows need is fetched before they come.
    void take_rows(const TransactionPiece& piece) {
        constexpr std::size_t ahead = 16;
        const std::vector<PieceRow>& rows = piece.rows;
        std::uint32_t number = 0;
        for (std::size_t i = 0; i < rows.size() + 3 * ahead; ++i) {
            if (i < rows.size()) {
                index_.prefetch(rows[i].id_hash);
            }
            if (i >= ahead && i - ahead < rows.size()) {
                if (const auto row = index_.guess(rows[i - ahead].id_hash)) {
                    __builtin_prefetch(&hashes_[*row]);
                    ids_.prefetch(*row);
                }
            }
            if (i >= 2 * ahead && i - 2 * ahead < rows.size()) {
                if (const auto row = index_.guess(rows[i - 2 * ahead].id_hash)) {
                    __builtin_prefetch(ids_[*row].data());
                }
            }
            if (i >= 3 * ahead) {
                const std::size_t at = i - 3 * ahead;
                const PieceRow& row = rows[at];
                // Rows that follow each other share the text of their id.
                if (at == 0 || row.id_begin != rows[at - 1].id_begin) {
                    number = customer(row.id_hash, piece.id(row));
                }
                sorter_.add({number, row.day, row.revenue, row.text_hash});
            }
        }
    }

    std::uint32_t customer(std::uint64_t hash, std::string_view id) {
        if (const auto known = index_.find(hash, hashes_)) {
            if (ids_[*known] != id) {
                throw InputError(
                    fmt::format("customers '{}' and '{}' have the same 64-bit hash, so they would share their random "
                                "numbers: rename one of them",
                                ids_[*known], id));
            }
            return static_cast<std::uint32_t>(*known);
        }
        ids_.push_back(id);
        hashes_.push_back(hash);
        index_.add_last(hashes_);
        return static_cast<std::uint32_t>(hashes_.size() - 1);
    }

    const TransactionSettings& settings_;
    const ObservationSettings& observation_;
    TransactionsRead& read_;
    Progress& progress_;
    const RejectSink& reject_;
    PurchaseSorter sorter_;
    IdIndex index_;
    IdColumn ids_;
    std::vector<std::uint64_t> hashes_;
    std::uint64_t line_ = 0;  ///< lines before the piece that is taken next
    sys_days last_day_ = sys_days::min();
    DaySpans days_;
};

std::vector<RuleCount> rules_of(const TransactionCounts& counts, const TransactionSettings& settings) {
    return {{"missing_customer", "", counts.missing_customer, true},
            {"cancellations", "input.keep_cancellations", counts.cancellations, !settings.keep_cancellations},
            {"returns", "input.keep_returns", counts.returns, !settings.keep_returns},
            {"zero_revenue", "input.keep_zero_revenue", counts.zero_revenue, !settings.keeps_zero_revenue()},
            {"duplicates", "input.keep_duplicates", counts.duplicates, !settings.keep_duplicates}};
}

/// Throws InputError where two names are of one file, whose purchases would count twice.
void require_different(std::span<const std::filesystem::path> files) {
    for (auto file = files.begin(); file != files.end(); ++file) {
        std::error_code none_yet;  // reading says what is not there
        const auto same = std::find_if(files.begin(), file, [&](const std::filesystem::path& other) {
            return std::filesystem::equivalent(other, *file, none_yet);
        });
        if (same != file) {
            throw InputError(fmt::format(
                "{} and {} are one file, whose purchases would count twice (input.transactions): name it once",
                same->string(), file->string()));
        }
    }
}

}  // namespace

TransactionsRead read_transactions(std::span<const std::filesystem::path> files, const TransactionSettings& settings,
                                   const ObservationSettings& observation, Progress& progress, const RejectSink& reject,
                                   PurchaseObserver* observer) {
    TransactionsRead read;
    require_different(files);
    Reading reading(settings, observation, read, progress, reject);
    for (const std::filesystem::path& file : files) {
        if (!reading.read_file(file)) {
            return read;
        }
    }
    reading.finish(observer);
    if (read.report.structural) {
        return read;
    }
    read.report.rules = rules_of(read.counts, settings);
    return read;
}

}  // namespace clv
