// Scores of predicted values against arithmetic by hand, definitions taken literally, and planted truths.

#include "clv/risk/value_scores.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
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
struct Values {
    std::vector<double> predicted;
    std::vector<double> actual;
    std::vector<std::uint64_t> id_hash;

    void add(double prediction, double truth) {
        predicted.push_back(prediction);
        actual.push_back(truth);
        id_hash.push_back((id_hash.size() + 1) * 0x9e3779b97f4a7c15ULL);
    }
    [[nodiscard]] std::size_t size() const { return actual.size(); }
    [[nodiscard]] ValueScores scores(const BootstrapSettings& settings = {.draws = 2, .threads = 1}) const {
        return score_predictions(predicted, actual, id_hash, settings);
    }
    [[nodiscard]] double value(ValueScore score) const { return scores()[score].value; }
};

Values values_of(const std::vector<double>& predicted, const std::vector<double>& actual) {
    Values values;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
        values.add(predicted[i], actual[i]);
    }
    return values;
}

/// Customers who spend nothing in a third of cases, and else about what is predicted times `inflation`.
Values planted_values(std::size_t customers, std::uint64_t seed, double inflation = 1.0) {
    std::mt19937_64 engine(seed);
    std::normal_distribution<double> normal(0.0, 1.0);
    Values values;
    for (std::size_t i = 0; i < customers; ++i) {
        const double expected = std::exp(3.0 + normal(engine));
        const double noise = std::exp(0.5 * normal(engine) - 0.125);  // mean 1
        const bool is_active = engine() % 3 != 0;
        values.add(inflation * expected * 2.0 / 3.0, is_active ? expected * noise : 0.0);
    }
    return values;
}

/// The same in few steps.
Values stepped_values(std::size_t customers, std::uint64_t seed) {
    Values values = planted_values(customers, seed);
    for (std::size_t i = 0; i < customers; ++i) {
        values.predicted[i] = 10.0 * std::floor(0.1 * values.predicted[i]);
        values.actual[i] = 5.0 * std::floor(0.2 * values.actual[i]) - 5.0;  // also below 0
    }
    return values;
}

/// Mean of the ranks that equal values may have.
std::vector<double> mid_ranks(const std::vector<double>& values) {
    std::vector<double> ranks;
    for (const double value : values) {
        double rank = 0.5;
        for (const double other : values) {
            rank += other < value ? 1.0 : other == value ? 0.5 : 0.0;
        }
        ranks.push_back(rank);
    }
    return ranks;
}

double correlation(const std::vector<double>& a, const std::vector<double>& b) {
    const auto n = static_cast<double>(a.size());
    const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / n;
    const double mean_b = std::accumulate(b.begin(), b.end(), 0.0) / n;
    double aa = 0.0;
    double ab = 0.0;
    double bb = 0.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return ab / std::sqrt(aa * bb);
}

/// Twice the area between the curve of cumulative shares and the diagonal, from the highest, up to a factor.
double gini_in_order(const std::vector<double>& actual, const std::vector<std::size_t>& order) {
    const double total = std::accumulate(actual.begin(), actual.end(), 0.0);
    const auto n = static_cast<double>(actual.size());
    double reached = 0.0;
    double area = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        reached += actual[order[i]];
        area += reached / total - static_cast<double>(i + 1) / n;
    }
    return area / n;
}

/// Mean over all orders of the customers that go from the highest `key` to the lowest.
double gini_over_orders(const std::vector<double>& actual, const std::vector<double>& key) {
    std::vector<std::size_t> order(actual.size());
    std::iota(order.begin(), order.end(), 0);
    double sum = 0.0;
    int orders = 0;
    do {
        if (std::ranges::is_sorted(order, std::greater<>(), [&](std::size_t i) { return key[i]; })) {
            sum += gini_in_order(actual, order);
            ++orders;
        }
    } while (std::ranges::next_permutation(order).found);
    return sum / orders;
}

