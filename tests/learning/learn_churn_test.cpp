// Learning of churn in worlds whose probabilities are planted: how well it is learned, that what it promises holds, and
// that nobody is scored by a model that saw them.

#include "clv/learning/learn_churn.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <variant>
#include <vector>

#include "clv/core/errors.hpp"
#include "learning/ensemble.hpp"
#include "learning/random_tables.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::add_numbers;
using test::add_texts;
using test::bare_customers;
using test::learning_of_left;
using test::normal_of;
using test::numbers_of;
using test::pick_customers;
using test::texts_of;
using test::uniform_of;

double chance(double score) {
    return 1.0 / (1.0 + std::exp(-score));
}

/// Customers with the probabilities that their outcomes were drawn from.
struct ChurnWorld {
    CustomerTable customers;
    std::vector<double> probability;
};

std::string plan_of(std::size_t i) {
    return std::string(1, "abc"[static_cast<int>(3.0 * uniform_of(i, 90))]);
}

/// Numbers x0, x1, .. and a plan, of which outcomes depend as `score` says.
template <class Score>
ChurnWorld churn_world(std::size_t count, std::uint32_t numbers, Score score, std::uint32_t first_stream = 0) {
    ChurnWorld world{bare_customers(count), {}};
    for (std::uint32_t k = 0; k < numbers; ++k) {
        add_numbers(world.customers, "x" + std::to_string(k),
                    numbers_of(count, [&](std::size_t i) { return normal_of(i, first_stream + k); }));
    }
    add_texts(world.customers, "plan", texts_of(count, plan_of));
    world.probability = numbers_of(count, [&](std::size_t i) { return chance(score(i)); });
    add_texts(world.customers, "left", texts_of(count, [&](std::size_t i) {
                  return std::string(uniform_of(i, 91) < world.probability[i] ? "Yes" : "No");
              }));
    return world;
}

ChurnWorld linear_world(std::size_t count) {
    return churn_world(count, 3, [](std::size_t i) {
        return -1.2 + 0.8 * normal_of(i, 0) - 0.5 * normal_of(i, 1) + (plan_of(i) == "b" ? 0.7 : 0.0);
    });
}

LearnSettings without_spread() {
    LearnSettings settings = learning_of_left();
    settings.bootstraps = 0;
    return settings;
}

ChurnLearning learn(const CustomerTable& customers, const LearnSettings& settings, int threads = 2) {
    NoProgress progress;
    return learn_churn(customers, settings, threads, progress);
}

/// Share of the pairs with weight a and b of which the first has the higher score; ties count half.
double area_under_curve(const std::vector<double>& score, const std::vector<double>& yes) {
    double pairs = 0.0;
    double ordered = 0.0;
    for (std::size_t i = 0; i < score.size(); ++i) {
        for (std::size_t j = 0; yes[i] > 0.0 && j < score.size(); ++j) {
            const double weight = yes[i] * (1.0 - yes[j]);
            pairs += weight;
            ordered += weight * (score[i] > score[j] ? 1.0 : score[i] == score[j] ? 0.5 : 0.0);
        }
    }
    return ordered / pairs;
}

std::vector<double> as_numbers(const Outcomes& outcomes) {
    return {outcomes.begin(), outcomes.end()};
}

void expect_within(const Estimate& estimate, double truth) {
    EXPECT_GT(estimate.se, 0.0);
    EXPECT_NEAR(estimate.value, truth, 4.0 * estimate.se) << estimate.name;
}

