// Scores of probabilities against arithmetic by hand, definitions taken literally, and planted truths.

#include "clv/risk/class_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

/// Customers as a model and the world have them.
struct Classes {
    std::vector<double> probability;
    std::vector<std::uint8_t> outcome;
    std::vector<std::uint64_t> id_hash;

    void add(double p, bool has_event) {
        probability.push_back(p);
        outcome.push_back(has_event ? 1 : 0);
        id_hash.push_back((id_hash.size() + 1) * 0x9e3779b97f4a7c15ULL);
    }
    [[nodiscard]] ClassScores scores(const BootstrapSettings& settings = {.draws = 2, .threads = 1}) const {
        return score_probabilities(probability, outcome, id_hash, settings);
    }
    [[nodiscard]] double value(ClassScore score) const { return scores()[score].value; }
};

Classes classes_of(const std::vector<double>& probability, const std::vector<int>& outcome) {
    Classes classes;
    for (std::size_t i = 0; i < probability.size(); ++i) {
        classes.add(probability[i], outcome[i] == 1);
    }
    return classes;
}

double logistic(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

/// Events come with probability logistic(x), x normal; the model says logistic(stated x x + shift).
Classes planted(std::size_t customers, std::uint64_t seed, double stated = 1.0, double shift = 0.0) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal(-1.0, 1.2);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    Classes classes;
    for (std::size_t i = 0; i < customers; ++i) {
        const double x = normal(engine);
        classes.add(logistic(stated * x + shift), uniform(engine) < logistic(x));
    }
    return classes;
}

/// The same with few distinct probabilities.
Classes tied(std::size_t customers, std::uint64_t seed) {
    Classes classes = planted(customers, seed);
    for (double& p : classes.probability) {
        p = std::ceil(8.0 * p) / 8.0 - 0.05;
    }
    return classes;
}

double auc_over_pairs(const Classes& classes) {
    double won = 0.0;
    double pairs = 0.0;
    for (std::size_t i = 0; i < classes.outcome.size(); ++i) {
        for (std::size_t j = 0; j < classes.outcome.size(); ++j) {
            if (classes.outcome[i] == 1 && classes.outcome[j] == 0) {
                const double gap = classes.probability[i] - classes.probability[j];
                won += gap > 0.0 ? 1.0 : gap == 0.0 ? 0.5 : 0.0;
                pairs += 1.0;
            }
        }
    }
    return won / pairs;
}

/// Over thresholds from the highest: recall gained times precision.
double precision_over_thresholds(const Classes& classes) {
    std::vector<double> thresholds = classes.probability;
    std::ranges::sort(thresholds, std::greater<>());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    const double events = std::accumulate(classes.outcome.begin(), classes.outcome.end(), 0.0);
    double sum = 0.0;
    double recall_before = 0.0;
    for (const double threshold : thresholds) {
        double taken = 0.0;
        double hits = 0.0;
        for (std::size_t i = 0; i < classes.outcome.size(); ++i) {
            if (classes.probability[i] >= threshold) {
                taken += 1.0;
                hits += classes.outcome[i];
            }
        }
        sum += (hits / events - recall_before) * (hits / taken);
        recall_before = hits / events;
    }
    return sum;
}

/// Derivatives of the log-likelihood at a line, which are 0 at its maximum.
std::pair<double, double> likelihood_slope(const Classes& classes, double intercept, double slope) {
    std::pair<double, double> sums{0.0, 0.0};
    for (std::size_t i = 0; i < classes.outcome.size(); ++i) {
        const double x = std::log(classes.probability[i] / (1.0 - classes.probability[i]));
        const double residual = classes.outcome[i] - logistic(intercept + slope * x);
        sums.first += residual;
        sums.second += residual * x;
    }
    return sums;
}

