#pragma once
// What a purchase history may say. There is one check: the reader of a summary asks it row by row and knows the line;
// histories made from transactions, fits and simulations ask it once more.

#include <cstdint>
#include <optional>
#include <string>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/tables/fault.hpp"

namespace clv {

/// How the model that reads histories counts time.
enum class HistoryTime : std::uint8_t {
    continuous,
    periods,  ///< with at most one purchase in each
};

/// Periods of a history or a forecast that a model which counts them takes: 27 years of days.
inline constexpr double most_periods = 10'000.0;

enum class HistoryColumn : std::uint8_t { frequency, recency, age, monetary_value };

struct HistoryFault {
    HistoryColumn column;
    FaultKind kind;
    std::string problem;
    std::string remedy;
};

/// The first thing that is wrong with a history; none if it is sound. `monetary_value` is 0 where it is not known.
[[nodiscard]] std::optional<HistoryFault> history_fault(double frequency, double recency, double age,
                                                        double monetary_value, HistoryTime time);

/// Throws InputError, with the customer, for the first history of a summary that is not sound. `file` is for the
/// message.
void check_histories(const PurchaseSummary& summary, HistoryTime time, const std::string& file);

}  // namespace clv
