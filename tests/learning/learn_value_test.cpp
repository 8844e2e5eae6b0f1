// Learning of values in an invented world whose expected spend is known: how well customers are ordered, that totals
// hold, that nothing after the snapshot is looked at, and that nobody is scored by a model that saw them.

#include "clv/learning/learn_value.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/histories/purchase_history_builder.hpp"
#include "learning/random_tables.hpp"
#include "learning/value_models.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;
using test::normal_of;
using test::uniform_of;

constexpr sys_days snapshot = 2024y / 6 / 30;
constexpr int window = 120;  // days

struct Purchase {
    sys_days day;
    double revenue;
};

/// Up to the snapshot.
std::vector<Purchase> past_of(std::size_t i) {
    const double gap = 12.0 * std::exp(0.9 * normal_of(i, 1));
    const double spend = 30.0 * std::exp(0.6 * normal_of(i, 2));
    const double age = std::floor(360.0 * uniform_of(i, 3));
    const double life = 400.0 * uniform_of(i, 4);
    std::vector<Purchase> purchases;
    double at = 0.0;
    for (std::uint32_t k = 0; at <= std::min(age, life); ++k) {
        purchases.push_back(
            {snapshot - days(static_cast<int>(age - std::floor(at))), spend * std::exp(0.3 * normal_of(i, 100 + k))});
        at += 1.0 - gap * std::log(uniform_of(i, 50 + k));
    }
    return purchases;
}

/// Mean spend in the window: what was spent lately, less the longer ago the last purchase is.
double expected_of(const std::vector<Purchase>& past) {
    double lately = 0.0;
    for (const Purchase& purchase : past) {
        lately += snapshot - purchase.day < days(180) ? purchase.revenue : 0.0;
    }
    const double since_last = static_cast<double>((snapshot - past.back().day).count());
    return (1.0 + 0.3 * lately) * std::exp(-since_last / 60.0) * (past.size() >= 4 ? 1.5 : 1.0);
}

/// Nothing, or an exponential amount that makes up for it.
double spent_of(std::size_t i, double expected, std::uint32_t stream) {
    const double share = std::min(0.9, 0.05 + expected / (expected + 60.0));
    return uniform_of(i, stream) < share ? 0.01 - expected / share * std::log(uniform_of(i, stream + 1)) : 0.0;
}

struct World {
    PurchaseHistory history;
    PurchaseFeatures features;
    std::map<std::string, double> expected;  ///< of an id
    std::vector<double> purchases;           ///< what a purchase model makes of it, roughly
    std::vector<double> spend;
    std::vector<double> p_alive;

    [[nodiscard]] PurchaseExpectations model() const { return {purchases, spend, p_alive}; }
    [[nodiscard]] const std::vector<double>& revenue() const { return history.holdout->revenue; }
    [[nodiscard]] std::vector<double> truth() const {
        std::vector<double> values;
        for (std::size_t i = 0; i < history.summary.size(); ++i) {
            values.push_back(expected.at(std::string(history.summary.customer_id[i])));
        }
        return values;
    }
    [[nodiscard]] FeatureMatrix matrix(bool with_model = true) const {
        return value_matrix({history.summary, features, with_model ? model() : PurchaseExpectations{}},
                            first_cohort(features));
    }
};

