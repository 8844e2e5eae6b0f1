#pragma once
// Customers without a contract: histories in, fitted models and the retail law's columns out.

#include <optional>

#include "clv/data/summary_reader.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/pipeline/terminal.hpp"

namespace clv {

struct PurchasesRead {
    PurchaseHistory history;
    ValidationReport report;
    std::optional<PurchaseFeatures> features;  ///< of transactions, where they were asked for
};

/// What a command needs the features of transactions for.
enum class FeaturesFor { nothing, filters, files };

/// The transactions or the summary that the configuration names, whatever their faults. Throws ConfigError, and
/// InputError if there is nothing to read.
[[nodiscard]] PurchasesRead scan_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject,
                                           FeaturesFor use);

/// Throws InputError where scan_purchases() found what must be refused, or nothing.
void require_purchases(const RunConfig& config, const PurchasesRead& read);

/// require_purchases(), and whether the actions' filters know the customers: ConfigError.
void check_purchases(const RunConfig& config, const PurchasesRead& read);

/// Both: the input, sound. Throws ConfigError and InputError.
[[nodiscard]] PurchasesRead read_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject,
                                           FeaturesFor use);

/// The models of fit.model and fit.spend_model, fitted on the history. Throws ConfigError if none is named, and
/// InputError.
[[nodiscard]] FittedModel fitted_model(const RunConfig& config, const PurchaseHistory& history);

/// The models of input.model or, without it, the fitted ones.
[[nodiscard]] FittedModel model_of(const RunConfig& config, const PurchaseHistory& history);

/// load_population() of customers without a contract. Throws ModelError if the models cannot be simulated.
[[nodiscard]] Population load_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject,
                                        const FitSink& fitted_here);

/// The retail law's columns of a summary under a model, with a calendar of `horizon_weeks` if the model has its weeks.
[[nodiscard]] RetailColumns retail_columns(const PurchaseSummary& summary, const FittedModel& model,
                                           const RunConfig& config, double horizon_weeks);

/// Parameters, likelihood and warnings, as messages.
void show_fit(const FittedModel& model, Terminal& terminal);
void show_warnings(const FittedModel& model, Terminal& terminal);

}  // namespace clv
