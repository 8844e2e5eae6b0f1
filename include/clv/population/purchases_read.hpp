#pragma once
// Histories of customers without a contract, as read from transactions or from a summary of them.

#include <optional>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/histories/history_rules.hpp"
#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct PurchasesRead {
    PurchaseHistory history;
    ValidationReport report;
    std::optional<PurchaseFeatures> features;  ///< of transactions, where they were asked for
};

/// What is read, and how.
struct PurchaseSources {
    InputSettings input;
    TransactionSettings transactions;
    ObservationSettings observation;
    std::vector<std::string> covariates{};       ///< columns of a summary that the model reads beside the history
    bool with_features = false;                  ///< of transactions
    HistoryTime time = HistoryTime::continuous;  ///< of the model
};

/// Throws ConfigError unless exactly one of input.customers, input.transactions and input.summary is named.
void require_one_input(const InputSettings& input);

/// The transactions or the summary that `sources` name, whatever their faults. Throws ConfigError, and InputError if
/// there is nothing to read.
[[nodiscard]] PurchasesRead read_purchases(const PurchaseSources& sources, Progress& progress,
                                           const RejectSink& reject);

/// Throws InputError where read_purchases() found what must be refused, nothing, or histories that a model with this
/// `time` does not read.
void require_purchases(const PurchasesRead& read, const InputSettings& input, HistoryTime time);

/// Whether a filter of the actions names a column, so that features are needed.
[[nodiscard]] bool have_filters(const std::vector<Action>& actions);

/// Who the customers are, with their histories as features that filters know. Of the others only the columns that
/// `actions` ask for are filled; all have their names.
[[nodiscard]] CustomerTable customers_of(const PurchaseSummary& summary,
                                         const std::optional<PurchaseFeatures>& features,
                                         const std::vector<Action>& actions);

}  // namespace clv