TEST(ClassScores, OfFourCustomersByHand) {
    const Classes four = classes_of({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1});
    // pairs won: 0.35 beats 0.1, 0.8 beats 0.1 and 0.4: 3 of 4
    EXPECT_DOUBLE_EQ(four.value(ClassScore::auc), 0.75);
    // at 0.8 recall 1/2 and precision 1; at 0.35 recall 1 and precision 2/3: 1/2 + 1/2 x 2/3
    EXPECT_DOUBLE_EQ(four.value(ClassScore::average_precision), 5.0 / 6.0);
    // (0.1^2 + 0.4^2 + 0.65^2 + 0.2^2) / 4 = 0.6325 / 4
    EXPECT_DOUBLE_EQ(four.value(ClassScore::brier), 0.158125);
    EXPECT_NEAR(four.value(ClassScore::log_loss),
                -(std::log(0.9) + std::log(0.6) + std::log(0.35) + std::log(0.8)) / 4.0, 1e-15);
    EXPECT_DOUBLE_EQ(four.value(ClassScore::mean_predicted), 0.4125);
    EXPECT_DOUBLE_EQ(four.value(ClassScore::share_observed), 0.5);
    const ClassScores scores = four.scores();
    EXPECT_EQ(scores.customers, 4U);
    EXPECT_EQ(scores.events, 2U);
    const std::vector<std::string> names{"auc",
                                         "average_precision",
                                         "brier",
                                         "log_loss",
                                         "calibration_slope",
                                         "calibration_intercept",
                                         "mean_predicted",
                                         "share_observed"};
    for (std::size_t k = 0; k < names.size(); ++k) {
        EXPECT_EQ(scores.estimates[k].name, names[k]);
    }
}

TEST(ClassScores, TiesCountHalf) {
    const Classes equal = classes_of({0.3, 0.3, 0.3, 0.3, 0.3}, {1, 0, 0, 1, 0});
    EXPECT_DOUBLE_EQ(equal.value(ClassScore::auc), 0.5);
    EXPECT_DOUBLE_EQ(equal.value(ClassScore::average_precision), 0.4);  // one threshold: recall 1, precision 2/5
    const Classes some = classes_of({0.6, 0.6, 0.2, 0.2, 0.2}, {1, 0, 1, 0, 0});
    EXPECT_DOUBLE_EQ(some.value(ClassScore::auc), 3.5 / 6.0);  // the first wins 1/2 + 2, the second 2/2, of six pairs
    EXPECT_DOUBLE_EQ(some.value(ClassScore::average_precision), 0.5 * 0.5 + 0.5 * 0.4);
}

TEST(ClassScores, AreThoseOfTheirDefinitions) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        for (const Classes& classes : {planted(150, seed), tied(150, seed)}) {
            EXPECT_NEAR(classes.value(ClassScore::auc), auc_over_pairs(classes), 1e-13);
            EXPECT_NEAR(classes.value(ClassScore::average_precision), precision_over_thresholds(classes), 1e-13);
        }
    }
}

TEST(ClassScores, CertaintiesThatFailCostAFiniteLoss) {
    const Classes certain = classes_of({1.0, 0.0, 1.0, 0.0}, {0, 1, 1, 0});
    EXPECT_NEAR(certain.value(ClassScore::log_loss), -0.5 * std::log(1e-15), 1e-9);  // two of four fail
    EXPECT_DOUBLE_EQ(certain.value(ClassScore::brier), 0.5);
    EXPECT_NEAR(certain.value(ClassScore::calibration_slope), 0.0, 1e-9);  // 1/2 at either probability
}

TEST(ClassScores, CalibrationLineThroughTwoPoints) {
    // two probabilities are fitted exactly: log odds of 1/4 at the logit of 0.2, of 3/4 at that of 0.5
    const Classes classes = classes_of({0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5}, {1, 0, 0, 0, 1, 1, 1, 0});
    const double slope =
        2.0 * std::log(3.0) / std::log(4.0);  // from -ln 3 to ln 3 while the logit goes from -ln 4 to 0
    EXPECT_NEAR(classes.value(ClassScore::calibration_slope), slope, 1e-12);
    EXPECT_NEAR(classes.value(ClassScore::calibration_intercept), std::log(3.0), 1e-12);
}

TEST(ClassScores, CalibrationLineIsTheLikeliest) {
    std::vector<Classes> cases{planted(500, 3), planted(500, 4, 6.0, 8.0), tied(200, 5), planted(60, 6, 0.01, -3.0)};
    cases.push_back(planted(300, 7));
    for (double& p : cases.back().probability) {  // far from where the search begins
        p = std::clamp(1.0 - p, 1e-14, 1.0 - 1e-14);
        p = p * p * p * p * p * p;
    }
    cases.emplace_back();
    for (int i = -100; i <= 100; ++i) {  // all but separated: only the two nearest to 0 are on the wrong side
        cases.back().add(logistic(0.01 * i), std::abs(i) == 1 ? i < 0 : i > 0);
    }
    EXPECT_GT(cases.back().value(ClassScore::calibration_slope), 50.0);
    for (const Classes& classes : cases) {
        const auto [of_intercept, of_slope] = likelihood_slope(
            classes, classes.value(ClassScore::calibration_intercept), classes.value(ClassScore::calibration_slope));
        EXPECT_NEAR(of_intercept, 0.0, 1e-6);
        EXPECT_NEAR(of_slope, 0.0, 1e-6);
    }
}

