#include "clv/steps/learn_files.hpp"

#include <nlohmann/json.hpp>

#include "clv/core/json_text.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/tables/learning_writer.hpp"

namespace clv {

void write_learn_files(const CustomerTable& customers, const ChurnLearning& learning, bool with_contributions,
                       OutputSet& outputs) {
    write_scores_csv(outputs.path("scores.csv"), customers, learning);
    if (with_contributions) {
        write_contributions_csv(outputs.path("contributions.csv"), customers, learning);
    }
    if (learning.quality.empty()) {
        return;
    }
    write_text_file(outputs.path("learner.json"), learner_as_json(learning.learner));
    write_text_file(outputs.path("quality.json"), json_text(quality_record(learning), 2) + "\n");
    write_importance_csv(outputs.path("importance.csv"), learning);
}

}  // namespace clv
