#include "learner_parts.hpp"

#include <bit>
#include <cstring>
#include <utility>

#include "clv/core/base64.hpp"
#include "clv/core/sha256.hpp"
#include "model_json.hpp"
#include "packed_bytes.hpp"

namespace clv {

using namespace model_json;

namespace {

constexpr int most_folds = 100;
constexpr std::size_t most_resamples = 1'024;

std::string bytes_of(const std::vector<std::uint64_t>& numbers) {
    static_assert(std::endian::native == std::endian::little);
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(std::uint64_t)};
}

ordered_json as_json(const LearnedColumn& column) {
    ordered_json object;
    object["name"] = column.name;
    object["kind"] = column.kind == FeatureKind::category ? "category" : "number";
    if (column.kind == FeatureKind::category) {
        object["levels"] = column.levels;
    }
    return object;
}

ordered_json as_json(const AdditiveModel& model) {
    ordered_json object;
    object["intercept"] = model.intercept;
    object["terms"] = ordered_json::array();
    for (const AdditiveModel::Term& term : model.terms) {
        object["terms"].push_back({{"centre", term.centre},
                                   {"slope", term.slope},
                                   {"missing", term.missing},
                                   {"mean", term.mean},
                                   {"levels", term.levels}});
    }
    return object;
}

ordered_json as_json(const ScoreModel& model) {
    if (const auto* booster = std::get_if<Booster>(&model)) {
        const std::string bytes = booster->bytes();
        return base64(bytes.size() <= most_packed_bytes ? packed(bytes) : bytes);
    }
    return as_json(std::get<AdditiveModel>(model));
}

ordered_json as_json(const Calibration& calibration) {
    return {{"intercept", calibration.intercept}, {"slope", calibration.slope}};
}

}  // namespace

ordered_json ensemble_json(const Ensemble& ensemble) {
    ordered_json object;
    object["algorithm"] = std::holds_alternative<Booster>(ensemble.folds.front()) ? "boosting" : "logistic";
    object["columns"] = ordered_json::array();
    for (const LearnedColumn& column : ensemble.columns) {
        object["columns"].push_back(as_json(column));
    }
    object["calibration"] = as_json(ensemble.calibration);
    object["calibrations"] = ordered_json::array();
    for (const Calibration& calibration : ensemble.calibrations) {
        object["calibrations"].push_back(as_json(calibration));
    }
    for (const auto& [name, models] :
         {std::pair{"folds", &ensemble.folds}, std::pair{"resamples", &ensemble.resamples}}) {
        object[name] = ordered_json::array();
        for (const ScoreModel& model : *models) {
            object[name].push_back(as_json(model));
        }
    }
    return object;
}

ordered_json trained_json(const TrainedCustomers& trained) {
    return {{"customers", trained.id_hashes().size()},
            {"folds", trained.folds()},
            {"seed", trained.seed()},
            {"id_hashes", base64(bytes_of(trained.id_hashes()))}};
}

namespace {

Calibration calibration_of(const Members& object) {
    return {object.number("intercept"), object.number("slope")};
}

std::vector<LearnedColumn> columns_of(const Members& ensemble) {
    std::vector<LearnedColumn> columns;
    std::set<std::string> names;
    for (const Members& object : ensemble.objects("columns")) {
        LearnedColumn column{new_name(object, "name", names), FeatureKind::number, {}};
        const std::string kind = object.text("kind");
        if (kind == "category") {
            column.kind = FeatureKind::category;
            column.levels = object.texts("levels");
            if (column.levels.empty() ||
                std::set(column.levels.begin(), column.levels.end()).size() != column.levels.size()) {
                object.refuse("levels", "has none, or one twice");
            }
        } else if (kind != "number") {
            object.refuse("kind", "is neither number nor category");
        }
        columns.push_back(std::move(column));
    }
    if (columns.empty()) {
        ensemble.refuse("columns", "is empty");
    }
    return columns;
}

AdditiveModel additive_of(const Members& object, const std::vector<LearnedColumn>& columns) {
    AdditiveModel model{object.number("intercept"), {}};
    const std::vector<Members> terms = object.objects("terms");
    if (terms.size() != columns.size()) {
        object.refuse("terms",
                      fmt::format("has {} entries: give one for each of {} columns", terms.size(), columns.size()));
    }
    for (std::size_t column = 0; column < columns.size(); ++column) {
        const Members& of = terms[column];
        model.terms.push_back({of.number("centre"), of.number("slope"), of.number("missing"),
                               as_numbers(of, "levels", columns[column].levels.size()), of.number("mean")});
    }
    return model;
}

std::vector<ScoreModel> models_of(const Members& ensemble, const char* member,
                                  const std::vector<LearnedColumn>& columns) {
    std::vector<ScoreModel> models;
    for (const ordered_json& entry : ensemble.list(member)) {
        if (entry.is_object()) {
            models.emplace_back(additive_of(Members(entry, member), columns));
            continue;
        }
        auto bytes = entry.is_string() ? base64_bytes(entry.get_ref<const std::string&>()) : std::nullopt;
        if (bytes && !bytes->starts_with('{')) {  // XGBoost's own begin with one
            bytes = unpacked(*bytes);
        }
        if (!bytes) {
            ensemble.refuse(member, "has a model that is neither trees nor a regression");
        }
        models.emplace_back(Booster::from_bytes(*bytes, columns));
    }
    return models;
}

}  // namespace

