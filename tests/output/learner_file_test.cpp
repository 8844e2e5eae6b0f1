// learner.json: it reads back to what was learned, and what is not as it was written is refused.

#include "clv/output/documents/learner_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "clv/core/base64.hpp"
#include "clv/core/errors.hpp"
#include "clv/learning/learn_churn.hpp"
#include "output/documents/packed_bytes.hpp"
#include "support/labelled_customers.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::calling_customers;

enum class From { window, tenure };

/// Callers with months as customers, some of them observed late.
CustomerTable callers(std::size_t count = 300) {
    CustomerTable customers = calling_customers(count);
    for (std::size_t i = 0; i < count; ++i) {
        customers.tenure_months.push_back(1.0 + std::floor(20.0 * test::uniform_of(i, 8)));
        customers.observed_from_months.push_back(std::floor(customers.tenure_months[i] * test::uniform_of(i, 9)));
    }
    return customers;
}

Learner learned(LearnAlgorithm algorithm, From from, int threads = 2, const CustomerTable& customers = callers()) {
    LearnSettings settings = test::learning_of_left();
    settings.algorithm = algorithm;
    settings.hazard = from == From::tenure ? HazardFrom::tenure : HazardFrom::window;
    settings.window_months = 3;
    settings.bootstraps = 16;
    settings.rounds = 15;
    NoProgress progress;
    return learn_churn(customers, settings, threads, progress).learner;
}

std::string refusal_of(const std::function<void()>& read) {
    try {
        read();
    } catch (const InputError& fault) {
        return fault.what();
    }
    return "";
}

std::string refusal_of(const std::string& text) {
    return refusal_of([&] { (void)learner_from_json(text, "some/learner.json"); });
}

/// The file, what is wrong, and the remedy.
void expect_refused(const std::string& text, const std::string& why) {
    const std::string message = refusal_of(text);
    EXPECT_NE(message.find("some/learner.json"), std::string::npos) << message;
    EXPECT_NE(message.find(why), std::string::npos) << message;
    EXPECT_NE(message.find("make it with `clv learn --target churn`"), std::string::npos) << message;
}

class LearnerFileTest : public ::testing::TestWithParam<std::tuple<LearnAlgorithm, From>> {
  protected:
    [[nodiscard]] static Learner learner(int threads = 2, const CustomerTable& customers = callers()) {
        return learned(std::get<0>(GetParam()), std::get<1>(GetParam()), threads, customers);
    }
};

TEST_P(LearnerFileTest, ReadsBackToTheSameScores) {
    const Learner made = learner();
    const std::string text = learner_as_json(made);
    const Learner back = learner_from_json(text, "learner.json");
    EXPECT_TRUE(learner_as_json(back) == text);
    CustomerTable customers = callers(320);  // twenty of whom nothing was learned
    const LearnedHazards before = learned_hazards(made, customers, 24, 2);
    const LearnedHazards after = learned_hazards(back, customers, 24, 2);
    EXPECT_EQ(after.probability, before.probability);
    EXPECT_EQ(after.factors, before.factors);
    EXPECT_EQ(after.draws, 16U);
    EXPECT_EQ(after.survival.observed_months, before.survival.observed_months);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        for (const int month : {1, 7, 24}) {
            EXPECT_EQ(after.survival.hazards.at(i, month), before.survival.hazards.at(i, month));
        }
    }
}

TEST_P(LearnerFileTest, NeitherThreadsNorTheOrderOfRowsShow) {
    const std::string text = learner_as_json(learner(1));
    EXPECT_TRUE(learner_as_json(learner(2)) == text);
    EXPECT_TRUE(learner_as_json(learner(7)) == text);
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < 300; ++i) {
        order.push_back(i * 7 % 300);
    }
    EXPECT_TRUE(learner_as_json(learner(2, test::pick_customers(callers(), order))) == text);
}

TEST_P(LearnerFileTest, AChangedByteIsSeen) {
    const std::string text = learner_as_json(learner());
    const std::size_t models = text.find("\"trained\"");
    ASSERT_NE(models, std::string::npos);
    std::size_t refused = 0;
    for (std::size_t k = 0; k < 60; ++k) {
        std::string changed = text;
        const std::size_t at = models + (text.size() - models - 2) * k / 59;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        try {
            EXPECT_TRUE(learner_as_json(learner_from_json(changed, "learner.json")) == text) << at;
        } catch (const InputError&) {
            ++refused;
        }
    }
    EXPECT_GE(refused, 55U) << "the last digit of a number may be one of several that mean the same";
}

INSTANTIATE_TEST_SUITE_P(Kinds, LearnerFileTest,
                         ::testing::Combine(::testing::Values(LearnAlgorithm::boosting, LearnAlgorithm::logistic),
                                            ::testing::Values(From::window, From::tenure)),
                         [](const auto& info) {
                             return std::string(std::get<0>(info.param) == LearnAlgorithm::boosting ? "Trees"
                                                                                                    : "Ridge") +
                                    (std::get<1>(info.param) == From::window ? "Window" : "Tenure");
                         });