/// Customers in this order. `stream`: of what came after the snapshot.
World world_of(const std::vector<std::size_t>& customers, std::uint32_t stream = 10) {
    World world;
    PurchaseFeatureBuilder features(TimeUnit::week);
    PurchaseHistoryBuilder builder({.observation_end = {}, .holdout = snapshot, .time_unit = TimeUnit::week},
                                   snapshot + days(window), &features);
    for (const std::size_t i : customers) {
        const std::string id = "c" + std::to_string(i);
        const std::vector<Purchase> past = past_of(i);
        for (const Purchase& purchase : past) {
            builder.add(id, purchase.day, purchase.revenue);
        }
        world.expected[id] = expected_of(past);
        if (const double spent = spent_of(i, world.expected[id], stream); spent > 0.0) {
            builder.add(id, snapshot + days(1 + static_cast<int>(i % window)), spent);
        }
    }
    world.history = std::move(builder).finish();
    world.features = std::move(features).finish();
    const PurchaseSummary& summary = world.history.summary;
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const double alive = std::exp(-(summary.age[i] - summary.recency[i]) / 12.0);
        world.p_alive.push_back(alive);
        world.purchases.push_back(alive * window / 7.0 * (summary.frequency[i] + 1.0) / (summary.age[i] + 12.0));
        world.spend.push_back(world.features.revenue[i] / world.features.purchases[i]);
    }
    return world;
}

std::vector<std::size_t> first_customers(std::size_t count) {
    std::vector<std::size_t> customers(count);
    std::iota(customers.begin(), customers.end(), std::size_t{0});
    return customers;
}

LearnSettings quick(LearnAlgorithm algorithm = LearnAlgorithm::best) {
    LearnSettings settings;
    settings.algorithm = algorithm;
    settings.rounds = 150;
    settings.folds = 4;
    return settings;
}

ValueLearning learn(const World& world, const LearnSettings& settings, bool with_model = true, int threads = 2) {
    NoProgress progress;
    return learn_value(world.history, world.features, with_model ? world.model() : PurchaseExpectations{}, settings,
                       threads, progress);
}

double score_of(const ValueLearning& learning, ValueModel model, ValueScore score) {
    return std::ranges::find(learning.models, model, &ValueQuality::model)->scores[score].value;
}

ValueScores scores_of(const std::vector<double>& predicted, const World& world) {
    return score_predictions(predicted, world.revenue(), world.history.summary.id_hash, {.seed = 1, .threads = 2});
}