TEST(LearnChurn, ALinearWorldIsLearnedAsWellAsItCanBe) {
    const ChurnWorld world = linear_world(4'000);
    const ChurnLearning learning = learn(world.customers, without_spread());
    const ClassScores& scores = learning.quality[0].scores;
    // The best score there is, of the world and of these outcomes; three coefficients may win over it by luck, a
    // little.
    expect_within(scores[ClassScore::auc], area_under_curve(world.probability, world.probability));
    const double best = area_under_curve(world.probability, as_numbers(learning.outcomes));
    EXPECT_LT(scores[ClassScore::auc].value, best + 0.25 * scores[ClassScore::auc].se);
    EXPECT_GT(scores[ClassScore::auc].value, best - scores[ClassScore::auc].se);
    expect_within(scores[ClassScore::calibration_slope], 1.0);
    expect_within(scores[ClassScore::calibration_intercept], 0.0);
    expect_within(scores[ClassScore::mean_predicted], scores[ClassScore::share_observed].value);
    EXPECT_EQ(learning.quality[0].algorithm, LearnAlgorithm::logistic);
    ASSERT_EQ(learning.quality.size(), 2U);
    EXPECT_EQ(learning.quality[1].algorithm, LearnAlgorithm::boosting);
    // What moves the score most has the largest importance, and noise the least.
    ASSERT_EQ(learning.importance.size(), 4U);
    EXPECT_GT(learning.importance[0].value, learning.importance[1].value);
    EXPECT_GT(learning.importance[1].value, learning.importance[2].value);
    EXPECT_LT(learning.importance[2].value, 0.1);
}

TEST(LearnChurn, ProbabilitiesAreThoseOfTheReportedQuality) {
    const ChurnWorld world = linear_world(1'000);
    const ChurnLearning learning = learn(world.customers, without_spread());
    EXPECT_NEAR(area_under_curve(learning.probability, as_numbers(learning.outcomes)),
                learning.quality[0].scores[ClassScore::auc].value, 1e-12);
}

TEST(LearnChurn, BoostingIsUsedWhereARegressionIsBlind) {
    // Two numbers whose signs matter together, and neither alone.
    const ChurnWorld world = churn_world(
        3'000, 3, [](std::size_t i) { return -0.8 + (normal_of(i, 0) * normal_of(i, 1) > 0.0 ? 1.5 : -1.5); });
    const ChurnLearning learning = learn(world.customers, without_spread());
    ASSERT_EQ(learning.quality[0].algorithm, LearnAlgorithm::boosting);
    expect_within(learning.quality[0].scores[ClassScore::auc], area_under_curve(world.probability, world.probability));
    expect_within(learning.quality[1].scores[ClassScore::auc], 0.5);
    expect_within(learning.quality[0].scores[ClassScore::calibration_slope], 1.0);
    // Contributions are on the scale of the log odds, which are 3 apart.
    EXPECT_GT(learning.importance[0].value, 0.3);
    EXPECT_LT(learning.importance[2].value, 0.25);
}

TEST(LearnChurn, TheRegressionIsUsedInASmallLinearWorld) {
    const ChurnLearning learning = learn(linear_world(500).customers, without_spread());
    EXPECT_EQ(learning.quality[0].algorithm, LearnAlgorithm::logistic);
    LearnSettings settings = without_spread();
    settings.algorithm = LearnAlgorithm::boosting;
    const ChurnLearning asked = learn(linear_world(500).customers, settings);
    EXPECT_EQ(asked.quality[0].algorithm, LearnAlgorithm::boosting);
    EXPECT_EQ(asked.quality.size(), 1U);
}

class NoiseTest : public ::testing::TestWithParam<LearnAlgorithm> {};

TEST_P(NoiseTest, SaysNothingAndPromisesTheShareOfAll) {
    for (std::uint32_t sample = 0; sample < 4; ++sample) {
        const ChurnWorld world = churn_world(
            2'000, 5, [](std::size_t) { return std::log(0.2 / 0.8); }, 10 * sample);
        LearnSettings settings = without_spread();
        settings.algorithm = GetParam();
        const ChurnLearning learning = learn(world.customers, settings);
        const ClassScores& scores = learning.quality[0].scores;
        expect_within(scores[ClassScore::auc], 0.5);
        EXPECT_NEAR(scores[ClassScore::mean_predicted].value, scores[ClassScore::share_observed].value, 0.005);
        for (const ScoreModel& fold : learning.learner.churn.folds) {
            const auto* trees = std::get_if<Booster>(&fold);
            EXPECT_LT(trees == nullptr ? 0 : trees->rounds(), 200) << "of 500";
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Algorithms, NoiseTest, ::testing::Values(LearnAlgorithm::boosting, LearnAlgorithm::logistic),
                         [](const auto& info) { return info.param == LearnAlgorithm::boosting ? "Trees" : "Ridge"; });

/// Customers with normal scores, and outcomes that hold what the scores promise only after `promise`.
struct Promises {
    std::vector<double> scores;
    TrainingRows rows;
    std::vector<std::uint8_t> used;

    Promises(std::size_t count, Family family, const Calibration& promise) : used(count, 1) {
        for (std::size_t i = 0; i < count; ++i) {
            scores.push_back(-1.0 + normal_of(i, 3));
            rows.rows.push_back(i);
            const double mean = mean_at(family, promise(scores[i]));
            const bool left = uniform_of(i, 91) < (family == Family::poisson ? -std::expm1(-mean) : mean);
            rows.outcome.push_back(left ? 1.0F : 0.0F);
            share += static_cast<double>(left) / static_cast<double>(count);
        }
    }
    double share = 0.0;
};

TEST(Calibrate, FindsSlopeAndIntercept) {
    const Promises promises(6'000, Family::bernoulli, {0.4, 0.6});
    const Calibration found = calibrate(Family::bernoulli, promises.scores, promises.rows, promises.used);
    // Curvatures of the log likelihood, by sums over what is planted.
    double information[3] = {};
    for (const double score : promises.scores) {
        const double mean = chance(0.4 + 0.6 * score);
        information[0] += mean * (1.0 - mean);
        information[1] += mean * (1.0 - mean) * score;
        information[2] += mean * (1.0 - mean) * score * score;
    }
    const double determinant = information[0] * information[2] - information[1] * information[1];
    EXPECT_NEAR(found.intercept, 0.4, 4.0 * std::sqrt(information[2] / determinant));
    EXPECT_NEAR(found.slope, 0.6, 4.0 * std::sqrt(information[0] / determinant));
}

TEST(Calibrate, LooksAtNobodyElse) {
    Promises promises(2'000, Family::bernoulli, {});
    const Calibration straight = calibrate(Family::bernoulli, promises.scores, promises.rows, promises.used);
    for (std::size_t i = 0; i < 50; ++i) {
        promises.scores.push_back(40.0);
        promises.rows.rows.push_back(2'000 + i);
        promises.rows.outcome.push_back(0.0F);
        promises.used.push_back(0);
    }
    const Calibration same = calibrate(Family::bernoulli, promises.scores, promises.rows, promises.used);
    EXPECT_EQ(same.slope, straight.slope);
    EXPECT_EQ(same.intercept, straight.intercept);
}

TEST(Calibrate, WhatSeparatesOutcomesStaysFinite) {
    Promises promises(100, Family::bernoulli, {});
    for (std::size_t i = 0; i < 100; ++i) {
        promises.scores[i] = promises.rows.outcome[i] > 0.0F ? 1.0 : -1.0;
    }
    const Calibration found = calibrate(Family::bernoulli, promises.scores, promises.rows, promises.used);
    EXPECT_GT(found.slope, 2.0);
    EXPECT_LT(found.slope, 6.0);
}

TEST(Calibrate, WhereScoresMisleadEverybodyHasTheShareOfAll) {
    for (const Family family : {Family::bernoulli, Family::poisson}) {
        const Promises promises(3'000, family, {-2.0, -0.5});
        const Calibration found = calibrate(family, promises.scores, promises.rows, promises.used);
        EXPECT_EQ(found.slope, 0.0);
        EXPECT_NEAR(mean_at(family, found(-1.0)), promises.share, 0.01 * promises.share);
    }
}

/// As if nobody had been trained on: everybody is scored by all folds.
double auc_of_all_folds(const ChurnLearning& learning, const CustomerTable& customers) {
    const Ensemble& ensemble = learning.learner.churn;
    const std::vector<double> seen = cross_fitted(ensemble, TrainedCustomers({}, 5, 1),
                                                  feature_matrix(customers, ensemble.columns), customers.id_hash, 2);
    return area_under_curve(seen, as_numbers(learning.outcomes));
}

TEST(LearnChurn, NobodyIsScoredByAModelThatSawThem) {
    // A weak effect in much noise, so that models know their customers by heart.
    const ChurnWorld world = churn_world(1'000, 150, [](std::size_t i) { return 0.5 * normal_of(i, 0); });
    LearnSettings settings = without_spread();
    settings.algorithm = LearnAlgorithm::logistic;
    const ChurnLearning learning = learn(world.customers, settings);
    const double best = area_under_curve(world.probability, as_numbers(learning.outcomes));
    const Estimate& auc = learning.quality[0].scores[ClassScore::auc];
    EXPECT_LT(area_under_curve(learning.probability, as_numbers(learning.outcomes)), best);
    EXPECT_LT(auc.value, best);
    EXPECT_GT(auc_of_all_folds(learning, world.customers), best + 4.0 * auc.se) << "planted";
}

TEST(LearnChurn, OthersAreScoredByTheMeanOfTheFolds) {
    const ChurnWorld world = linear_world(600);
    CustomerTable customers = world.customers;
    // The outcome of every third customer is not known.
    FeatureColumn& left = customers.features.back();
    left.categories.emplace_back();
    for (std::size_t i = 0; i < customers.size(); i += 3) {
        left.codes[i] = static_cast<std::uint32_t>(left.categories.size() - 1);
    }
    const ChurnLearning learning = learn(customers, without_spread());
    EXPECT_EQ(learning.learner.trained.id_hashes().size(), 400U);
    EXPECT_EQ(learning.quality[0].scores.customers, 400U);
    const Ensemble& ensemble = learning.learner.churn;
    const FeatureMatrix matrix = feature_matrix(customers, ensemble.columns);
    std::vector<std::vector<double>> by_fold;
    for (const ScoreModel& model : ensemble.folds) {
        by_fold.push_back(scores(model, matrix));
    }
    ASSERT_EQ(by_fold.size(), 5U);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        double mean = 0.0;
        for (std::size_t fold = 0; fold < 5; ++fold) {
            mean += 0.2 * chance(ensemble.calibrations[fold](by_fold[fold][i]));
        }
        const auto own = learning.learner.trained.fold_of(customers.id_hash[i]);
        ASSERT_EQ(own.has_value(), i % 3 != 0);
        EXPECT_NEAR(learning.probability[i], own ? chance(ensemble.calibrations[*own](by_fold[*own][i])) : mean, 1e-12);
    }
}

TEST(LearnChurn, AFoldIsCalibratedByTheOthers) {
    const ChurnWorld world = linear_world(400);
    const ChurnLearning learning = learn(world.customers, without_spread());
    const Ensemble& ensemble = learning.learner.churn;
    const FeatureMatrix matrix = feature_matrix(world.customers, ensemble.columns);
    std::vector<std::size_t> order(400);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [&](std::size_t i) { return world.customers.id_hash[i]; });
    std::vector<double> out_of_fold;
    TrainingRows rows;
    std::vector<std::size_t> folds;
    for (const std::size_t i : order) {
        folds.push_back(learning.learner.trained.fold_of(world.customers.id_hash[i]).value());
        out_of_fold.push_back(scores(ensemble.folds[folds.back()], matrix)[i]);
        rows.rows.push_back(i);
        rows.outcome.push_back(static_cast<float>(learning.outcomes[i]));
    }
    for (std::size_t fold = 0; fold < 5; ++fold) {
        std::vector<std::uint8_t> used;
        for (const std::size_t of_customer : folds) {
            used.push_back(of_customer != fold ? 1 : 0);
        }
        const Calibration expected = calibrate(Family::bernoulli, out_of_fold, rows, used);
        EXPECT_NEAR(ensemble.calibrations[fold].slope, expected.slope, 1e-12);
        EXPECT_NEAR(ensemble.calibrations[fold].intercept, expected.intercept, 1e-12);
    }
}

TEST(LearnChurn, FoldsGoByIdAlone) {
    const CustomerTable customers = bare_customers(2'000);
    const TrainedCustomers all(customers.id_hash, 5, 1);
    const TrainedCustomers some({customers.id_hash.begin() + 500, customers.id_hash.end()}, 5, 1);
    std::vector<double> size(5, 0.0);
    int moved = 0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const std::size_t fold = all.fold_of(customers.id_hash[i]).value();
        size.at(fold) += 1.0;
        EXPECT_EQ(some.fold_of(customers.id_hash[i]).value_or(fold), fold);
        EXPECT_EQ(some.fold_of(customers.id_hash[i]).has_value(), i >= 500);
        moved += TrainedCustomers(customers.id_hash, 5, 2).fold_of(customers.id_hash[i]) == fold ? 0 : 1;
    }
    for (const double customers_of_fold : size) {
        EXPECT_NEAR(customers_of_fold, 400.0, 4.0 * std::sqrt(2'000.0 * 0.2 * 0.8));
    }
    EXPECT_NEAR(moved, 1'600.0, 4.0 * std::sqrt(2'000.0 * 0.2 * 0.8)) << "a seed moves four of five";
}

TEST(LearnChurn, NeitherThreadsNorTheOrderOfRowsShow) {
    const ChurnWorld world = linear_world(600);
    const std::vector<std::size_t> order = shuffled_order(600, 5);
    LearnSettings settings = learning_of_left();
    settings.bootstraps = 16;
    settings.algorithm = LearnAlgorithm::boosting;
    settings.rounds = 40;
    const ChurnLearning one = learn(world.customers, settings, 1);
    for (const int threads : {2, 7}) {
        const ChurnLearning other = learn(world.customers, settings, threads);
        EXPECT_EQ(other.probability, one.probability);
        EXPECT_EQ(other.contributions, one.contributions);
    }
    const ChurnLearning shuffled = learn(pick_customers(world.customers, order), settings, 2);
    for (std::size_t i = 0; i < order.size(); ++i) {
        EXPECT_EQ(shuffled.probability[i], one.probability[order[i]]);
    }
    ASSERT_EQ(shuffled.importance.size(), one.importance.size());
    for (std::size_t column = 0; column < one.importance.size(); ++column) {
        EXPECT_EQ(shuffled.importance[column].value, one.importance[column].value);
        EXPECT_EQ(shuffled.importance[column].se, one.importance[column].se);
    }
    EXPECT_EQ(shuffled.quality[0].scores[ClassScore::log_loss].value,
              one.quality[0].scores[ClassScore::log_loss].value);
}

TEST(LearnChurn, AWindowsProbabilityIsSpreadOverItsMonths) {
    const ChurnWorld world = linear_world(800);
    LearnSettings settings = learning_of_left();
    settings.window_months = 3;
    settings.bootstraps = 32;
    settings.algorithm = LearnAlgorithm::logistic;
    const ChurnLearning learning = learn(world.customers, settings);
    const LearnedHazards hazards = learned_hazards(learning.learner, world.customers, 24, 2);
    EXPECT_EQ(hazards.probability, learning.probability);
    ASSERT_EQ(hazards.draws, 32U);
    for (std::size_t i = 0; i < world.customers.size(); ++i) {
        const double survives = std::exp(-3.0 * double{hazards.survival.hazards.at(i, 1)});
        EXPECT_NEAR(1.0 - survives, learning.probability[i], 1e-6);
        EXPECT_EQ(hazards.survival.hazards.at(i, 24), hazards.survival.hazards.at(i, 1));
        double mean = 0.0;
        for (std::size_t draw = 0; draw < 32; ++draw) {
            mean += double{hazards.factors[i * 32 + draw]} / 32.0;
        }
        EXPECT_NEAR(mean, 1.0, 1e-6);
    }
}

TEST(LearnChurn, ResamplesSpreadAsFarAsAShareMayBeWrong) {
    // Two plans alone: the logit of a share has variance 1 / (n p (1 - p)), and the hazard moves p of it.
    ChurnWorld world{bare_customers(1'500), {}};
    const auto is_b = [](std::size_t i) { return i % 3 == 0; };
    add_texts(world.customers, "plan",
              texts_of(1'500, [&](std::size_t i) { return std::string(is_b(i) ? "b" : "a"); }));
    add_texts(world.customers, "left", texts_of(1'500, [&](std::size_t i) {
                  return std::string(uniform_of(i, 91) < (is_b(i) ? 0.4 : 0.15) ? "Yes" : "No");
              }));
    LearnSettings settings = learning_of_left();
    settings.bootstraps = 128;
    settings.algorithm = LearnAlgorithm::logistic;
    const ChurnLearning learning = learn(world.customers, settings);
    const LearnedHazards hazards = learned_hazards(learning.learner, world.customers, 12, 2);
    for (const std::size_t customer : {std::size_t{0}, std::size_t{1}}) {
        double squares = 0.0;
        for (std::size_t draw = 0; draw < 128; ++draw) {
            squares += std::pow(double{hazards.factors[customer * 128 + draw]} - 1.0, 2) / 127.0;
        }
        const double p = is_b(customer) ? 0.4 : 0.15;
        const double n = is_b(customer) ? 500.0 : 1'000.0;
        const double expected = p / std::sqrt(n * p * (1.0 - p)) / -std::log1p(-p);
        EXPECT_NEAR(std::sqrt(squares) / expected, 1.0, 4.0 / std::sqrt(2.0 * 127.0)) << customer;
    }
}

template <class Fault>
std::string refusal(const CustomerTable& customers, const LearnSettings& settings) {
    try {
        (void)learn(customers, settings);
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

/// So many yes, then no, then blanks.
CustomerTable labelled(std::size_t yes, std::size_t no, std::size_t unknown) {
    CustomerTable customers = bare_customers(yes + no + unknown);
    add_numbers(customers, "x", numbers_of(customers.size(), [](std::size_t i) { return normal_of(i, 0); }));
    add_texts(customers, "left", texts_of(customers.size(), [&](std::size_t i) {
                  return std::string(i < yes ? "yes" : i < yes + no ? "no" : "");
              }));
    return customers;
}

TEST(LearnChurn, OneOutcomeIsNothingToLearn) {
    EXPECT_NE(refusal<InputError>(labelled(0, 50, 10), without_spread()).find("none of 50 customers have churned"),
              std::string::npos);
    EXPECT_NE(refusal<InputError>(labelled(50, 0, 10), without_spread()).find("all of 50 customers have churned"),
              std::string::npos);
    EXPECT_NE(refusal<InputError>(labelled(0, 0, 50), without_spread()).find("nobody's outcome is known"),
              std::string::npos);
    EXPECT_NE(refusal<ModelError>(labelled(9, 60, 0), without_spread()).find("9 of 69 customers have churned"),
              std::string::npos);
    EXPECT_NE(refusal<ModelError>(labelled(60, 9, 5), without_spread()).find("at least 10 of either kind"),
              std::string::npos);
    EXPECT_EQ(learn(labelled(10, 60, 0), without_spread()).quality.size(), 2U);
}

TEST(LearnChurn, SettingsThatDoNotFitAreRefused) {
    LearnSettings settings = learning_of_left();
    settings.bootstraps = 24;
    EXPECT_NE(refusal<ConfigError>(labelled(30, 30, 0), settings).find("give a multiple of 16"), std::string::npos);
    settings = without_spread();
    settings.hazard = HazardFrom::tenure;
    EXPECT_NE(refusal<InputError>(labelled(30, 30, 0), settings).find("learn.time_column"), std::string::npos);
}

TEST(LearnChurn, WhatIsLeftOutIsSaid) {
    CustomerTable customers = labelled(30, 30, 0);
    add_texts(customers, "country", std::vector<std::string>(60, "IT"));
    add_numbers(customers, "refund", numbers_of(60, [](std::size_t i) { return i < 30 ? 5.5 : 0.0; }));
    const ChurnLearning learning = learn(customers, without_spread());
    ASSERT_EQ(learning.notes.size(), 1U);
    EXPECT_EQ(learning.notes[0], "country is not learned from: it is the same for everybody");
    ASSERT_EQ(learning.warnings.size(), 1U);
    EXPECT_NE(learning.warnings[0].find("refund is not learned from: it tells the outcome almost surely"),
              std::string::npos);
}

}  // namespace
}  // namespace clv
