#include "clv/data/transactions_reader.hpp"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/content_hash.hpp"
#include "clv/data/csv_reader.hpp"
#include "clv/data/purchase_history_builder.hpp"
#include "id_index.hpp"
#include "purchase_sorter.hpp"
#include "table_faults.hpp"
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
          sorter_(settings.memory_mb << 20, settings.temporary_folder) {}

    /// False after a structural fault.
    bool read_file(const std::filesystem::path& file) {
        CsvReader reader(file);
        ValidationReport& report = read_.report;
        report.file += (report.file.empty() ? "" : ", ") + reader.name();
        if (!read_first_row(reader, "give one row per transaction", report)) {
            return false;
        }
        TransactionRows rows(reader, settings_, report);
        if (report.structural) {
            return false;
        }
        progress_.begin("reading transactions", reader.total_bytes());
        std::uint64_t reported = 0;
        for (bool more = rows.begins_with_data() || reader.next(); more; more = reader.next()) {
            take(reader, rows);
            if (reader.bytes_consumed() - reported > std::uint64_t{1} << 20) {
                throw_if_interrupted();
                progress_.advance(reader.bytes_consumed() - reported);
                reported = reader.bytes_consumed();
            }
        }
        progress_.end();
        if (reader.fault()) {
            report.refuse(*reader.fault());
            return false;
        }
        return true;
    }

    void finish(PurchaseObserver* observer) {
        TransactionCounts& counts = read_.counts;
        counts.runs = sorter_.runs();
        if (counts.purchases == 0) {
            return;  // require_accepted() says that nothing is left
        }
        PurchaseHistoryBuilder builder(observation_, last_day_, observer);
        std::optional<SortedPurchase> last;
        sorter_.merge([&](const SortedPurchase& purchase) {
            if (last == purchase) {
                ++counts.duplicates;
                if (!settings_.keep_duplicates) {
                    --counts.purchases;
                    return;
                }
            }
            last = purchase;
            builder.add(ids_[purchase.customer], sys_days(std::chrono::days(purchase.day)), purchase.revenue);
        });
        read_.history = std::move(builder).finish();
    }

  private:
    void take(const CsvReader& reader, TransactionRows& rows) {
        ValidationReport& report = read_.report;
        ++report.rows_read;
        if (!rows.read(row_)) {
            ++report.rows_rejected;
            if (reject_) {
                reject_({reader.line(), reader.row_text(), rows.reason()});
            }
            return;
        }
        ++report.rows_accepted;
        if (!is_taken()) {
            return;
        }
        ++read_.counts.purchases;
        const std::string_view text = reader.row_text();
        const auto day = static_cast<std::int32_t>(row_.day.time_since_epoch().count());
        last_day_ = std::max(last_day_, row_.day);
        sorter_.add({customer(), day, row_.revenue, XXH3_64bits(text.data(), text.size())});
    }

    /// Counts the row under the first rule that it falls under; false if that leaves it out.
    bool is_taken() {
        TransactionCounts& counts = read_.counts;
        if (row_.customer_id.empty()) {
            ++counts.missing_customer;
            return false;
        }
        if (row_.is_cancellation) {
            ++counts.cancellations;
            return settings_.keep_cancellations;
        }
        if (row_.revenue < 0.0) {
            ++counts.returns;
            return settings_.keep_returns;
        }
        if (row_.revenue == 0.0) {
            ++counts.zero_revenue;
            return settings_.keeps_zero_revenue();
        }
        return true;
    }

    std::uint32_t customer() {
        const std::uint64_t hash = customer_id_hash(row_.customer_id);
        if (const auto known = index_.find(hash, hashes_)) {
            if (ids_[*known] != row_.customer_id) {
                throw InputError(
                    fmt::format("customers '{}' and '{}' have the same 64-bit hash, so they would share "
                                "their random numbers: rename one of them",
                                ids_[*known], row_.customer_id));
            }
            return static_cast<std::uint32_t>(*known);
        }
        ids_.push_back(row_.customer_id);
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
    TransactionRow row_;
    sys_days last_day_ = sys_days::min();
};

/// The entries of `values` in the order of `order`.
template <class T>
void reorder(std::vector<T>& values, const std::vector<std::size_t>& order) {
    if (values.empty()) {
        return;
    }
    std::vector<T> moved;
    moved.reserve(values.size());
    for (const std::size_t from : order) {
        moved.push_back(values[from]);
    }
    values = std::move(moved);
}

/// Customers by id, so that the order of rows does not show. Returns where they stood.
std::vector<std::size_t> sort_by_id(PurchaseHistory& history) {
    PurchaseSummary& summary = history.summary;
    std::vector<std::size_t> order(summary.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return summary.customer_id[i]; });
    IdColumn ids;
    ids.reserve(order.size(), summary.customer_id.characters());
    for (const std::size_t from : order) {
        ids.push_back(summary.customer_id[from]);
    }
    summary.customer_id = ids;
    reorder(summary.id_hash, order);
    reorder(summary.frequency, order);
    reorder(summary.recency, order);
    reorder(summary.age, order);
    reorder(summary.monetary_value, order);
    if (history.holdout) {
        reorder(history.holdout->purchases, order);
        reorder(history.holdout->revenue, order);
    }
    return order;
}

std::vector<RuleCount> rules_of(const TransactionCounts& counts, const TransactionSettings& settings) {
    return {{"missing_customer", "", counts.missing_customer, true},
            {"cancellations", "input.keep_cancellations", counts.cancellations, !settings.keep_cancellations},
            {"returns", "input.keep_returns", counts.returns, !settings.keep_returns},
            {"zero_revenue", "input.keep_zero_revenue", counts.zero_revenue, !settings.keeps_zero_revenue()},
            {"duplicates", "input.keep_duplicates", counts.duplicates, !settings.keep_duplicates}};
}

}  // namespace

TransactionsRead read_transactions(std::span<const std::filesystem::path> files, const TransactionSettings& settings,
                                   const ObservationSettings& observation, Progress& progress, const RejectSink& reject,
                                   PurchaseObserver* observer) {
    TransactionsRead read;
    Reading reading(settings, observation, read, progress, reject);
    for (const std::filesystem::path& file : files) {
        if (!reading.read_file(file)) {
            return read;
        }
    }
    reading.finish(observer);
    read.report.rules = rules_of(read.counts, settings);
    const std::vector<std::size_t> order = sort_by_id(read.history);
    if (observer != nullptr && !order.empty()) {
        observer->finish(order);
    }
    return read;
}

}  // namespace clv