/// A world that is learned once for several tests. Trees must be gone before XGBoost is, so it is no static.
class LearnValue : public testing::Test {
  protected:
    struct Learned {
        World world = world_of(first_customers(2'000));
        ValueLearning learning = learn(world, quick());
    };

    static const Learned& learned() {
        if (!learned_) {
            learned_ = std::make_unique<Learned>();
        }
        return *learned_;
    }
    static void TearDownTestSuite() { learned_.reset(); }

  private:
    inline static std::unique_ptr<Learned> learned_;
};

TEST_F(LearnValue, OrdersCustomersAboutAsWellAsTheTruth) {
    const auto& [world, learning] = learned();
    const ValueScores truth = scores_of(world.truth(), world);
    const double best = truth[ValueScore::gini].value;
    EXPECT_GT(best, score_of(learning, ValueModel::naive_rate, ValueScore::gini) + 0.08);
    for (const ValueModel model : {ValueModel::regression, ValueModel::boosting, ValueModel::stack}) {
        EXPECT_NEAR(score_of(learning, model, ValueScore::gini), best, 0.03) << to_string(model);
        EXPECT_NEAR(score_of(learning, model, ValueScore::spearman), truth[ValueScore::spearman].value, 0.03);
        EXPECT_GT(score_of(learning, model, ValueScore::gini),
                  score_of(learning, ValueModel::naive_rate, ValueScore::gini) + 0.06);
    }
    for (const ValueQuality& quality : learning.models) {
        EXPECT_LE(quality.scores[ValueScore::gini].value, score_of(learning, learning.learner.used, ValueScore::gini));
    }
    EXPECT_GE(learning.learner.used, ValueModel::regression);
    EXPECT_EQ(learning.explained, learning.learner.used);
    EXPECT_TRUE(learning.warnings.empty());
}

TEST_F(LearnValue, StackIsAtLeastAsGoodAsItsParts) {
    const auto& learning = learned().learning;
    const ValueScores& stack = learning.models.back().scores;
    ASSERT_EQ(learning.models.back().model, ValueModel::stack);
    for (const ValueScore score : {ValueScore::gini, ValueScore::spearman}) {
        for (const ValueQuality& quality : learning.models) {
            EXPECT_GE(stack[score].value, quality.scores[score].value - stack[score].se) << to_string(quality.model);
        }
    }
}

/// The purchase model has some other total; what is learned has not.
TEST_F(LearnValue, TotalsHold) {
    const auto& [world, learning] = learned();
    for (const ValueQuality& quality : learning.models) {
        if (quality.model >= ValueModel::regression) {
            EXPECT_NEAR(quality.scores[ValueScore::total_ratio].value, 1.0, 0.01) << to_string(quality.model);
        }
    }
    std::vector<double> expected;
    for (std::size_t i = 0; i < world.spend.size(); ++i) {
        expected.push_back(world.purchases[i] * world.spend[i]);
    }
    const ValueQuality& model = learning.models[1];
    ASSERT_EQ(model.model, ValueModel::purchase_model);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        ASSERT_NEAR(model.predicted[i], expected[i], 1e-6 * expected[i]);
        ASSERT_NEAR(learning.models[0].predicted[i],
                    world.features.revenue[i] / std::max(world.history.summary.age[i], 1.0 / 7.0) * window / 7.0,
                    1e-5 * learning.models[0].predicted[i]);
    }
}

/// Nothing of the window is in the features: what customers do in it changes none, and none orders customers better
/// than what they were expected to spend does, as one that holds the outcome would.
TEST_F(LearnValue, FeaturesKnowNothingAfterTheSnapshot) {
    const std::vector<std::size_t> customers = first_customers(400);
    const World world = world_of(customers);
    const World other = world_of(customers, 20);
    ASSERT_NE(world.revenue(), other.revenue());
    const FeatureMatrix matrix = world.matrix();
    const FeatureMatrix of_other = other.matrix();
    ASSERT_EQ(matrix.values.size(), of_other.values.size());
    EXPECT_TRUE(std::ranges::equal(matrix.values, of_other.values, {}, std::bit_cast<std::uint32_t, float>,
                                   std::bit_cast<std::uint32_t, float>));

    const double limit = scores_of(world.truth(), world)[ValueScore::gini].value + 0.05;
    const auto too_good = [&](const FeatureMatrix& features) {
        std::set<std::size_t> found;
        for (std::size_t column = 0; column < features.columns; ++column) {
            std::vector<double> values;
            for (std::size_t row = 0; row < features.rows; ++row) {
                const double value = static_cast<double>(features.row(row)[column]);
                values.push_back(std::isnan(value) ? 0.0 : value);
            }
            if (std::abs(scores_of(values, world)[ValueScore::gini].value) > limit) {
                found.insert(column);
            }
        }
        return found;
    };
    EXPECT_EQ(too_good(matrix), std::set<std::size_t>{});
    FeatureMatrix planted = matrix;
    for (std::size_t row = 0; row < planted.rows; ++row) {
        planted.values[row * planted.columns + 7] = static_cast<float>(world.revenue()[row]);
    }
    EXPECT_EQ(too_good(planted), std::set<std::size_t>{7});
}

/// Whoever adds a feature looks at this list, and at what it knows.
TEST_F(LearnValue, FeaturesAreThese) {
    std::vector<std::string> names;
    for (const PurchaseFeature& feature : purchase_features()) {
        names.push_back(feature.name);
    }
    for (const char* name : {"repeat_purchases", "recency", "purchase_rate", "revenue_rate", "mean_spend",
                             "repeat_spend", "since_last_of_age", "since_last_in_gaps", "cohort_days",
                             "expected_purchases", "expected_spend", "p_alive", "expected_value"}) {
        names.emplace_back(name);
    }
    std::vector<std::string> columns;
    for (const LearnedColumn& column : value_columns(true)) {
        columns.push_back(column.name);
        EXPECT_EQ(column.kind, FeatureKind::number);
    }
    EXPECT_EQ(columns, names);
    EXPECT_EQ(value_columns(false).size() + 4, columns.size());
}

TEST_F(LearnValue, FeaturesOfTwoCustomersByHand) {
    PurchaseFeatureBuilder features(TimeUnit::week);
    PurchaseHistoryBuilder builder({.observation_end = {}, .holdout = snapshot, .time_unit = TimeUnit::week},
                                   snapshot + days(window), &features);
    builder.add("a", snapshot - days(70), 10.0);
    builder.add("a", snapshot - days(14), 30.0);
    builder.add("a", snapshot - days(7), 50.0);
    builder.add("b", snapshot, 20.0);
    builder.add("b", snapshot + days(3), 99.0);
    const PurchaseHistory history = std::move(builder).finish();
    const PurchaseFeatures made = std::move(features).finish();
    const std::vector<double> purchases{2.0, 0.5};
    const std::vector<double> spend{35.0, 25.0};
    const std::vector<double> p_alive{0.9, 1.0};
    EXPECT_EQ(first_cohort(made), sys_days(2024y / 4 / 1));
    const FeatureMatrix matrix = value_matrix({history.summary, made, {purchases, spend, p_alive}}, 2024y / 3 / 1);
    const std::vector<LearnedColumn> columns = value_columns(true);
    const auto value = [&](std::size_t row, const std::string& name) {
        const auto found = std::ranges::find(columns, name, &LearnedColumn::name);
        return static_cast<double>(matrix.row(row)[static_cast<std::size_t>(found - columns.begin())]);
    };
    EXPECT_NEAR(value(0, "since_last"), 1.0, 1e-4);
    EXPECT_NEAR(value(0, "repeat_purchases"), 2.0, 1e-4);
    EXPECT_NEAR(value(0, "recency"), 9.0, 1e-4);
    EXPECT_NEAR(value(0, "purchase_rate"), 0.3, 1e-4);
    EXPECT_NEAR(value(0, "revenue_rate"), 9.0, 1e-4);
    EXPECT_NEAR(value(0, "mean_spend"), 30.0, 1e-4);
    EXPECT_NEAR(value(0, "repeat_spend"), 40.0, 1e-4);
    EXPECT_NEAR(value(0, "since_last_of_age"), 0.1, 1e-4);
    EXPECT_NEAR(value(0, "since_last_in_gaps"), 1.0 / 4.5, 1e-4);
    EXPECT_NEAR(value(0, "cohort_days"), 31.0, 1e-4);
    EXPECT_NEAR(value(0, "expected_value"), 70.0, 1e-4);
    EXPECT_NEAR(value(0, "p_alive"), 0.9, 1e-4);
    // who came today has been seen for a day
    EXPECT_NEAR(value(1, "revenue_rate"), 140.0, 1e-4);
    EXPECT_NEAR(value(1, "cohort_days"), 92.0, 1e-4);
    EXPECT_TRUE(std::isnan(value(1, "repeat_spend")));
    EXPECT_TRUE(std::isnan(value(1, "since_last_in_gaps")));
    for (const float number : matrix.values) {
        EXPECT_FALSE(std::isinf(number));
    }
}

/// A model that saw its customers would order them by chance as well.
TEST_F(LearnValue, LearnsNothingFromChance) {
    World world = world_of(first_customers(1'000));
    std::vector<double>& revenue = world.history.holdout->revenue;
    for (std::size_t i = 0; i < revenue.size(); ++i) {
        revenue[i] = spent_of(i, 40.0, 30);
    }
    const ValueLearning learning = learn(world, quick(), false);
    ASSERT_EQ(learning.models.size(), 3U);
    for (const ValueModel model : {ValueModel::regression, ValueModel::boosting}) {
        EXPECT_LT(std::abs(score_of(learning, model, ValueScore::gini)), 0.08) << to_string(model);
        EXPECT_LT(std::abs(score_of(learning, model, ValueScore::spearman)), 0.08) << to_string(model);
    }
}

TEST_F(LearnValue, NeitherRowsNorThreadsShow) {
    const std::vector<std::size_t> order = shuffled_order(600, 3);
    const World world = world_of(first_customers(600));
    const World shuffled = world_of(order);
    const ValueLearning learning = learn(world, quick());
    const ValueLearning again = learn(shuffled, quick(), true, 1);
    ASSERT_EQ(again.models.size(), learning.models.size());
    EXPECT_EQ(again.learner.used, learning.learner.used);
    EXPECT_EQ(again.notes, learning.notes);
    for (std::size_t model = 0; model < learning.models.size(); ++model) {
        const ValueQuality& one = learning.models[model];
        const ValueQuality& other = again.models[model];
        for (std::size_t row = 0; row < order.size(); ++row) {
            ASSERT_EQ(other.predicted[row], one.predicted[order[row]]) << to_string(one.model);
        }
        for (std::size_t score = 0; score < value_score_count; ++score) {
            EXPECT_EQ(other.scores.estimates[score].value, one.scores.estimates[score].value);
            EXPECT_EQ(other.scores.estimates[score].se, one.scores.estimates[score].se);
        }
    }
    const std::size_t columns = learning.importance.size();
    for (std::size_t column = 0; column < columns; ++column) {
        EXPECT_EQ(again.importance[column].value, learning.importance[column].value);
        for (std::size_t row = 0; row < order.size(); ++row) {
            ASSERT_EQ(again.contributions[row * columns + column],
                      learning.contributions[order[row] * columns + column]);
        }
    }
}

/// Who was learned from has the fold that did not see them, everybody else the mean of all.
TEST_F(LearnValue, OthersHaveTheMeanOfTheFolds) {
    const auto& [world, learning] = learned();
    const ValueLearner& learner = learning.learner;
    const std::vector<std::uint64_t>& ids = world.history.summary.id_hash;
    for (const ValueQuality& quality : learning.models) {
        EXPECT_EQ(predicted_values(learner, quality.model, learning.matrix, ids, 1), quality.predicted);
    }
    EXPECT_EQ(predicted_values(learner, learning.matrix, ids, 2),
              predicted_values(learner, learner.used, learning.matrix, ids, 2));

    constexpr std::size_t some = 5;
    FeatureMatrix few{some, learning.matrix.columns, {}};
    few.values.assign(learning.matrix.values.begin(),
                      learning.matrix.values.begin() + static_cast<std::ptrdiff_t>(some * few.columns));
    std::vector<std::uint64_t> strangers;
    for (std::size_t i = 0; i < some; ++i) {
        strangers.push_back(~ids[i]);
        ASSERT_FALSE(learner.trained.fold_of(strangers[i]).has_value());
    }
    const auto mean_of = [&](const Ensemble& ensemble, const FeatureMatrix& matrix, std::size_t row) {
        double mean = 0.0;
        for (std::size_t fold = 0; fold < ensemble.folds.size(); ++fold) {
            mean += std::exp(ensemble.calibrations[fold](scores(ensemble.folds[fold], matrix)[row])) /
                    static_cast<double>(ensemble.folds.size());
        }
        return mean;
    };
    const std::size_t alone = value_columns(false).size();
    const auto of = [&](ValueModel model) { return predicted_values(learner, model, few, strangers, 1); };
    const double factor =
        std::accumulate(learner.purchase_model_factors.begin(), learner.purchase_model_factors.end(), 0.0) /
        static_cast<double>(learner.purchase_model_factors.size());
    for (std::size_t row = 0; row < some; ++row) {
        EXPECT_NEAR(of(ValueModel::boosting)[row] / mean_of(*learner.alone.boosting, first_columns(few, alone), row),
                    1.0, 1e-12);
        EXPECT_NEAR(of(ValueModel::regression)[row] /
                        mean_of(*learner.alone.regression, in_logarithms(first_columns(few, alone)), row),
                    1.0, 1e-12);
        const double stack = (mean_of(*learner.stacked.boosting, few, row) +
                              mean_of(*learner.stacked.regression, in_logarithms(few), row) +
                              factor * of(ValueModel::purchase_model)[row]) /
                             3.0;
        EXPECT_NEAR(of(ValueModel::stack)[row] / stack, 1.0, 1e-12);
    }
}

/// Its intercept solves the equation of Tweedie's quasi-likelihood: residuals over mean^1.5 times its derivative, mean,
/// sum to 0 over the customers that it was learned from.
TEST_F(LearnValue, RegressionIsTweedie) {
    const auto& [world, learning] = learned();
    const std::vector<std::uint64_t>& ids = world.history.summary.id_hash;
    const Ensemble& regression = *learning.learner.alone.regression;
    const FeatureMatrix matrix = in_logarithms(first_columns(learning.matrix, regression.columns.size()));
    for (std::size_t fold = 0; fold < regression.folds.size(); ++fold) {
        const std::vector<double> of_fold = scores(regression.folds[fold], matrix);
        double tweedie = 0.0;
        double poisson = 0.0;
        double mean_roots = 0.0;
        double means = 0.0;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (learning.learner.trained.fold_of(ids[i]) == fold) {
                continue;
            }
            const double mean = std::exp(of_fold[i]);
            tweedie += (world.revenue()[i] - mean) / std::sqrt(mean);
            mean_roots += std::sqrt(mean);
            poisson += world.revenue()[i] - mean;
            means += mean;
        }
        EXPECT_LT(std::abs(tweedie / mean_roots), 1e-3);
        EXPECT_GT(std::abs(poisson / means), 2e-3) << "not to be told from a Poisson regression";
    }
}

/// What a regression adds up is the logarithm of its prediction, less what everybody has.
TEST_F(LearnValue, ContributionsAddUp) {
    const auto& [world, learning] = learned();
    const std::vector<std::uint64_t>& ids = world.history.summary.id_hash;
    const ValueQuality& regression = learning.models[2];
    ASSERT_EQ(regression.model, ValueModel::regression);
    const std::vector<float> contributions =
        value_contributions(learning.learner, ValueModel::regression, learning.matrix, ids, 2);
    const std::size_t columns = contributing_columns(learning.learner, ValueModel::regression).size();
    ASSERT_EQ(columns, value_columns(false).size());
    std::map<std::size_t, double> everybody;  // of a fold
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto own = std::span(contributions).subspan(i * columns, columns);
        const double rest = std::log(regression.predicted[i]) - std::accumulate(own.begin(), own.end(), 0.0);
        const auto [found, is_first] = everybody.emplace(learning.learner.trained.fold_of(ids[i]).value(), rest);
        ASSERT_NEAR(rest, found->second, 1e-4);
    }
    EXPECT_EQ(everybody.size(), 4U);
}

TEST_F(LearnValue, StackCountsItsPartsByTheirShares) {
    const auto& [world, learning] = learned();
    const std::vector<std::uint64_t>& ids = world.history.summary.id_hash;
    const std::size_t columns = contributing_columns(learning.learner, ValueModel::stack).size();
    ASSERT_EQ(columns, value_columns(true).size());
    const std::vector<float> contributions =
        value_contributions(learning.learner, ValueModel::stack, learning.matrix, ids, 2);
    // on average over customers, the sum goes with the logarithm of the prediction
    double products = 0.0;
    double squares = 0.0;
    double others = 0.0;
    double mean = 0.0;
    for (const double value : learning.models.back().predicted) {
        mean += std::log(value) / static_cast<double>(ids.size());
    }
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto own = std::span(contributions).subspan(i * columns, columns);
        const double sum = std::accumulate(own.begin(), own.end(), 0.0);
        const double offset = std::log(learning.models.back().predicted[i]) - mean;
        products += sum * offset;
        squares += sum * sum;
        others += offset * offset;
    }
    EXPECT_GT(products / std::sqrt(squares * others), 0.9);
    EXPECT_NEAR(products / others, 1.0, 0.15);
}