double gini_by_ranks(const Values& values) {
    const std::vector<double> of_predicted = mid_ranks(values.predicted);
    const std::vector<double> of_actual = mid_ranks(values.actual);
    const double middle = 0.5 * (static_cast<double>(values.size()) + 1.0);
    double numerator = 0.0;
    double denominator = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        numerator += (of_predicted[i] - middle) * values.actual[i];
        denominator += (of_actual[i] - middle) * values.actual[i];
    }
    return numerator / denominator;
}

double capture_by_shares(const Values& values) {
    const auto n = static_cast<double>(values.size());
    double captured = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        double above = 0.0;
        double equal = 0.0;
        for (const double other : values.predicted) {
            above += other > values.predicted[i] ? 1.0 : 0.0;
            equal += other == values.predicted[i] ? 1.0 : 0.0;
        }
        captured += values.actual[i] * std::clamp((0.1 * n - above) / equal, 0.0, 1.0);
        total += values.actual[i];
    }
    return captured / total;
}

TEST(ValueScores, OfFourCustomersByHand) {
    const Values four = values_of({4, 3, 2, 1}, {10, 0, 5, 5});
    // errors -6, 3, -3, -4: squares 70, of 50 about the mean of 5
    EXPECT_DOUBLE_EQ(four.value(ValueScore::r2), 1.0 - 70.0 / 50.0);
    EXPECT_DOUBLE_EQ(four.value(ValueScore::rmse), std::sqrt(70.0 / 4.0));
    EXPECT_DOUBLE_EQ(four.value(ValueScore::mae), 4.0);
    // ranks 4 3 2 1 and 4 1 2.5 2.5, less 2.5: products 1.5, squares 5 and 4.5
    EXPECT_DOUBLE_EQ(four.value(ValueScore::spearman), 1.5 / std::sqrt(22.5));
    // 1.5 x 10 + 0.5 x 0 - 0.5 x 5 - 1.5 x 5 = 5, of 1.5 x 10 - 1.5 x 0 = 15
    EXPECT_DOUBLE_EQ(four.value(ValueScore::gini), 1.0 / 3.0);
    EXPECT_DOUBLE_EQ(four.value(ValueScore::top_decile_capture), 0.4 * 10.0 / 20.0);  // 0.4 of a customer
    EXPECT_DOUBLE_EQ(four.value(ValueScore::total_ratio), 10.0 / 20.0);
    const ValueScores scores = four.scores();
    EXPECT_EQ(scores.customers, 4U);
    const std::vector<std::string> names{"r2", "rmse", "mae", "spearman", "gini", "top_decile_capture", "total_ratio"};
    for (std::size_t k = 0; k < names.size(); ++k) {
        EXPECT_EQ(scores.estimates[k].name, names[k]);
    }
    EXPECT_EQ(scores[ValueScore::mae].unit, "currency");
    EXPECT_EQ(
        score_predictions(four.predicted, four.actual, four.id_hash, {.draws = 2}, "count")[ValueScore::rmse].unit,
        "count");
}

TEST(ValueScores, OfThePerfectAndTheReversedOrder) {
    const Values perfect = values_of({1, 2, 4, 8}, {1, 2, 4, 8});
    EXPECT_DOUBLE_EQ(perfect.value(ValueScore::r2), 1.0);
    EXPECT_DOUBLE_EQ(perfect.value(ValueScore::spearman), 1.0);
    EXPECT_DOUBLE_EQ(perfect.value(ValueScore::gini), 1.0);
    EXPECT_DOUBLE_EQ(perfect.value(ValueScore::total_ratio), 1.0);
    const Values reversed = values_of({8, 4, 2, 1}, {1, 2, 4, 8});
    EXPECT_DOUBLE_EQ(reversed.value(ValueScore::spearman), -1.0);
    EXPECT_DOUBLE_EQ(reversed.value(ValueScore::gini), -1.0);
}