/// The document with one text in place of another, which it has once.
std::string with_text(std::string text, const std::string& before, const std::string& after) {
    EXPECT_NE(text.find(before), std::string::npos) << before;
    EXPECT_EQ(text.find(before), text.rfind(before)) << before;
    return text.replace(text.find(before), before.size(), after);
}

TEST(LearnerFile, AnotherFormatAndAnotherXgboostAreRefused) {
    const std::string text = learner_as_json(learned(LearnAlgorithm::logistic, From::window));
    expect_refused(with_text(text, "\"xgboost\": \"" + xgboost_version() + "\"", "\"xgboost\": \"0.90.0\""),
                   "it was learned with XGBoost 0.90.0, and this program has " + xgboost_version());
    expect_refused(
        with_text(text, "clvsim learner 2", "clvsim learner 99"),
        "its format is \"clvsim learner 99\", and this program reads \"clvsim learner 2\" and \"clvsim learner 1\"");
    for (const std::string other : {"", "{}", "[1]", "{\"format\": \"clvsim learner 1\"}", "no JSON"}) {
        expect_refused(other, "is no learner.json");
    }
}

TEST(LearnerFile, ResamplesAreAMultipleOf16) {
    for (const From from : {From::window, From::tenure}) {
        Learner learner = learned(LearnAlgorithm::logistic, from);
        (learner.rate ? *learner.rate : learner.churn).resamples.pop_back();
        expect_refused(learner_as_json(learner), "has 15 models: a multiple of 16 up to 1024 is simulated");
        (learner.rate ? *learner.rate : learner.churn).resamples.clear();  // hazards are known
        EXPECT_EQ(refusal_of(learner_as_json(learner)), "");
    }
}

TEST(LearnerFile, WhatScoresNobodyIsRefusedWithItsPlace) {
    const Learner trees = learned(LearnAlgorithm::boosting, From::tenure);
    const Learner ridge = learned(LearnAlgorithm::logistic, From::window);
    const auto refuses = [](Learner learner, const std::string& why, const std::function<void(Learner&)>& change) {
        change(learner);
        expect_refused(learner_as_json(learner), why);
    };
    const auto terms = [](Learner& learner) -> std::vector<AdditiveModel::Term>& {
        return std::get<AdditiveModel>(learner.churn.folds[1]).terms;
    };
    refuses(trees, "none of XGBoost's for these columns", [](Learner& of) { of.churn.columns.pop_back(); });
    refuses(trees, "churn.folds", [](Learner& of) { of.churn.calibrations.pop_back(); });
    refuses(trees, "trained", [](Learner& of) { of.trained = TrainedCustomers(of.trained.id_hashes(), 4, 1); });
    refuses(trees, "trained.folds", [](Learner& of) { of.trained = TrainedCustomers({}, 1, 1); });
    refuses(trees, "trained", [](Learner& of) {
        of.rate->folds.pop_back();
        of.rate->calibrations.pop_back();
    });
    refuses(trees, "baseline.months", [](Learner& of) { of.baseline.months[3] = -0.1; });
    refuses(trees, "baseline.tail", [](Learner& of) { of.baseline.tail = -0.1; });
    refuses(trees, "calibration.slope", [](Learner& of) { of.churn.calibration.slope = NAN; });
    refuses(trees, "window_months", [](Learner& of) { of.window_months = 0; });
    refuses(trees, "window_months", [](Learner& of) { of.window_months = 121; });
    refuses(ridge, "has 2 entries: give one for each of 3 columns", [&](Learner& of) { terms(of).pop_back(); });
    refuses(ridge, "levels", [&](Learner& of) { terms(of)[2].levels.pop_back(); });
    refuses(ridge, "levels", [&](Learner& of) { terms(of)[1].levels.push_back(0.0); });
    refuses(ridge, "slope", [&](Learner& of) { terms(of)[1].slope = HUGE_VAL; });
    refuses(ridge, "has none, or one twice", [](Learner& of) { of.churn.columns[2].levels[0] = "b"; });
    refuses(ridge, "as that of an earlier entry", [](Learner& of) { of.churn.columns[2].name = "calls"; });
}

