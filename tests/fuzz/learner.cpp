// learner.json. Its digest is made right first: what is refused for that alone is no test of the rest. But not where it
// holds trees, which are XGBoost's own bytes and believed by it when they are read.

#include "clv/output/documents/learner_file.hpp"

#include <nlohmann/json.hpp>

#include "harness.hpp"

namespace {

bool holds_trees(const std::string& text) {
    const auto root = nlohmann::json::parse(text, nullptr, false);
    for (const char* ensemble : {"churn", "rate"}) {
        for (const char* models : {"folds", "resamples"}) {
            const nlohmann::json::json_pointer place(std::string("/") + ensemble + "/" + models);
            if (root.is_structured() && root.contains(place) && root.at(place).is_array()) {
                for (const auto& model : root.at(place)) {
                    if (model.is_string()) {
                        return true;
                    }
                }
            }
        }
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    return fuzz::refused_or_read(data, size, [&] {
        const std::string text = fuzz::text_of(data, size);
        (void)learner_as_json(learner_from_json(holds_trees(text) ? text : with_right_digest(text), "learner.json"));
    });
}