TEST(ValueScores, OfOnePredictionForAll) {
    const Values equal = values_of({5, 5, 5, 5, 5}, {0, 0, 5, 0, 20});
    EXPECT_DOUBLE_EQ(equal.value(ValueScore::r2), 0.0);  // the mean
    EXPECT_DOUBLE_EQ(equal.value(ValueScore::gini), 0.0);
    EXPECT_DOUBLE_EQ(equal.value(ValueScore::top_decile_capture), 0.1);
    EXPECT_TRUE(std::isnan(equal.value(ValueScore::spearman)));
    EXPECT_EQ(equal.scores()[ValueScore::spearman].method, "undefined for these customers");
}

TEST(ValueScores, GiniIsTheMeanOverOrdersOfTies) {
    const std::vector<Values> cases{
        values_of({3, 3, 2, 2, 2, 1}, {7, 0, 4, 4, 1, 2}), values_of({1, 1, 1, 1, 1, 1}, {7, 0, 4, 4, 1, 2}),
        values_of({1, 2, 2, 9, 9, 9}, {-1, 0, 0, 30, 0, 2}), values_of({0, 0, 5, 0, 5, 7}, {0, 0, 0, 0, 0, 3})};
    for (const Values& values : cases) {
        const double own = gini_over_orders(values.actual, values.actual);
        EXPECT_NEAR(values.value(ValueScore::gini), gini_over_orders(values.actual, values.predicted) / own, 1e-12);
    }
}

TEST(ValueScores, AreThoseOfTheirDefinitions) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        for (const Values& values : {planted_values(155, seed), stepped_values(155, seed)}) {
            EXPECT_NEAR(values.value(ValueScore::spearman),
                        correlation(mid_ranks(values.predicted), mid_ranks(values.actual)), 1e-12);
            EXPECT_NEAR(values.value(ValueScore::gini), gini_by_ranks(values), 1e-12);
            EXPECT_NEAR(values.value(ValueScore::top_decile_capture), capture_by_shares(values), 1e-12);
            EXPECT_NEAR(values.scores().deciles[0].gain, capture_by_shares(values), 1e-12);
        }
    }
}

TEST(ValueScores, DecilesAreOfTheRanking) {
    Values values;
    for (int i = 0; i < 20; ++i) {  // predictions 19 .. 4, and four times 0
        values.add(i < 16 ? 19 - i : 0, i < 16 ? 2 * (i % 2) : (i == 19 ? 4 : 0));
    }
    const std::vector<Decile> deciles = values.scores().deciles;  // the total is 8 x 2 + 4 = 20
    for (std::size_t d = 0; d < 10; ++d) {
        EXPECT_NEAR(deciles[d].mean_predicted, d < 8 ? 18.5 - 2.0 * static_cast<double>(d) : 0.0, 1e-12);
        EXPECT_NEAR(deciles[d].mean_actual, 1.0, 1e-12);  // the last four share their 4
        EXPECT_NEAR(deciles[d].lift, 1.0, 1e-12);
        EXPECT_NEAR(deciles[d].gain, 0.1 * static_cast<double>(d + 1), 1e-12);
    }
}

TEST(ValueScores, WhatCannotBeScoredIsRefused) {
    for (const double all : {0.0, 7.0}) {
        try {
            (void)values_of({1, 2, 3}, {all, all, all}).scores();
            ADD_FAILURE();
        } catch (const InputError& error) {
            EXPECT_NE(std::string(error.what()).find("are equal"), std::string::npos) << error.what();
        }
    }
    EXPECT_THROW((void)Values{}.scores(), InputError);
    EXPECT_THROW((void)values_of({1, std::numeric_limits<double>::infinity()}, {1, 2}).scores(), InputError);
    EXPECT_THROW((void)values_of({1, 2}, {1, std::numeric_limits<double>::quiet_NaN()}).scores(), InputError);
    Values ragged = values_of({1, 2}, {1, 2});
    ragged.id_hash.pop_back();
    EXPECT_THROW((void)ragged.scores(), std::invalid_argument);
}

