#include "clv/output/documents/learner_file.hpp"

#include "learner_parts.hpp"
#include "model_json.hpp"

namespace clv {
namespace {

using namespace model_json;

constexpr int longest_window_months = 120;
constexpr const char* digested[]{"window_months", "time_column", "churn", "rate", "baseline", "trained"};

Learner learner_of(const Members& root) {
    Learner learner;
    learner.target_column = root.text("target_column");
    learner.positive = root.text("positive");
    learner.time_column = root.text("time_column");
    learner.window_months = static_cast<int>(root.whole("window_months", 1, longest_window_months));
    for (const Members& left_out : root.objects("left_out")) {
        learner.left_out.push_back({left_out.text("column"), left_out.text("why")});
    }
    learner.trained = read_trained(root.inner("trained"));
    learner.churn = read_ensemble(root.inner("churn"), Family::bernoulli);
    if (root.has("rate")) {
        learner.rate = read_ensemble(root.inner("rate"), Family::poisson);
        const Members baseline = root.inner("baseline");
        learner.baseline = {baseline.amounts("months"), baseline.number_within("tail", 0.0, 1e6)};
    }
    for (const Ensemble* ensemble : {&learner.churn, learner.rate ? &*learner.rate : &learner.churn}) {
        if (ensemble->folds.size() != static_cast<std::size_t>(learner.trained.folds())) {
            root.refuse("trained", "has not as many folds as there are models");
        }
    }
    return learner;
}

}  // namespace

std::string learner_as_json(const Learner& learner) {
    ordered_json root = begun_learner("churn");
    root["target_column"] = learner.target_column;
    root["positive"] = learner.positive;
    root["time_column"] = learner.time_column;
    root["window_months"] = learner.window_months;
    root["hazard"] = learner.rate ? "tenure" : "window";
    root["left_out"] = ordered_json::array();
    for (const LeftOut& left_out : learner.left_out) {
        root["left_out"].push_back({{"column", left_out.column}, {"why", left_out.why}});
    }
    root["trained"] = trained_json(learner.trained);
    root["churn"] = ensemble_json(learner.churn);
    if (learner.rate) {
        root["rate"] = ensemble_json(*learner.rate);
        root["baseline"] = {{"months", learner.baseline.months}, {"tail", learner.baseline.tail}};
    }
    root["sha256"] = digest_of_members(root, digested);
    return json_text(root, 1) + "\n";
}

Learner learner_from_json(const std::string& text, const std::string& name) {
    try {
        const ordered_json root = parse_document(text);
        const Members members(root);
        check_learner(members, "churn", digest_of_members(root, digested));
        return learner_of(members);
    } catch (const InputError& fault) {
        throw InputError(
            fmt::format("{} is no learner.json, {}: make it with `clv learn --target churn`", name, fault.what()));
    }
}

std::string with_right_digest(const std::string& text) {
    try {
        ordered_json root = parse_document(text);
        if (root.is_object() && root.contains("sha256")) {
            const bool is_of_value = root.contains("kind") && root["kind"] == "value";
            root["sha256"] =
                is_of_value ? digest_of_members(root, digested_of_value) : digest_of_members(root, digested);
            return json_text(root);
        }
    } catch (const InputError&) {  // whoever reads it says what is wrong
    }
    return text;
}

Learner read_learner(const std::filesystem::path& file) {
    try {
        return learner_from_json(text_of_input(file), file.string());
    } catch (const UnreadableInput& fault) {
        throw InputError(fmt::format("{} cannot be read, it {}: name a learner.json in input.learner", file.string(),
                                     fault.reason()));
    }
}

}  // namespace clv
