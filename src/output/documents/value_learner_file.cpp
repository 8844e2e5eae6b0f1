#include "clv/output/documents/value_learner_file.hpp"

#include <algorithm>
#include <utility>

#include "clv/data/tables/parse_date.hpp"
#include "clv/output/documents/model_file.hpp"
#include "learner_parts.hpp"
#include "model_json.hpp"

namespace clv {
namespace {

using namespace model_json;

constexpr int longest_window_days = 36'525;
constexpr std::array time_units{TimeUnit::day, TimeUnit::week, TimeUnit::month, TimeUnit::year};
constexpr std::array value_models{ValueModel::naive_rate, ValueModel::purchase_model, ValueModel::regression,
                                  ValueModel::boosting, ValueModel::stack};
ordered_json ensembles_json(const ValueEnsembles& ensembles) {
    ordered_json object = ordered_json::object();
    if (ensembles.regression) {
        object["regression"] = ensemble_json(*ensembles.regression);
    }
    if (ensembles.boosting) {
        object["boosting"] = ensemble_json(*ensembles.boosting);
    }
    return object;
}

Ensemble read_part(const Members& object, bool has_purchase_model, int folds) {
    Ensemble ensemble = read_ensemble(object, Family::tweedie);
    const std::vector<LearnedColumn> columns = value_columns(has_purchase_model);
    const bool are_these =
        std::ranges::equal(ensemble.columns, columns, {}, &LearnedColumn::name, &LearnedColumn::name);
    if (!are_these || std::ranges::any_of(ensemble.columns, [](const LearnedColumn& column) {
            return column.kind != FeatureKind::number;
        })) {
        object.refuse("columns", "are not those that this program makes of transactions");
    }
    if (ensemble.folds.size() != static_cast<std::size_t>(folds)) {
        object.refuse("folds", fmt::format("has not the {} models that there are folds", folds));
    }
    return ensemble;
}

ValueEnsembles read_ensembles(const Members& object, bool has_purchase_model, int folds) {
    ValueEnsembles ensembles;
    if (object.has("regression")) {
        ensembles.regression = read_part(object.inner("regression"), has_purchase_model, folds);
    }
    if (object.has("boosting")) {
        ensembles.boosting = read_part(object.inner("boosting"), has_purchase_model, folds);
    }
    return ensembles;
}

std::vector<ValueBand> read_bands(const Members& root) {
    std::vector<ValueBand> bands;
    for (const Members& band : root.objects("bands")) {
        bands.push_back({band.number("from"), band.number("low"), band.number("high")});
    }
    if (bands.empty() || !std::ranges::is_sorted(bands, {}, &ValueBand::from)) {
        root.refuse("bands", "is empty, or not in ascending order");
    }
    return bands;
}

void check_parts(const Members& root, const ValueLearner& learner) {
    const auto lacks = [](const ValueEnsembles& ensembles) { return !ensembles.regression && !ensembles.boosting; };
    const bool has_model = learner.model.has_value();
    const bool is_stack = learner.used == ValueModel::stack;
    if ((learner.used == ValueModel::regression && !learner.alone.regression) ||
        (learner.used == ValueModel::boosting && !learner.alone.boosting) ||
        (is_stack && (lacks(learner.stacked) || learner.purchase_model_factors.empty())) ||
        ((is_stack || learner.used == ValueModel::purchase_model) && !has_model)) {
        root.refuse("used", "is a model that it does not have");
    }
    if (has_model && learner.model->purchase.model.time_unit != learner.time_unit) {
        root.refuse("model", "counts time in another unit");
    }
}

ValueLearner learner_of(const Members& root, const ordered_json& document) {
    ValueLearner learner;
    learner.used = chosen<ValueModel>(value_models, root.text("used"), "model");
    learner.time_unit = chosen<TimeUnit>(time_units, root.text("time_unit"), "time_unit");
    learner.window_days = static_cast<int>(root.whole("window_days", 1, longest_window_days));
    const auto first = parse_date(root.text("first_cohort"), DateFormat::iso);
    if (!first) {
        root.refuse("first_cohort", "is no day YYYY-MM-DD");
    }
    learner.first_cohort = *first;
    learner.trained = read_trained(root.inner("trained"));
    const int folds = learner.trained.folds();
    learner.alone = read_ensembles(root.inner("alone"), false, folds);
    learner.bands = read_bands(root);
    if (root.has("model")) {
        learner.model = model_from_json(json_text(document.at("model")), "its member model");
        learner.stacked = read_ensembles(root.inner("stacked"), true, folds);
        learner.purchase_model_factors = as_numbers(root, "purchase_model_factors", static_cast<std::size_t>(folds));
    }
    check_parts(root, learner);
    return learner;
}

}  // namespace

std::string value_learner_as_json(const ValueLearner& learner) {
    ordered_json root = begun_learner("value");
    root["used"] = to_string(learner.used);
    root["time_unit"] = to_string(learner.time_unit);
    root["window_days"] = learner.window_days;
    root["first_cohort"] = iso_date(learner.first_cohort);
    root["trained"] = trained_json(learner.trained);
    root["bands"] = ordered_json::array();
    for (const ValueBand& band : learner.bands) {
        root["bands"].push_back({{"from", band.from}, {"low", band.low}, {"high", band.high}});
    }
    root["alone"] = ensembles_json(learner.alone);
    if (learner.model) {
        root["stacked"] = ensembles_json(learner.stacked);
        root["purchase_model_factors"] = learner.purchase_model_factors;
        root["model"] = parse_document(model_as_json(*learner.model));
    }
    root["sha256"] = digest_of_members(root, digested_of_value);
    return json_text(root, 1) + "\n";
}

ValueLearner value_learner_from_json(const std::string& text, const std::string& name) {
    try {
        const ordered_json root = parse_document(text);
        const Members members(root);
        check_learner(members, "value", digest_of_members(root, digested_of_value));
        return learner_of(members, root);
    } catch (const InputError& fault) {
        throw InputError(fmt::format("{} is no learner.json of values, {}: make it with `clv learn --target value`",
                                     name, fault.what()));
    }
}

ValueLearner read_value_learner(const std::filesystem::path& file) {
    try {
        return value_learner_from_json(text_of_input(file), file.string());
    } catch (const UnreadableInput& fault) {
        throw InputError(fmt::format("{} cannot be read, it {}: name a learner.json in input.learner", file.string(),
                                     fault.reason()));
    }
}

}  // namespace clv