TEST(ValueScores, ThereIsNoShareOfATotalBelowZero) {
    const ValueScores losses = values_of({1, 2, 3}, {-5, 1, 2}).scores();
    EXPECT_TRUE(std::isnan(losses[ValueScore::total_ratio].value));
    EXPECT_TRUE(std::isnan(losses[ValueScore::top_decile_capture].value));
    EXPECT_TRUE(std::isnan(losses.deciles[0].gain));
    EXPECT_DOUBLE_EQ(losses[ValueScore::gini].value, 1.0);
}

/// Every resample written out row by row and scored by the definitions.
TEST(ValueScores, ErrorsAreThoseOfResamplesWrittenOut) {
    const BootstrapSettings settings{.seed = 22, .draws = 40, .threads = 2};
    for (const Values& values : {planted_values(80, 8), stepped_values(80, 9)}) {
        const std::vector<std::uint32_t> rows = rows_by_hash(values.id_hash);
        std::array<std::vector<double>, value_score_count> expected;
        const auto expect = [&](ValueScore score, double value) {
            expected[static_cast<std::size_t>(score)].push_back(value);
        };
        for (std::uint32_t k = 0; k < settings.draws; ++k) {
            std::vector<Times> times(rows.size());
            draw_customers(settings.seed, settings.first_index + k, times);
            Values drawn;
            for (std::size_t place = 0; place < rows.size(); ++place) {
                for (int copy = 0; copy < times[place]; ++copy) {
                    drawn.add(values.predicted[rows[place]], values.actual[rows[place]]);
                }
            }
            expect(ValueScore::spearman, correlation(mid_ranks(drawn.predicted), mid_ranks(drawn.actual)));
            expect(ValueScore::gini, gini_by_ranks(drawn));
            expect(ValueScore::top_decile_capture, capture_by_shares(drawn));
            for (const ValueScore score :
                 {ValueScore::r2, ValueScore::rmse, ValueScore::mae, ValueScore::total_ratio}) {
                expect(score, drawn.value(score));
            }
        }
        const ValueScores scores = values.scores(settings);
        for (std::size_t k = 0; k < value_score_count; ++k) {
            const Estimate from = bootstrap_estimate("", "", scores.estimates[k].value, expected[k]);
            EXPECT_NEAR(scores.estimates[k].se, from.se, 1e-11) << scores.estimates[k].name;
            EXPECT_NEAR(scores.estimates[k].low, from.low, 1e-11) << scores.estimates[k].name;
            EXPECT_NEAR(scores.estimates[k].high, from.high, 1e-11) << scores.estimates[k].name;
        }
    }
}

TEST(ValueScores, ErrorOfAMeanIsItsSpread) {
    const Values values = planted_values(4'000, 10);
    const Estimate mae = values.scores({.seed = 4, .draws = 400})[ValueScore::mae];
    double squares = 0.0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double error = std::abs(values.predicted[i] - values.actual[i]) - mae.value;
        squares += error * error;
    }
    const double se = std::sqrt(squares) / static_cast<double>(values.size());
    EXPECT_NEAR(mae.se, se, 4.0 * se / std::sqrt(2.0 * 400.0));
}

