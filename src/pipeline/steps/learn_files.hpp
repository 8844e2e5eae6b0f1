#pragma once
// The files of what was learned.

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/learn_churn.hpp"
#include "clv/output/output_set.hpp"

namespace clv {

/// learner.json, scores.csv, quality.json and importance.csv.
void write_learn_files(const CustomerTable& customers, const ChurnLearning& learning, OutputSet& outputs);

}  // namespace clv
