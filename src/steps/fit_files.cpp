#include "clv/steps/fit_files.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

#include "clv/core/json_text.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/model_file.hpp"
#include "clv/output/tables/customer_writer.hpp"
#include "clv/output/tables/features_writer.hpp"
#include "clv/output/tables/holdout_writer.hpp"
#include "clv/steps/make_population.hpp"

namespace clv {

namespace {

HoldoutComparison compare(const PopulationSettings& settings, const PurchaseHistory& history, const FittedModel& model,
                          Progress& progress) {
    const RetailColumns columns =
        retail_columns(history.summary, model, retail_settings(settings), history.holdout->weeks());
    const auto cpu = make_cpu_backend(settings.threads);
    return compare_with_holdout(*cpu, columns, model.purchase.model, draw_at_estimates(model), *history.holdout,
                                settings.plan.settings, progress);
}

std::optional<SeasonalNaive> naive_total(const PurchaseHistory& history, const FittedModel& model, double weeks) {
    const auto past = weekly_purchases(history, model.purchase.model);
    return past ? seasonal_naive(past->actual, static_cast<std::size_t>(std::lround(weeks))) : std::nullopt;
}

}  // namespace

std::optional<HoldoutComparison> write_fit_files(const PopulationSettings& settings, const PurchasesRead& read,
                                                 const FittedModel& model, OutputSet& outputs, Progress& progress) {
    const PurchaseSummary& summary = read.history.summary;
    write_text_file(outputs.path("model.json"), model_as_json(model));
    write_summary_csv(outputs.path("summary.csv"), summary.customer_id, summary.frequency, summary.recency, summary.age,
                      summary.monetary_value, summary.features);
    if (read.features && settings.fit.features) {
        write_features_csv(outputs.path("features.csv"), summary, *read.features);
        write_cohorts_csv(outputs.path("cohorts.csv"), read.features->cohorts);
    }
    std::optional<HoldoutComparison> comparison;
    if (const auto& holdout = read.history.holdout) {
        comparison = compare(settings, read.history, model, progress);
        const HoldoutReport report{summary, holdout->last_day, settings.plan.settings.paths, *comparison,
                                   naive_total(read.history, model, comparison->weeks)};
        write_holdout_csv(outputs.path("holdout.csv"), report);
        write_text_file(outputs.path("holdout.json"), json_text(holdout_record(report), 2) + "\n");
    }
    return comparison;
}

}  // namespace clv