TEST(ValueScores, IntervalOfSpearmanHoldsTheTruth) {
    // of a bivariate normal it is 6 / pi x asin(rho / 2)
    constexpr double rho = 0.6;
    const double truth = 6.0 / M_PI * std::asin(0.5 * rho);
    constexpr int repeats = 300;
    int held = 0;
    int held_by_half = 0;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        std::mt19937_64 engine(static_cast<std::uint64_t>(repeat) + 100);
        std::normal_distribution<double> normal(0.0, 1.0);
        Values values;
        for (int i = 0; i < 300; ++i) {
            const double x = normal(engine);
            values.add(x, rho * x + std::sqrt(1.0 - rho * rho) * normal(engine));
        }
        const Estimate spearman = values.scores({.seed = static_cast<std::uint64_t>(repeat)})[ValueScore::spearman];
        held += spearman.low <= truth && truth <= spearman.high ? 1 : 0;
        const double half = 0.25 * (spearman.high - spearman.low);
        held_by_half += std::abs(spearman.value - truth) <= half ? 1 : 0;
    }
    const double spread = 4.0 * std::sqrt(0.95 * 0.05 / repeats);
    EXPECT_NEAR(static_cast<double>(held) / repeats, 0.95, spread);
    EXPECT_LT(static_cast<double>(held_by_half) / repeats, 0.95 - spread);  // half as wide, it is seen to be wrong
}

TEST(ValueScores, TooHighAndOutOfOrderAreTold) {
    const BootstrapSettings settings{.seed = 2};
    Values values = planted_values(4'000, 12);
    const ValueScores right = values.scores(settings);
    const Estimate& ratio = right[ValueScore::total_ratio];
    EXPECT_LT(std::abs(ratio.value - 1.0), 4.0 * ratio.se);
    EXPECT_GT(right[ValueScore::spearman].low, 0.2);
    EXPECT_GT(right[ValueScore::gini].low, 0.3);
    const ValueScores high = planted_values(4'000, 12, 1.3).scores(settings);
    EXPECT_GT(high[ValueScore::total_ratio].low, 1.15);
    EXPECT_EQ(high[ValueScore::gini].value, right[ValueScore::gini].value);  // the order is the same
    std::ranges::shuffle(values.predicted, std::mt19937_64(5));
    const ValueScores shuffled = values.scores(settings);
    for (const ValueScore score : {ValueScore::spearman, ValueScore::gini}) {
        EXPECT_LT(std::abs(shuffled[score].value), 4.0 * shuffled[score].se);
    }
    EXPECT_NEAR(shuffled[ValueScore::top_decile_capture].value, 0.1, 4.0 * shuffled[ValueScore::top_decile_capture].se);
    EXPECT_GT(right[ValueScore::top_decile_capture].low, 0.2);
    EXPECT_LT(shuffled[ValueScore::r2].high, right[ValueScore::r2].low);
}

TEST(ValueScores, NeitherRowsNorThreadsShow) {
    const auto expect_same = [](const ValueScores& a, const ValueScores& b) {
        for (std::size_t k = 0; k < value_score_count; ++k) {
            EXPECT_EQ(a.estimates[k].value, b.estimates[k].value) << a.estimates[k].name;
            EXPECT_EQ(a.estimates[k].se, b.estimates[k].se) << a.estimates[k].name;
            EXPECT_EQ(a.estimates[k].low, b.estimates[k].low) << a.estimates[k].name;
            EXPECT_EQ(a.estimates[k].high, b.estimates[k].high) << a.estimates[k].name;
        }
        for (std::size_t d = 0; d < 10; ++d) {
            EXPECT_EQ(a.deciles[d].mean_predicted, b.deciles[d].mean_predicted);
            EXPECT_EQ(a.deciles[d].gain, b.deciles[d].gain);
        }
    };
    for (const Values& values : {planted_values(3'001, 13), stepped_values(3'001, 14)}) {
        const ValueScores scores = values.scores({.seed = 7, .threads = 1});
        expect_same(scores, values.scores({.seed = 7, .threads = 3}));
        std::vector<std::size_t> order(values.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::shuffle(order, std::mt19937_64(1));
        Values shuffled;
        for (const std::size_t row : order) {
            shuffled.add(values.predicted[row], values.actual[row]);
            shuffled.id_hash.back() = values.id_hash[row];
        }
        expect_same(scores, shuffled.scores({.seed = 7, .threads = 2}));
        EXPECT_NE(scores[ValueScore::gini].se, values.scores({.seed = 8, .threads = 1})[ValueScore::gini].se);
    }
}

}  // namespace
}  // namespace clv
