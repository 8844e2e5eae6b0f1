// learner.json, of churn and of values. Its digest is made right first: what is refused for that alone is no test of
// the rest. But not where it holds trees, which are XGBoost's own bytes and believed by it when they are read.

#include "clv/output/documents/learner_file.hpp"

#include <nlohmann/json.hpp>

#include "clv/output/documents/value_learner_file.hpp"
#include "harness.hpp"

namespace {

/// A list of models, some of which are texts.
bool holds_trees(const nlohmann::json& value) {
    if (!value.is_structured()) {
        return false;
    }
    for (const auto& [key, inner] : value.items()) {
        if ((key == "folds" || key == "resamples") && inner.is_array() &&
            std::any_of(inner.begin(), inner.end(), [](const auto& model) { return model.is_string(); })) {
            return true;
        }
        if (holds_trees(inner)) {
            return true;
        }
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace clv;
    const std::string given = fuzz::text_of(data, size);
    const auto root = nlohmann::json::parse(given, nullptr, false);
    const std::string text = holds_trees(root) ? given : with_right_digest(given);
    if (root.is_object() && root.contains("kind") && root["kind"] == "value") {
        return fuzz::refused_or_read(
            data, size, [&] { (void)value_learner_as_json(value_learner_from_json(text, "learner.json")); });
    }
    return fuzz::refused_or_read(data, size, [&] { (void)learner_as_json(learner_from_json(text, "learner.json")); });
}
