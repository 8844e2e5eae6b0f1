#include "clv/steps/learn_values.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/value_learner_file.hpp"
#include "clv/output/tables/segments_writer.hpp"
#include "clv/output/tables/value_writer.hpp"
#include "clv/steps/make_population.hpp"

namespace clv {

namespace {

/// What is known on the snapshot's day, and what came after it.
PopulationSettings at_snapshot(PopulationSettings settings) {
    if (!settings.learn.snapshot) {
        throw ConfigError(
            "nothing says until when features know customers: set learn.snapshot to a day within the transactions; "
            "what is spent after it is learned");
    }
    settings = without_holdout(std::move(settings));
    settings.observation.holdout = settings.learn.snapshot;
    settings.observation.holdout_key = "learn.snapshot";
    settings.fit.calendar = false;
    settings.fit.parameter_uncertainty = ParameterUncertainty::none;
    return settings;
}

ValueScoresTable explained(const PurchasesRead& read, const ValueLearner& learner, const PredictedValues& predicted) {
    return {read.history.summary, learner, predicted, {}, {}, {}};
}

void write_learned(const PopulationSettings& settings, const PurchasesRead& read, const ValueLearning& learning,
                   OutputSet& outputs) {
    const ValueLearner& learner = learning.learner;
    const PredictedValues predicted = with_intervals(learner, used_quality(learning).predicted, learning.matrix);
    ValueScoresTable scores = explained(read, learner, predicted);
    scores.outcome = read.history.holdout->revenue;
    scores.columns = contributing_columns(learner, learning.explained);
    scores.contributions = learning.contributions;
    write_text_file(outputs.path("learner.json"), value_learner_as_json(learner));
    write_value_scores_csv(outputs.path("scores.csv"), scores);
    write_text_file(outputs.path("quality.json"), json_text(value_quality_record(learning), 2) + "\n");
    write_value_importance_csv(outputs.path("importance.csv"), learning);
    if (settings.learn.contributions) {
        write_value_contributions_csv(outputs.path("contributions.csv"), scores);
    }
}

}  // namespace

ValueLearning learn_values(const PopulationSettings& given, const RejectSink& reject, PurchasesRead& read,
                           OutputSet& outputs, Terminal& terminal) {
    const PopulationSettings settings = at_snapshot(given);
    read = read_sound_purchases(settings, terminal, reject, FeaturesFor::files);
    std::optional<FittedModel> model;
    PurchaseForecasts forecasts;
    if (settings.fit.model || settings.fit.contract) {
        model = fit_purchase_model(settings, read.history);
        const auto days = static_cast<int>(read.history.holdout->daily.repeat_purchases.size());
        forecasts = forecasts_for(*model, read.history.summary, *read.features, days);
    }
    ValueLearning learning = learn_value(read.history, *read.features, PurchaseExpectations(forecasts), settings.learn,
                                         settings.threads, terminal, std::move(model));
    write_learned(settings, read, learning, outputs);
    return learning;
}

void score_values(const PopulationSettings& given, const ValueLearner& learner, const RejectSink& reject,
                  PurchasesRead& read, OutputSet& outputs, Terminal& terminal) {
    const PopulationSettings settings = without_holdout(given);
    read = read_sound_purchases(settings, terminal, reject, FeaturesFor::files);
    const PredictedValues predicted = predict_values(learner, read.history.summary, *read.features, settings.threads);
    ValueScoresTable scores = explained(read, learner, predicted);
    std::vector<float> contributions;
    if (is_learned(learner.used)) {
        contributions = value_contributions(learner, learner.used, predicted.matrix, read.history.summary.id_hash,
                                            settings.threads);
        scores.columns = contributing_columns(learner, learner.used);
        scores.contributions = contributions;
    }
    write_value_scores_csv(outputs.path("scores.csv"), scores);
    if (settings.learn.contributions) {
        write_value_contributions_csv(outputs.path("contributions.csv"), scores);
    }
}

RejectSink written_elsewhere(const InputSettings& input) {
    return input.fault_rule() == OnFault::reject_rows ? RejectSink([](const RejectedRow& /*row*/) {}) : RejectSink();
}

void rank_values(const PopulationSettings& settings, const ValueLearner& learner, const SegmentSettings& segment,
                 OutputSet& outputs, Terminal& terminal) {
    const PurchasesRead read = read_sound_purchases(without_holdout(settings), terminal,
                                                    written_elsewhere(settings.input), FeaturesFor::files);
    const PurchaseSummary& summary = read.history.summary;
    const PredictedValues predicted = predict_values(learner, summary, *read.features, settings.threads);
    PurchaseForecasts forecasts;
    if (learner.model) {
        forecasts = forecasts_of(*learner.model, summary, 0.0);
    }
    write_ranked_predictions_csv(outputs.path("clv_ranked_predictions.csv"), summary, *read.features, predicted,
                                 forecasts.p_alive);
    CustomersToGroup customers{{}, {}, predicted.value, {}};
    for (const double alive : forecasts.p_alive) {
        customers.churn.push_back(1.0 - alive);
    }
    SegmentSettings by_value = segment;
    by_value.method = SegmentMethod::value;
    const Segmentation found = segment_customers(customers, by_value, settings.threads);
    write_clustered_customers_csv(outputs.path("clv_clustered_customers.csv"), summary, predicted.value, found);
    write_segment_rankings_csv(outputs.path("clv_cluster_rankings.csv"), "clv_cluster_rankings.csv", found, nullptr);
}

}  // namespace clv