TEST(LearnerFile, WhatIsNoModelIsRefusedThoughItIsSigned) {
    const Learner learner = learned(LearnAlgorithm::boosting, From::window);
    const std::string text = learner_as_json(learner);
    EXPECT_EQ(refusal_of(with_right_digest(text)), "");
    const std::string trees = std::get<Booster>(learner.churn.folds[0]).bytes();
    const std::string model = base64(packed(trees));
    for (const std::string& other : {base64("{}"), base64(packed("{}")), base64(trees.substr(0, 1'000))}) {
        const std::string changed = with_text(text, model, other);
        expect_refused(changed, "not as they were written");
        expect_refused(with_right_digest(changed), "none of XGBoost's for these columns");
    }
    for (const std::string& other :
         {std::string(), std::string("AAAA"), base64(packed(trees) + "x"), base64(packed(trees).substr(0, 1'000)),
          base64(packed(trees).replace(50, 1, "?"))}) {
        expect_refused(with_right_digest(with_text(text, model, other)), "neither trees nor a regression");
    }
    for (const std::string other : {"\"AAA\"", "7", "[]"}) {
        expect_refused(with_right_digest(with_text(text, "\"" + model + "\"", other)),
                       "neither trees nor a regression");
    }
    expect_refused(with_right_digest(with_text(text, "\"id_hashes\": \"", "\"id_hashes\": \"AAAA")), "id_hashes");
    expect_refused(with_right_digest(with_text(text, "\"kind\": \"category\"", "\"kind\": \"text\"")),
                   "neither number nor");
    expect_refused(with_right_digest(with_text(text, "\"calibration\": {", "\"calibrated\": {")), "calibration");
}

TEST(LearnerFile, TreesOfTheFormatBeforeAreRead) {
    const Learner learner = learned(LearnAlgorithm::boosting, From::tenure);
    const std::string text = learner_as_json(learner);
    std::string older = with_text(text, "clvsim learner 2", "clvsim learner 1");
    for (const Ensemble* ensemble : {&learner.churn, &*learner.rate}) {
        for (const auto* models : {&ensemble->folds, &ensemble->resamples}) {
            for (const ScoreModel& model : *models) {
                const std::string trees = std::get<Booster>(model).bytes();
                older = with_text(older, base64(packed(trees)), base64(trees));
            }
        }
    }
    EXPECT_GT(older.size(), 2 * text.size());
    EXPECT_TRUE(learner_as_json(learner_from_json(with_right_digest(older), "learner.json")) == text);
}

TEST(PackedBytes, AreUnpackedWhole) {
    std::string long_text;
    for (std::size_t i = 0; i < 100'000; ++i) {
        long_text += std::to_string(i * i % 1'009);
    }
    for (const std::string& text : {std::string(), std::string("x"), std::string(1'000'000, 'a'), long_text}) {
        EXPECT_TRUE(unpacked(packed(text)) == text) << text.size();
    }
    EXPECT_LT(packed(long_text).size(), long_text.size() / 4);
    EXPECT_FALSE(unpacked("no stream of zlib's"));
    EXPECT_FALSE(unpacked(packed(long_text).substr(1)));
}

TEST(LearnerFile, MonthsThatScoreCustomersAreAsTheyWereWritten) {
    // A window of 6 months instead of 3 halves every hazard, and another column of months moves everybody's.
    const std::string text = learner_as_json(learned(LearnAlgorithm::logistic, From::tenure));
    expect_refused(with_text(text, "\"window_months\": 3", "\"window_months\": 6"), "not as they were written");
    expect_refused(with_text(text, "\"time_column\": \"\"", "\"time_column\": \"calls\""), "not as they were written");
}

TEST(LearnerFile, WhatWasLeftOutIsKept) {
    CustomerTable customers = callers();
    test::add_texts(customers, "country", std::vector<std::string>(300, "IT"));
    const std::string text = learner_as_json(learned(LearnAlgorithm::logistic, From::window, 2, customers));
    EXPECT_NE(text.find("is the same for everybody"), std::string::npos);
    EXPECT_TRUE(learner_as_json(learner_from_json(text, "learner.json")) == text);
}

TEST(LearnerFile, ACustomerFileThatLacksAColumnIsTold) {
    const Learner back =
        learner_from_json(learner_as_json(learned(LearnAlgorithm::boosting, From::window)), "learner.json");
    CustomerTable customers = callers();
    customers.features[1].name = "plans";
    const std::string message = refusal_of([&] { (void)learned_hazards(back, customers, 12, 1); });
    EXPECT_NE(message.find("no column 'plan' of customers (learned from in learner.json)"), std::string::npos)
        << message;
    EXPECT_NE(message.find("did you mean 'plans'?"), std::string::npos) << message;
    EXPECT_NE(message.find("give customers the columns that were learned from, or learn again"), std::string::npos);
}

TEST(LearnerFile, IsReadFromAFile) {
    const test::TemporaryFolder folder;
    const std::string text = learner_as_json(learned(LearnAlgorithm::logistic, From::window));
    EXPECT_TRUE(learner_as_json(read_learner(folder.write("learner.json", text))) == text);
    const std::string message = refusal_of([&] { (void)read_learner(folder.path() / "none.json"); });
    EXPECT_NE(message.find("none.json"), std::string::npos) << message;
    EXPECT_NE(message.find("input.learner"), std::string::npos) << message;
}

}  // namespace
}  // namespace clv
