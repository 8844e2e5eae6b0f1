#pragma once
// Customers without a contract: histories in, fitted models and the retail law's columns out.

#include "clv/data/summary_reader.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/pipeline/terminal.hpp"

namespace clv {

/// The summary that the configuration names. Throws ConfigError and InputError.
[[nodiscard]] SummaryRead read_summary(const RunConfig& config, const RejectSink& reject);

/// The models of input.model or, without it, those of fit.model and fit.spend_model, fitted on the summary. Throws
/// ConfigError if neither is named, and InputError.
[[nodiscard]] FittedModel model_of(const RunConfig& config, const PurchaseSummary& summary);

/// load_population() of a configuration with input.summary. Throws ModelError if the models cannot be simulated.
[[nodiscard]] Population load_purchases(const RunConfig& config, const RejectSink& reject);

/// Parameters, likelihood and warnings, as messages.
void show_fit(const FittedModel& model, Terminal& terminal);
void show_warnings(const FittedModel& model, Terminal& terminal);

}  // namespace clv