Ensemble read_ensemble(const Members& object, Family family) {
    Ensemble ensemble;
    ensemble.family = family;
    ensemble.columns = columns_of(object);
    ensemble.calibration = calibration_of(object.inner("calibration"));
    for (const Members& calibration : object.objects("calibrations")) {
        ensemble.calibrations.push_back(calibration_of(calibration));
    }
    ensemble.folds = models_of(object, "folds", ensemble.columns);
    ensemble.resamples = models_of(object, "resamples", ensemble.columns);
    if (ensemble.folds.empty() || ensemble.folds.size() != ensemble.calibrations.size()) {
        object.refuse("folds", "has no models, or not as many as there are calibrations");
    }
    if (ensemble.resamples.size() % 16 != 0 || ensemble.resamples.size() > most_resamples) {
        object.refuse("resamples", fmt::format("has {} models: a multiple of 16 up to {} is simulated",
                                               ensemble.resamples.size(), most_resamples));
    }
    return ensemble;
}

TrainedCustomers read_trained(const Members& object) {
    const auto bytes = base64_bytes(object.text("id_hashes"));
    if (!bytes || bytes->size() % sizeof(std::uint64_t) != 0) {
        object.refuse("id_hashes", "is no list of 64-bit numbers in base64");
    }
    std::vector<std::uint64_t> hashes(bytes->size() / sizeof(std::uint64_t));
    if (!hashes.empty()) {
        std::memcpy(hashes.data(), bytes->data(), bytes->size());
    }
    return {std::move(hashes), static_cast<int>(object.whole("folds", 2, most_folds)), object.whole("seed")};
}

std::string digest_of_members(const ordered_json& root, std::span<const char* const> members) {
    std::string text;
    for (const char* member : members) {
        if (root.contains(member)) {
            text += json_text(root.at(member)) + "\n";
        }
    }
    return sha256_hex(text);
}

ordered_json begun_learner(std::string_view kind) {
    ordered_json root;
    root["format"] = learner_format;
    root["kind"] = kind;
    root["xgboost"] = xgboost_version();
    return root;
}

void check_learner(const Members& root, std::string_view kind, const std::string& sha256) {
    if (root.at("format") != learner_format && root.at("format") != unpacked_learner_format) {
        throw InputError(fmt::format("its format is {}, and this program reads \"{}\" and \"{}\"",
                                     shortened(json_text(root.at("format"))), learner_format, unpacked_learner_format));
    }
    if (const std::string of = root.text("kind"); of != kind) {
        throw InputError(
            fmt::format("it was learned for {}: what `clv learn --target churn` made scores "
                        "input.customers, what `clv learn --target value` made scores input.transactions",
                        shortened(of)));
    }
    if (root.text("sha256") != sha256) {
        throw InputError("its models are not as they were written, sha256 is another");
    }
    if (root.text("xgboost") != xgboost_version()) {
        throw InputError(fmt::format("it was learned with XGBoost {}, and this program has {}",
                                     shortened(root.text("xgboost")), xgboost_version()));
    }
}

}  // namespace clv