TEST(ClassScores, ThereIsNoLineWhereOutcomesAreSeparated) {
    for (const Classes& classes :
         {classes_of({0.9, 0.8, 0.2}, {1, 1, 0}), classes_of({0.9, 0.8, 0.2}, {0, 0, 1}),
          classes_of({0.9, 0.5, 0.5, 0.2}, {1, 1, 0, 0}), classes_of({0.3, 0.3, 0.3}, {1, 0, 0})}) {
        const Estimate slope = classes.scores()[ClassScore::calibration_slope];
        EXPECT_TRUE(std::isnan(slope.value));
        EXPECT_TRUE(std::isnan(slope.se));
        EXPECT_TRUE(std::isnan(classes.value(ClassScore::calibration_intercept)));
        EXPECT_EQ(slope.method, "undefined for these customers");
    }
}

TEST(ClassScores, WhatCannotBeScoredIsRefused) {
    for (const int all : {0, 1}) {
        try {
            (void)classes_of({0.2, 0.4, 0.6}, {all, all, all}).scores();
            ADD_FAILURE();
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find("AUC has no meaning"), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW((void)Classes{}.scores(), InputError);
    EXPECT_THROW((void)classes_of({0.2, 1.5}, {0, 1}).scores(), InputError);
    EXPECT_THROW((void)classes_of({0.2, std::numeric_limits<double>::quiet_NaN()}, {0, 1}).scores(), InputError);
    Classes ragged = classes_of({0.2, 0.5}, {0, 1});
    ragged.id_hash.pop_back();
    EXPECT_THROW((void)ragged.scores(), std::invalid_argument);
    Classes third = classes_of({0.2, 0.5}, {0, 1});
    third.outcome[0] = 2;
    EXPECT_THROW((void)third.scores(), std::invalid_argument);
}

TEST(ClassScores, CalibrationCurveByHand) {
    Classes classes;
    for (int i = 0; i < 100; ++i) {  // probabilities 0, 0.01 .. 0.99, the upper half with the event
        classes.add(0.01 * ((i * 37) % 100), (i * 37) % 100 >= 50);
    }
    const std::vector<CalibrationGroup> curve = classes.scores().calibration;
    ASSERT_EQ(curve.size(), 10U);
    for (std::size_t k = 0; k < 10; ++k) {
        EXPECT_EQ(curve[k].customers, 10U);
        EXPECT_NEAR(curve[k].mean_predicted, 0.1 * static_cast<double>(k) + 0.045, 1e-12);
        EXPECT_EQ(curve[k].share_observed, k < 5 ? 0.0 : 1.0);
        // none of ten: up to z^2 / (10 + z^2) = 3.8415 / 13.8415
        EXPECT_NEAR(curve[k].low, k < 5 ? 0.0 : 1.0 - 0.277533, 1e-6);
        EXPECT_NEAR(curve[k].high, k < 5 ? 0.277533 : 1.0, 1e-6);
    }
}

TEST(ClassScores, CalibrationCurveKeepsTiesTogether) {
    Classes classes;
    for (int i = 0; i < 40; ++i) {
        classes.add(i < 26 ? 0.1 : 0.5 + 0.01 * i, i % 3 == 0);
    }
    const std::vector<CalibrationGroup> curve = classes.scores().calibration;
    ASSERT_EQ(curve.size(), 5U);  // the tie in the middle of the lower 26, then two, and four times three
    EXPECT_EQ(curve[0].customers, 26U);
    EXPECT_NEAR(curve[0].mean_predicted, 0.1, 1e-12);
    EXPECT_NEAR(curve[0].share_observed, 9.0 / 26.0, 1e-12);
    EXPECT_EQ(std::accumulate(curve.begin(), curve.end(), std::size_t{0},
                              [](std::size_t sum, const CalibrationGroup& group) { return sum + group.customers; }),
              40U);
    for (const CalibrationGroup& group : curve) {  // Wilson's ends: |share - p| = z sqrt(p (1 - p) / n)
        for (const double end : {group.low, group.high}) {
            const double spread = std::sqrt(end * (1.0 - end) / static_cast<double>(group.customers));
            EXPECT_NEAR(std::abs(group.share_observed - end), 1.959963984540054 * spread, 1e-12);
        }
    }
}

TEST(ClassScores, DecilesAreOfTheRanking) {
    const std::vector<Decile> deciles =
        classes_of({0.9, 0.8, 0.7, 0.6, 0.5, 0.5, 0.5, 0.5, 0.2, 0.1}, {1, 1, 0, 1, 0, 1, 0, 0, 0, 0}).scores().deciles;
    const std::vector<double> actual{1, 1, 0, 1, 0.25, 0.25, 0.25, 0.25, 0, 0};  // four at 0.5 share one event
    double sum = 0.0;
    for (std::size_t d = 0; d < 10; ++d) {
        sum += actual[d];
        EXPECT_NEAR(deciles[d].mean_actual, actual[d], 1e-12);
        EXPECT_NEAR(deciles[d].lift, actual[d] / 0.4, 1e-12);
        EXPECT_NEAR(deciles[d].gain, sum / 4.0, 1e-12);
    }
}

/// Every resample written out row by row and scored by the definitions.
TEST(ClassScores, ErrorsAreThoseOfResamplesWrittenOut) {
    const BootstrapSettings settings{.seed = 21, .draws = 40, .threads = 2};
    for (const Classes& classes : {planted(80, 8), tied(80, 9)}) {
        const std::vector<std::uint32_t> rows = rows_by_hash(classes.id_hash);
        std::vector<std::vector<double>> expected(6);
        for (std::uint32_t k = 0; k < settings.draws; ++k) {
            std::vector<Times> times(rows.size());
            draw_customers(settings.seed, settings.first_index + k, times);
            Classes drawn;
            for (std::size_t place = 0; place < rows.size(); ++place) {
                for (int copy = 0; copy < times[place]; ++copy) {
                    drawn.add(classes.probability[rows[place]], classes.outcome[rows[place]] == 1);
                }
            }
            expected[0].push_back(auc_over_pairs(drawn));
            expected[1].push_back(precision_over_thresholds(drawn));
            expected[2].push_back(drawn.value(ClassScore::brier));
            expected[3].push_back(drawn.value(ClassScore::log_loss));
            expected[4].push_back(drawn.value(ClassScore::calibration_slope));
            expected[5].push_back(drawn.value(ClassScore::calibration_intercept));
        }
        const ClassScores scores = classes.scores(settings);
        for (std::size_t k = 0; k < expected.size(); ++k) {
            const Estimate from = bootstrap_estimate("", "", scores.estimates[k].value, expected[k]);
            const double near = k >= 4 ? 0.005 * from.se : 1e-12;  // lines of resamples are settled only so far
            EXPECT_NEAR(scores.estimates[k].se, from.se, near) << k;
            EXPECT_NEAR(scores.estimates[k].low, from.low, near) << k;
            EXPECT_NEAR(scores.estimates[k].high, from.high, near) << k;
        }
    }
}

TEST(ClassScores, ErrorOfAMeanIsItsSpread) {
    const Classes classes = planted(4'000, 10);
    const Estimate brier = classes.scores({.seed = 4, .draws = 400, .threads = 0})[ClassScore::brier];
    double squares = 0.0;
    for (std::size_t i = 0; i < classes.outcome.size(); ++i) {
        const double error = classes.outcome[i] - classes.probability[i];
        squares += (error * error - brier.value) * (error * error - brier.value);
    }
    const double se = std::sqrt(squares) / static_cast<double>(classes.outcome.size());
    EXPECT_NEAR(brier.se, se, 4.0 * se / std::sqrt(2.0 * 400.0));
}

TEST(ClassScores, IntervalOfAucHoldsTheTruth) {
    // scores normal with mean 1 where the event comes and 0 elsewhere: AUC = Phi(1 / sqrt 2)
    const double truth = 0.5 * std::erfc(-0.5);
    constexpr int repeats = 300;
    int held = 0;
    int held_by_half = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        std::mt19937_64 engine(static_cast<std::uint64_t>(repeat) + 100);
        std::normal_distribution<double> normal(0.0, 1.0);
        Classes classes;
        for (int i = 0; i < 300; ++i) {
            const bool has_event = i % 3 == 0;
            classes.add(logistic(normal(engine) + (has_event ? 1.0 : 0.0)), has_event);
        }
        const Estimate auc = classes.scores({.seed = static_cast<std::uint64_t>(repeat)})[ClassScore::auc];
        held += auc.low <= truth && truth <= auc.high ? 1 : 0;
        const double half = 0.25 * (auc.high - auc.low);
        held_by_half += std::abs(auc.value - truth) <= half ? 1 : 0;
    }
    const double spread = 4.0 * std::sqrt(0.95 * 0.05 / repeats);
    EXPECT_NEAR(static_cast<double>(held) / repeats, 0.95, spread);
    EXPECT_LT(static_cast<double>(held_by_half) / repeats, 0.95 - spread);  // half as wide, it is seen to be wrong
}

TEST(ClassScores, TooSureAndTooHighAreTold) {
    const BootstrapSettings settings{.seed = 2};
    const ClassScores right = planted(4'000, 12).scores(settings);
    EXPECT_LT(std::abs(right[ClassScore::calibration_slope].value - 1.0),
              4.0 * right[ClassScore::calibration_slope].se);
    EXPECT_LT(std::abs(right[ClassScore::calibration_intercept].value),
              4.0 * right[ClassScore::calibration_intercept].se);
    const ClassScores sure = planted(4'000, 12, 2.0, 1.0).scores(settings);  // logit 2 x + 1: x = logit / 2 - 1 / 2
    EXPECT_LT(sure[ClassScore::calibration_slope].high, 0.7);
    EXPECT_LT(sure[ClassScore::calibration_intercept].high, -0.2);
    EXPECT_NEAR(sure[ClassScore::calibration_slope].value, 0.5, 4.0 * sure[ClassScore::calibration_slope].se);
    EXPECT_EQ(sure[ClassScore::auc].value, right[ClassScore::auc].value);  // the order is the same
    EXPECT_GT(sure[ClassScore::brier].low, right[ClassScore::brier].value);
    EXPECT_GT(sure[ClassScore::log_loss].low, right[ClassScore::log_loss].value);
}

TEST(ClassScores, ResamplesOfOneClassAreCounted) {
    Classes rare;  // a resample of ten has none of one customer with probability 0.9^10 = 0.35
    for (int i = 0; i < 10; ++i) {
        rare.add(0.05 * i, i == 5);
    }
    const ClassScores scores = rare.scores({.seed = 1});
    EXPECT_NE(scores[ClassScore::auc].method.find("undefined in"), std::string::npos);
    EXPECT_TRUE(std::isfinite(scores[ClassScore::auc].se));
    EXPECT_EQ(scores[ClassScore::brier].method.find("undefined"), std::string::npos);
}

void expect_same(const ClassScores& a, const ClassScores& b) {
    for (std::size_t k = 0; k < class_score_count; ++k) {
        EXPECT_EQ(a.estimates[k].value, b.estimates[k].value) << a.estimates[k].name;
        EXPECT_EQ(a.estimates[k].se, b.estimates[k].se) << a.estimates[k].name;
        EXPECT_EQ(a.estimates[k].low, b.estimates[k].low) << a.estimates[k].name;
        EXPECT_EQ(a.estimates[k].high, b.estimates[k].high) << a.estimates[k].name;
    }
    ASSERT_EQ(a.calibration.size(), b.calibration.size());
    for (std::size_t k = 0; k < a.calibration.size(); ++k) {
        EXPECT_EQ(a.calibration[k].mean_predicted, b.calibration[k].mean_predicted);
        EXPECT_EQ(a.calibration[k].share_observed, b.calibration[k].share_observed);
    }
    for (std::size_t d = 0; d < a.deciles.size(); ++d) {
        EXPECT_EQ(a.deciles[d].mean_actual, b.deciles[d].mean_actual);
        EXPECT_EQ(a.deciles[d].gain, b.deciles[d].gain);
    }
}

TEST(ClassScores, NeitherRowsNorThreadsShow) {
    for (const Classes& classes : {planted(3'001, 13), tied(3'001, 14)}) {
        const ClassScores scores = classes.scores({.seed = 7, .threads = 1});
        expect_same(scores, classes.scores({.seed = 7, .threads = 3}));
        std::vector<std::size_t> order(classes.outcome.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::shuffle(order, std::mt19937_64(1));
        Classes shuffled;
        for (const std::size_t row : order) {
            shuffled.add(classes.probability[row], classes.outcome[row] == 1);
            shuffled.id_hash.back() = classes.id_hash[row];
        }
        expect_same(scores, shuffled.scores({.seed = 7, .threads = 2}));
        EXPECT_NE(scores[ClassScore::auc].se, classes.scores({.seed = 8, .threads = 1})[ClassScore::auc].se);
    }
}

}  // namespace
}  // namespace clv
