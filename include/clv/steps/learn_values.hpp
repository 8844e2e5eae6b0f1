#pragma once
// Values learned from transactions, and what the learner says of customers now.

#include "clv/learning/learn_value.hpp"
#include "clv/learning/segment_settings.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/population/purchases_read.hpp"
#include "clv/steps/population_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// Reads transactions up to learn.snapshot and after it, learns, and writes learner.json, scores.csv, quality.json,
/// importance.csv and with learn.contributions contributions.csv. `read` gets what was read. Throws what
/// read_sound_purchases(), fit_purchase_model() and learn_value() throw.
[[nodiscard]] ValueLearning learn_values(const PopulationSettings& settings, const RejectSink& reject,
                                         PurchasesRead& read, OutputSet& outputs, Terminal& terminal);

/// Scores customers as they stand at the end of the transactions, and writes scores.csv. `read` gets what was read.
void score_values(const PopulationSettings& settings, const ValueLearner& learner, const RejectSink& reject,
                  PurchasesRead& read, OutputSet& outputs, Terminal& terminal);

/// What customers are expected to spend next, ranked and in tiers:
/// clv_ranked_predictions.csv, clv_clustered_customers.csv and clv_cluster_rankings.csv.
void rank_values(const PopulationSettings& settings, const ValueLearner& learner, const SegmentSettings& segment,
                 OutputSet& outputs, Terminal& terminal);

/// Where rejected rows go that another step writes to rejects.csv.
[[nodiscard]] RejectSink written_elsewhere(const InputSettings& input);

}  // namespace clv
