#include <fmt/format.h>
#include <xgboost/c_api.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/score_model.hpp"
#include "tree_tables.hpp"

namespace clv {

struct LookedUp {
    std::once_flag leaves;
    std::once_flag contributions;
    std::optional<TreeTables> tables;  ///< none where trees are too large: XGBoost walks them
};

namespace {

/// What XGBoost says went wrong is a fault of ours, but for memory.
void check(int status) {
    if (status == 0) {
        return;
    }
    const std::string_view problem = XGBGetLastError();
    if (problem.find("bad_alloc") != std::string_view::npos) {
        throw MemoryError("out of memory while learning: learn from fewer customers or columns, or with fewer threads");
    }
    throw std::runtime_error(fmt::format("XGBoost: {}", problem.substr(0, problem.find('\n'))));
}

void be_quiet() {
    check(XGBSetGlobalConfig(R"({"verbosity": 0})"));  // of this thread
}

using Handle = std::shared_ptr<void>;

/// Rows as XGBoost keeps them.
Handle make_data(const FeatureMatrix& matrix, std::span<const FeatureKind> kinds, const TrainingRows* training) {
    std::vector<float> picked;
    const float* values = matrix.values.data();
    std::size_t rows = matrix.rows;
    if (training != nullptr) {
        rows = training->size();
        picked.reserve(rows * matrix.columns);
        for (const std::size_t row : training->rows) {
            const auto from = matrix.row(row);
            picked.insert(picked.end(), from.begin(), from.end());
        }
        values = picked.data();
    }
    const std::string array =
        fmt::format(R"({{"data": [{}, true], "shape": [{}, {}], "typestr": "<f4", "version": 3}})",
                    std::bit_cast<std::uintptr_t>(values), rows, matrix.columns);
    DMatrixHandle made = nullptr;
    check(XGDMatrixCreateFromDense(array.c_str(), R"({"missing": NaN, "nthread": 1})", &made));
    Handle data(made, [](void* handle) { XGDMatrixFree(handle); });
    std::vector<const char*> types;
    for (const FeatureKind kind : kinds) {
        types.push_back(kind == FeatureKind::category ? "c" : "q");
    }
    check(XGDMatrixSetStrFeatureInfo(made, "feature_type", types.data(), types.size()));
    if (training != nullptr) {
        const auto set = [&](const char* name, const std::vector<float>& info) {
            if (!info.empty()) {
                check(XGDMatrixSetFloatInfo(made, name, info.data(), info.size()));
            }
        };
        set("label", training->outcome);
        set("base_margin", training->offset);
        set("weight", training->weight);
    }
    return data;
}

Handle make_booster(std::span<const DMatrixHandle> data) {
    BoosterHandle made = nullptr;
    check(XGBoosterCreate(data.data(), data.size(), &made));
    return {made, [](void* handle) { XGBoosterFree(handle); }};
}

double mean_outcome(const TrainingRows& rows) {
    double sum = 0.0;
    double weights = 0.0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const double weight = rows.weight.empty() ? 1.0 : static_cast<double>(rows.weight[i]);
        sum += weight * static_cast<double>(rows.outcome[i]);
        weights += weight;
    }
    return sum / weights;
}

/// Trees start from here: from nothing known but the mean, or where rows have offsets from those.
double base_score(const TrainingRows& rows, Family family) {
    if (!rows.offset.empty()) {
        return family == Family::bernoulli ? 0.5 : 1.0;
    }
    const double mean = mean_outcome(rows);
    return family == Family::bernoulli ? std::clamp(mean, 1e-6, 1.0 - 1e-6) : std::max(mean, 1e-9);
}

struct Objective {
    const char* name;
    std::string metric;
};

Objective objective_of(const BoosterSettings& settings) {
    switch (settings.family) {
        case Family::bernoulli:
            return {"binary:logistic", "logloss"};
        case Family::poisson:
            return {"count:poisson", "poisson-nloglik"};
        case Family::tweedie:
            break;
    }
    return {"reg:tweedie", fmt::format("tweedie-nloglik@{}", settings.tweedie_power)};
}

void set_parameters(BoosterHandle booster, const BoosterSettings& settings, double base) {
    const Objective objective = objective_of(settings);
    const auto set = [&](const char* name, const std::string& value) {
        check(XGBoosterSetParam(booster, name, value.c_str()));
    };
    set("booster", "gbtree");
    set("tree_method", "hist");
    set("objective", objective.name);
    set("eval_metric", objective.metric);
    if (settings.family == Family::tweedie) {
        set("tweedie_variance_power", fmt::format("{}", settings.tweedie_power));
    }
    set("nthread", "1");
    set("seed", fmt::format("{}", settings.seed & 0x7fffffffU));
    set("max_depth", fmt::format("{}", settings.depth));
    set("learning_rate", fmt::format("{}", settings.learning_rate));
    set("subsample", fmt::format("{}", settings.subsample));
    set("base_score", fmt::format("{}", base));
    set("verbosity", "0");
}

/// The loss on held-out rows: the last number of what XGBoost says.
double loss_on(BoosterHandle booster, DMatrixHandle data, int round) {
    const char* name = "held_out";
    const char* said = nullptr;
    static std::mutex one_at_a_time;  // the name of the Tweedie metric may be a text that all threads share
    const std::scoped_lock lock(one_at_a_time);
    check(XGBoosterEvalOneIter(booster, round, &data, &name, 1, &said));
    const std::string_view text(said);
    return std::strtod(text.data() + text.rfind(':') + 1, nullptr);
}

/// One tree of a model, as a model.
Handle tree_of(const Handle& booster, std::size_t tree) {
    be_quiet();
    BoosterHandle made = nullptr;
    check(XGBoosterSlice(booster.get(), static_cast<int>(tree), static_cast<int>(tree) + 1, 1, &made));
    Handle one(made, [](void* handle) { XGBoosterFree(handle); });
    check(XGBoosterSetParam(made, "nthread", "1"));
    return one;
}

/// What XGBoost can say, by its number there.
enum class Predicted { score = 1, contributions = 2 };

/// [row][entry], as XGBoost walks the trees.
std::vector<double> predict(BoosterHandle booster, const FeatureMatrix& matrix, std::span<const FeatureKind> kinds,
                            Predicted type, int rounds) {
    be_quiet();
    const Handle data = make_data(matrix, kinds, nullptr);
    const std::string config = fmt::format(
        R"({{"type": {}, "training": false, "iteration_begin": 0, "iteration_end": {}, "strict_shape": true}})",
        static_cast<int>(type), rounds);
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* values = nullptr;
    check(XGBoosterPredictFromDMatrix(booster, data.get(), config.c_str(), &shape, &dimensions, &values));
    std::size_t count = 1;
    for (bst_ulong d = 0; d < dimensions; ++d) {
        count *= shape[d];
    }
    return {values, values + count};
}

}  // namespace

