#include "step_table.hpp"

#include "clv/data/tables/memory_table.hpp"
#include "settings.hpp"

namespace clv {

namespace {

bool generates_retail(const RunConfig& config) {
    return config.generate.kind == "retail";
}

bool rejects_rows(const RunConfig& config) {
    return config.input.fault_rule() == OnFault::reject_rows;
}

bool fits_contracts(const RunConfig& config) {
    return config.fit.contract.has_value();
}

/// Of transactions; a summary has no dates.
bool has_fit_features(const RunConfig& config) {
    return !fits_contracts(config) && config.fit.features && config.input.summary.empty();
}

bool holds_out(const RunConfig& config) {
    return !fits_contracts(config) && config.observation.holdout.has_value();
}

bool is_not_taught(const RunConfig& config) {
    return config.input.learner.empty();
}

bool has_actions(const RunConfig& config) {
    return !config.actions.empty();
}

bool fits_survival(const RunConfig& config) {
    const auto source = config.survival.source;
    return !has_purchases(config) && (source == SurvivalSource::kaplan_meier || source == SurvivalSource::sbg);
}

bool plans_from_results(const RunConfig& config) {
    return config.optimizer.uplift.empty();
}

const std::vector<StepSpec> table{
    {"generate",
     2,
     "a synthetic world and what is true of it",
     {"generate", "simulation.horizon_months", "simulation.discount_rate", "simulation.discount_timing",
      "simulation.churn_timing", "market", "actions", "output.spreadsheet_safe"},
     {},
     {{"customers.csv", [](const RunConfig& config) { return !generates_retail(config); }},
      {"transactions.csv", generates_retail},
      {"truth.csv"}},
     true},
    {"fit",
     1,
     "models from histories, and what they say of what was held out",
     {"input", "fit", "survival", "simulation", "output.spreadsheet_safe"},
     {"input.customers", "input.transactions", "input.summary", "generate"},
     {{"model.json"},
      {"summary.csv", [](const RunConfig& config) { return !fits_contracts(config); }},
      {"features.csv", has_fit_features},
      {"cohorts.csv", has_fit_features},
      {"holdout.csv", holds_out},
      {"holdout.json", holds_out},
      {"survival.csv", fits_contracts},
      {"rejects.csv", rejects_rows}},
     true},
    {"learn",
     1,
     "churn from attributes and past outcomes, or values from transactions, and what that is worth",
     {"input", "learn", "fit", "simulation.seed", "output.spreadsheet_safe"},
     {"input.customers", "input.transactions", "input.learner", "generate"},
     {{"scores.csv"},
      {"contributions.csv", [](const RunConfig& config) { return config.learn.contributions; }},
      {"learner.json", is_not_taught},
      {"quality.json", is_not_taught},
      {"importance.csv", is_not_taught},
      {"rejects.csv", rejects_rows}},
     true},
    {"rank",
     1,
     "what customers are expected to spend next, ranked and in clusters",
     {"input", "learn", "fit", "segment.clusters", "segment.logarithms", "output.spreadsheet_safe"},
     {"input.transactions", "input.learner", "generate", "learn"},
     {{"clv_ranked_predictions.csv"}, {"clv_clustered_customers.csv"}, {"clv_cluster_rankings.csv"}},
     true},
    {"validate",
     1,
     "the faults of the input",
     {"input", "customers", "fit", "learn", "survival", "simulation", "actions", "output.spreadsheet_safe"},
     {"input.customers", "input.transactions", "input.summary", "input.model", "input.learner", "survival.curves",
      "rules.file"},
     {{"validation.json"}, {"rejects.csv"}}},
    {"value",
     1,
     "every customer's lifetime value as a distribution, of the segments and of the portfolio",
     {"input", "customers", "fit", "learn", "survival", "simulation", "market", "actions", "output.spreadsheet_safe"},
     {"input.customers", "input.transactions", "input.summary", "input.model", "input.learner", "survival.curves",
      "generate", "fit", "learn"},
     {{"clv.csv"},
      {"portfolio.csv"},
      {"cashflow.csv", [](const RunConfig& config) { return config.simulation.cashflow; }},
      {"uplift.csv", has_actions},
      {"sources.csv", [](const RunConfig& config) { return config.simulation.attribution; }},
      {"survival.csv", fits_survival},
      {"predictions.csv", has_purchases},
      {"rejects.csv", rejects_rows},
      {"results.h5"},
      {"totals.h5", has_actions}},
     true},
    {"segment",
     1,
     "groups of similar customers, their value, their risk and what they are called",
     {"input", "fit", "segment", "simulation", "customers", "output.spreadsheet_safe"},
     {"input.customers", "input.transactions", "input.summary", "value"},
     {{"segments.csv"}, {"segment_rankings.csv"}, {"rejects.csv", rejects_rows}},
     true},
    {"rules",
     1,
     "stages, tiers, risk scores and actions by rules",
     {"input", "fit.time_unit", "fit.observation_end", "rules.before", "output.spreadsheet_safe"},
     {"input.transactions", "input.summary", "generate", "rules.file"},
     {{"lifecycle.csv"},
      {"migration.csv", [](const RunConfig& config) { return config.rules.before.has_value(); }},
      {"rejects.csv", rejects_rows}},
     true},
    {"sweep",
     1,
     "the portfolio in every scenario, and a plan for each",
     {"input", "customers", "fit.parameter_uncertainty", "learn", "survival", "simulation", "market", "actions",
      "scenarios", "optimizer", "output.spreadsheet_safe"},
     {"input.customers", "input.model", "input.learner", "survival.curves", "optimizer.current"},
     {{"sweep.csv"},
      {"sweep_plan.csv", has_actions},
      {"sweep_frontier.csv", has_actions},
      {"rejects.csv", rejects_rows},
      {"results.h5"}}},
    {"plan",
     1,
     "whom to offer what under the limits, and what it earns on fresh paths",
     {"optimizer", "output.spreadsheet_safe"},
     {"optimizer.uplift", "optimizer.current", "value"},
     {{"plan.csv"},
      {"frontier.csv"},
      {"retention_results.csv", is_prescriptive},
      {"certificate.json"},
      {"portfolio.csv", plans_from_results},
      {"uplift.csv",
       [](const RunConfig& config) { return plans_from_results(config) || is_in_memory(config.optimizer.uplift); }},
      {"rejects.csv", [](const RunConfig& config) { return plans_from_results(config) && rejects_rows(config); }},
      {"results.h5", plans_from_results}}},
    {"report",
     1,
     "the results as a page and a workbook",
     {},
     {"generate", "fit", "learn", "rank", "value", "segment", "rules", "sweep", "plan"},
     {{"report.html"}, {"report.xlsx"}}}};

}  // namespace

const std::vector<StepSpec>& step_table() {
    return table;
}

}  // namespace clv
