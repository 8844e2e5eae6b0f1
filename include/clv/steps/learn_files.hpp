#pragma once
// The files of what was learned.

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/learn_churn.hpp"
#include "clv/output/output_set.hpp"

namespace clv {

/// scores.csv; of what was learned here, which has a quality, learner.json, quality.json and importance.csv; and where
/// asked for contributions.csv.
void write_learn_files(const CustomerTable& customers, const ChurnLearning& learning, bool with_contributions,
                       OutputSet& outputs);

}  // namespace clv