std::string xgboost_version() {
    int major = 0;
    int minor = 0;
    int patch = 0;
    XGBoostVersion(&major, &minor, &patch);
    return fmt::format("{}.{}.{}", major, minor, patch);
}

Booster::Booster(std::shared_ptr<void> handle, std::span<const LearnedColumn> columns, int rounds)
    : handle_(std::move(handle)), looked_up_(std::make_shared<LookedUp>()), rounds_(rounds) {
    for (const LearnedColumn& column : columns) {
        kinds_.push_back(column.kind);
    }
}

Booster Booster::train(const FeatureMatrix& matrix, std::span<const LearnedColumn> columns, const TrainingRows& rows,
                       const BoosterSettings& settings, const TrainingRows* held_out) {
    be_quiet();
    Booster made(nullptr, columns, 0);
    std::vector<Handle> data{make_data(matrix, made.kinds_, &rows)};
    if (held_out != nullptr) {
        data.push_back(make_data(matrix, made.kinds_, held_out));
    }
    std::vector<DMatrixHandle> handles;
    for (const Handle& handle : data) {
        handles.push_back(handle.get());
    }
    made.handle_ = make_booster(handles);
    set_parameters(made.handle_.get(), settings, base_score(rows, settings.family));
    double best = std::numeric_limits<double>::infinity();
    for (int round = 0; round < settings.rounds; ++round) {
        throw_if_interrupted();
        check(XGBoosterUpdateOneIter(made.handle_.get(), round, handles.front()));
        if (held_out == nullptr) {
            made.rounds_ = round + 1;
            continue;
        }
        const double loss = loss_on(made.handle_.get(), handles.back(), round);
        if (loss < best) {
            best = loss;
            made.rounds_ = round + 1;
        } else if (round + 1 - made.rounds_ >= settings.patience) {
            break;
        }
    }
    made.rounds_ = std::max(1, made.rounds_);
    return made;
}

Booster Booster::from_bytes(std::string_view bytes, std::span<const LearnedColumn> columns) {
    be_quiet();
    Handle handle = make_booster({});
    int rounds = 0;
    bst_ulong features = 0;
    if (bytes.empty() || XGBoosterLoadModelFromBuffer(handle.get(), bytes.data(), bytes.size()) != 0 ||
        XGBoosterBoostedRounds(handle.get(), &rounds) != 0 || XGBoosterGetNumFeature(handle.get(), &features) != 0 ||
        features != columns.size()) {
        throw InputError("a model in it is none of XGBoost's for these columns");
    }
    check(XGBoosterSetParam(handle.get(), "nthread", "1"));
    return {std::move(handle), columns, rounds};
}

std::string Booster::bytes() const {
    bst_ulong size = 0;
    const char* text = nullptr;
    check(XGBoosterSaveModelToBuffer(handle_.get(), R"({"format": "ubj"})", &size, &text));
    return {text, size};
}

std::vector<double> Booster::scores(const FeatureMatrix& matrix) const {
    std::call_once(looked_up_->leaves, [&] { looked_up_->tables = TreeTables::make(bytes(), kinds_, rounds_); });
    return looked_up_->tables ? looked_up_->tables->scores(matrix)
                              : predict(handle_.get(), matrix, kinds_, Predicted::score, rounds_);
}

std::vector<double> Booster::contributions(const FeatureMatrix& matrix) const {
    std::call_once(looked_up_->leaves, [&] { looked_up_->tables = TreeTables::make(bytes(), kinds_, rounds_); });
    if (!looked_up_->tables) {
        return predict(handle_.get(), matrix, kinds_, Predicted::contributions, rounds_);
    }
    std::call_once(looked_up_->contributions, [&] {
        looked_up_->tables->add_contributions([&](std::optional<std::size_t> tree, const FeatureMatrix& rows) {
            return tree ? predict(tree_of(handle_, *tree).get(), rows, kinds_, Predicted::contributions, 1)
                        : predict(handle_.get(), rows, kinds_, Predicted::contributions, rounds_);
        });
    });
    return looked_up_->tables->contributions(matrix);
}

}  // namespace clv
