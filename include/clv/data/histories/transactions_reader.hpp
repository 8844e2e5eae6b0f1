#pragma once
// Raw transactions to purchase histories, in one pass over the files and in bounded memory: the customers, and a buffer
// that is sorted and set aside when it is full.
//
// Schemas
//   generic        customer_id, order_date, revenue
//   online_retail  InvoiceNo or Invoice, StockCode, Description, Quantity, InvoiceDate, UnitPrice or Price, CustomerID
//                  or Customer ID, Country; revenue is quantity x price, and ids 17850.0 and 17850 are one customer
//   cdnow          fixed width, blanks between: id, date YYYYMMDD, number of CDs, dollars; a header or none, and in the
//                  sample file a second id behind the first
//
// Rows that a rule leaves out are no faults. Every rule counts its rows, also where its switch keeps them.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <utility>

#include "clv/core/progress.hpp"
#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/histories/purchase_observer.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "clv/data/tables/parse_date.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

enum class TransactionSchema : std::uint8_t { generic, online_retail, cdnow };

/// First and last day, both included.
using DayRange = std::pair<std::chrono::sys_days, std::chrono::sys_days>;

/// Where no range of days is given, years outside of this are taken to be typed wrong.
inline constexpr DayRange usual_days{std::chrono::year(1900) / 1 / 1, std::chrono::year(2099) / 12 / 31};

struct TransactionSettings {
    TransactionSchema schema = TransactionSchema::generic;
    DateFormat date_format = DateFormat::iso;
    /// Days that purchases may lie between. Absent: usual_days, and a file with others, or with days that stand apart
    /// from the rest by decades, is refused.
    std::optional<DayRange> dates_between;
    bool rejects_far_dates = false;                  ///< rows outside of usual_days are rejected one by one
    bool keep_cancellations = false;                 ///< online_retail: invoices that begin with C
    bool keep_returns = false;                       ///< negative revenue, which then lowers its day's
    std::optional<bool> keep_zero_revenue;           ///< absent: kept, except in online_retail
    bool keep_duplicates = true;                     ///< rows that say the same as another, of any file, byte for byte
    std::size_t memory_mb = 256;                     ///< of the buffer that is sorted
    std::filesystem::path temporary_folder;          ///< where what does not fit goes; empty: the system's
    MemoryTables tables{};                           ///< that stand in the place of files
    int threads = 1;                                 ///< that read; 0: all
    std::size_t piece_bytes = std::size_t{1} << 18;  ///< of a file, about, that a thread reads at a time

    [[nodiscard]] bool keeps_zero_revenue() const noexcept {
        return keep_zero_revenue.value_or(schema != TransactionSchema::online_retail);
    }
};

/// Rows without a fault, by the first rule that they fall under, be they kept or left out. Of a row without a customer,
/// or of a cancellation that is left out, nothing else is looked at.
struct TransactionCounts {
    std::uint64_t purchases = 0;  ///< rows taken
    std::uint64_t missing_customer = 0;
    std::uint64_t cancellations = 0;  ///< cancelled invoices
    std::uint64_t returns = 0;        ///< negative revenue
    std::uint64_t zero_revenue = 0;
    std::uint64_t duplicates = 0;  ///< of the rows that the rules above leave
    std::uint64_t runs = 0;        ///< times that the buffer was full
};

struct TransactionsRead {
    PurchaseHistory history;  ///< customers by id; empty after a structural fault
    ValidationReport report;  ///< with its rules
    TransactionCounts counts;
};

/// Reads the files one after the other. Faulty rows go to `reject`. Call require_accepted() on the report before using
/// the history. `observer` sees the purchase days, and nothing if no purchase is left. Throws InputError if a file
/// cannot be read, nothing is left, or there is no room for what is set aside; ConfigError if no day is held out;
/// Interrupted.
[[nodiscard]] TransactionsRead read_transactions(std::span<const std::filesystem::path> files,
                                                 const TransactionSettings& settings,
                                                 const ObservationSettings& observation, Progress& progress,
                                                 const RejectSink& reject = {}, PurchaseObserver* observer = nullptr);

}  // namespace clv