TEST_F(LearnValue, WithoutAPurchaseModelThereIsNoStack) {
    const World world = world_of(first_customers(200));
    LearnSettings settings = quick(LearnAlgorithm::logistic);
    const ValueLearning learning = learn(world, settings, false);
    ASSERT_EQ(learning.models.size(), 2U);
    EXPECT_EQ(learning.models[0].model, ValueModel::naive_rate);
    EXPECT_EQ(learning.models[1].model, ValueModel::regression);
    EXPECT_FALSE(learning.learner.alone.boosting.has_value());
    EXPECT_EQ(learning.matrix.columns, value_columns(false).size());
    const std::vector<std::uint64_t>& ids = world.history.summary.id_hash;
    // with more columns than it needs, it is as good
    EXPECT_EQ(predicted_values(learning.learner, world.matrix(), ids, 1),
              predicted_values(learning.learner, learning.matrix, ids, 1));
    EXPECT_THROW(static_cast<void>(predicted_values(learning.learner, ValueModel::boosting, learning.matrix, ids, 1)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(predicted_values(learning.learner, ValueModel::stack, learning.matrix, ids, 1)),
                 ConfigError);
    EXPECT_THROW(static_cast<void>(predicted_values(learning.learner, FeatureMatrix{1, 1, {0.0F}}, {}, 1)),
                 std::invalid_argument);
}

/// So many folds that some have no customers.
TEST_F(LearnValue, FoldsMayBeEmpty) {
    const World world = world_of(first_customers(60));
    LearnSettings settings = quick();
    settings.folds = 40;
    settings.rounds = 5;
    const ValueLearning learning = learn(world, settings);
    for (const ValueQuality& quality : learning.models) {
        for (const double value : quality.predicted) {
            ASSERT_TRUE(std::isfinite(value) && value >= 0.0) << to_string(quality.model);
        }
    }
}

TEST_F(LearnValue, OneCustomerWithMuchOfTheRevenueIsNamed) {
    World world = world_of(first_customers(200));
    world.history.holdout->revenue[17] = 1e6;
    const ValueLearning learning = learn(world, quick(LearnAlgorithm::logistic), false);
    EXPECT_TRUE(std::ranges::any_of(learning.warnings, [](const std::string& warning) {
        return warning.find("of the window's revenue") != std::string::npos;
    }));
}

template <class Expected>
void expect_refused(const World& world, const std::string& part) {
    try {
        static_cast<void>(learn(world, quick()));
        ADD_FAILURE() << "not refused: " << part;
    } catch (const Expected& error) {
        EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
    }
}

TEST_F(LearnValue, RefusesWhatCannotBeLearned) {
    World world = world_of(first_customers(60));
    std::vector<double>& revenue = world.history.holdout->revenue;
    revenue.assign(60, 0.0);
    expect_refused<InputError>(world, "learn.snapshot");
    std::fill_n(revenue.begin(), 9, 5.0);
    expect_refused<ModelError>(world, "60 customers, 9 of whom");
    revenue[3] = -1.0;
    expect_refused<InputError>(world, "input.keep_returns");
    revenue[3] = std::numeric_limits<double>::quiet_NaN();
    expect_refused<InputError>(world, "'" + std::string(world.history.summary.customer_id[3]) + "'");
    world.history.holdout.reset();
    expect_refused<ConfigError>(world, "learn.snapshot");
    expect_refused<ModelError>(world_of(first_customers(49)), "49 customers");
    World other = world_of(first_customers(60));
    other.spend.pop_back();
    EXPECT_THROW(static_cast<void>(other.matrix()), std::invalid_argument);
}

}  // namespace
}  // namespace clv
