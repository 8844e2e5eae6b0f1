// learner.json of values: it reads back to the same predictions, and what is not as it was written is refused.

#include "clv/output/documents/value_learner_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/histories/purchase_history_builder.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::sys_days;

constexpr sys_days snapshot = 2024y / 6 / 30;

struct Shop {
    PurchaseHistory history;
    PurchaseFeatures features;
};

/// Customers who come at random, some of them after the snapshot.
Shop shop_of(std::size_t customers) {
    Shop shop;
    PurchaseFeatureBuilder features(TimeUnit::week);
    PurchaseHistoryBuilder builder({.observation_end = {}, .holdout = snapshot, .time_unit = TimeUnit::week},
                                   snapshot + days(120), &features);
    for (std::size_t i = 0; i < customers; ++i) {
        const double gap = 20.0 * std::exp(test::normal_of(i, 1));
        double day = 300.0 * test::uniform_of(i, 2);
        for (std::uint32_t k = 0; day < 480.0 && k < 20; ++k) {
            builder.add("c" + std::to_string(i), snapshot - days(360) + days(static_cast<int>(day)),
                        10.0 + 20.0 * test::uniform_of(i, 10 + k));
            day += 1.0 - gap * std::log(test::uniform_of(i, 40 + k));
        }
    }
    shop.history = std::move(builder).finish();
    shop.features = std::move(features).finish();
    return shop;
}

/// Learned with a purchase model or without.
ValueLearner learned(const Shop& shop, bool with_model) {
    LearnSettings settings;
    settings.folds = 2;
    settings.rounds = 15;
    std::optional<FittedModel> model;
    PurchaseForecasts forecasts;
    if (with_model) {
        model = fit_model(shop.history, PurchaseLaw::bg_nbd, true);
        forecasts = forecasts_for(*model, shop.history.summary, shop.features, 120);
    }
    NoProgress progress;
    return learn_value(shop.history, shop.features, PurchaseExpectations(forecasts), settings, 2, progress,
                       std::move(model))
        .learner;
}

std::string refusal_of(const std::string& text) {
    try {
        (void)value_learner_from_json(text, "some/learner.json");
    } catch (const InputError& fault) {
        return fault.what();
    }
    return "";
}

std::string with_text(std::string text, const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

TEST(ValueLearnerFile, ReadsBackToTheSamePredictions) {
    const Shop shop = shop_of(300);
    for (const bool with_model : {true, false}) {
        ValueLearner made = learned(shop, with_model);
        for (const ValueModel used : {ValueModel::naive_rate, ValueModel::regression, ValueModel::boosting,
                                      with_model ? ValueModel::stack : ValueModel::boosting}) {
            made.used = used;
            const std::string text = value_learner_as_json(made);
            const ValueLearner back = value_learner_from_json(text, "learner.json");
            EXPECT_TRUE(value_learner_as_json(back) == text);
            const auto predict = [&](const ValueLearner& learner) {
                return predict_values(learner, shop.history.summary, shop.features, 2);
            };
            EXPECT_EQ(predict(back).value, predict(made).value) << to_string(used);
            EXPECT_EQ(predict(back).high, predict(made).high);
        }
    }
}

TEST(ValueLearnerFile, RefusesWhatIsNotAsItWasWritten) {
    const Shop shop = shop_of(300);
    ValueLearner learner = learned(shop, true);
    learner.used = ValueModel::stack;
    const std::string text = value_learner_as_json(learner);
    EXPECT_EQ(refusal_of(text), "");
    const auto expect_refused = [](const std::string& changed, const std::string& why) {
        const std::string message = refusal_of(changed);
        EXPECT_NE(message.find("some/learner.json"), std::string::npos) << message;
        EXPECT_NE(message.find(why), std::string::npos) << message;
        EXPECT_NE(message.find("make it with `clv learn --target value`"), std::string::npos) << message;
    };
    expect_refused("", "JSON");
    expect_refused("[]", "object");
    expect_refused(with_text(text, "clvsim learner 2", "clvsim learner 0"), "clvsim learner 0");
    expect_refused(with_text(text, "\"value\"", "\"churn\""), "it was learned for churn");
    expect_refused(with_text(text, "\"window_days\": 120", "\"window_days\": 121"), "sha256");
    learner.model.reset();
    expect_refused(value_learner_as_json(learner), "used");
    learner = learned(shop, false);
    learner.alone.boosting.reset();
    learner.used = ValueModel::boosting;
    expect_refused(value_learner_as_json(learner), "used");
    learner = learned(shop, false);
    learner.bands.clear();
    expect_refused(value_learner_as_json(learner), "bands");
    learner = learned(shop, false);
    learner.alone.regression->columns[0].name = "another";
    expect_refused(value_learner_as_json(learner), "columns");
}

TEST(PredictValues, WantsTheTimeUnitThatWasLearned) {
    const Shop shop = shop_of(300);
    ValueLearner learner = learned(shop, false);
    learner.time_unit = TimeUnit::day;
    EXPECT_THROW((void)predict_values(learner, shop.history.summary, shop.features, 1), ConfigError);
}

}  // namespace
}  // namespace clv
