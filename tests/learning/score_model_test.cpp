// The two kinds of model on problems whose answers are known: solved by hand, planted, or searched for.

#include "clv/learning/score_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::normal_of;
using test::uniform_of;

constexpr float no_value = std::numeric_limits<float>::quiet_NaN();

LearnedColumn number(std::string name) {
    return {std::move(name), FeatureKind::number, {}};
}

LearnedColumn category(std::string name, std::vector<std::string> levels) {
    return {std::move(name), FeatureKind::category, std::move(levels)};
}

/// Rows with outcomes, to be learned from.
struct Problem {
    std::vector<LearnedColumn> columns;
    FeatureMatrix matrix;
    TrainingRows rows;

    explicit Problem(std::vector<LearnedColumn> of) : columns(std::move(of)) { matrix.columns = columns.size(); }
    void add(const std::vector<float>& values, double outcome) {
        matrix.values.insert(matrix.values.end(), values.begin(), values.end());
        rows.rows.push_back(matrix.rows++);
        rows.outcome.push_back(static_cast<float>(outcome));
    }
    [[nodiscard]] AdditiveModel ridge(Family family = Family::bernoulli) const {
        return fit_ridge(matrix, columns, rows, family);
    }
    [[nodiscard]] Booster trees(const BoosterSettings& settings, const TrainingRows* held_out = nullptr) const {
        return Booster::train(matrix, columns, rows, settings, held_out);
    }
};

double sigmoid(double score) {
    return 1.0 / (1.0 + std::exp(-score));
}

/// Numbers, a category and blanks of both, all with an effect, and weights.
Problem mixed_problem(std::size_t count) {
    Problem problem({number("x"), category("plan", {"a", "b", "c"}), number("noise")});
    for (std::size_t i = 0; i < count; ++i) {
        const double x = 3.0 + 2.0 * normal_of(i, 1);
        const auto plan = std::floor(4.0 * uniform_of(i, 2));
        const bool has_x = uniform_of(i, 3) > 0.15;
        const double score = (has_x ? 0.6 * (x - 3.0) : 0.8) + (plan == 1.0 ? 1.0 : 0.0) - 0.5;
        problem.add({has_x ? static_cast<float>(x) : no_value, plan < 3.0 ? static_cast<float>(plan) : no_value,
                     static_cast<float>(normal_of(i, 4))},
                    uniform_of(i, 5) < sigmoid(score) ? 1.0 : 0.0);
        problem.rows.weight.push_back(static_cast<float>(1 + i % 3));
    }
    return problem;
}

TEST(Ridge, OfTwoLevelsIsAsSolvedByHand) {
    // Three of four in one level, one of four in the other: the intercept is 0 and the effects +e and -e, where the
    // slope of the likelihood is that of the penalty, 3 - 4 / (1 + exp(-e)) = e.
    Problem problem({category("plan", {"a", "b"})});
    for (const double outcome : {1.0, 1.0, 1.0, 0.0}) {
        problem.add({0.0F}, outcome);
        problem.add({1.0F}, 1.0 - outcome);
    }
    double low = 0.0;
    double high = 1.0;
    for (int step = 0; step < 60; ++step) {
        const double middle = 0.5 * (low + high);
        (3.0 - 4.0 * sigmoid(middle) > middle ? low : high) = middle;
    }
    const AdditiveModel model = problem.ridge();
    EXPECT_NEAR(model.intercept, 0.0, 1e-6);
    ASSERT_EQ(model.terms[0].levels.size(), 2U);
    EXPECT_NEAR(model.terms[0].levels[0], low, 1e-6);
    EXPECT_NEAR(model.terms[0].levels[1], -low, 1e-6);
    EXPECT_EQ(model.terms[0].missing, 0.0) << "nobody has none";
}

/// Half the squares of the effects, less the log likelihood.
double penalised_loss(const Problem& problem, const AdditiveModel& model, Family family) {
    double loss = 0.0;
    const std::vector<double> scores = model.scores(problem.matrix);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto outcome = static_cast<double>(problem.rows.outcome[i]);
        const double score = scores[i] + (problem.rows.offset.empty() ? 0.0 : double{problem.rows.offset[i]});
        const double partition = family == Family::poisson ? std::exp(score) : std::log1p(std::exp(score));
        loss += double{problem.rows.weight[i]} * (partition - outcome * score);
    }
    for (std::size_t column = 0; column < model.terms.size(); ++column) {
        const AdditiveModel::Term& term = model.terms[column];
        double weights = 0.0;
        double squares = 0.0;
        for (std::size_t i = 0; i < problem.rows.size(); ++i) {
            const float x = problem.matrix.row(i)[column];
            if (!std::isnan(x)) {
                weights += double{problem.rows.weight[i]};
                squares += double{problem.rows.weight[i]} * std::pow(double{x} - term.centre, 2);
            }
        }
        loss += 0.5 * term.missing * term.missing + 0.5 * term.slope * term.slope * squares / weights;
        for (const double level : term.levels) {
            loss += 0.5 * level * level;
        }
    }
    return loss;
}

/// The loss has one minimum, where no step in any direction lowers it.
void expect_least_loss(const Problem& problem, Family family) {
    AdditiveModel model = problem.ridge(family);
    std::vector<double*> parameters{&model.intercept};
    for (AdditiveModel::Term& term : model.terms) {
        parameters.push_back(&term.missing);
        if (term.levels.empty()) {
            parameters.push_back(&term.slope);
        }
        for (double& level : term.levels) {
            parameters.push_back(&level);
        }
    }
    EXPECT_EQ(parameters.size(), 9U);
    for (double* parameter : parameters) {
        constexpr double step = 1e-4;
        const double at = *parameter;
        *parameter = at + step;
        const double above = penalised_loss(problem, model, family);
        *parameter = at - step;
        const double below = penalised_loss(problem, model, family);
        *parameter = at;
        const double here = penalised_loss(problem, model, family);
        const double slope = (above - below) / (2.0 * step);
        const double curvature = (above - 2.0 * here + below) / (step * step);
        EXPECT_GT(curvature, 0.0);
        EXPECT_LT(std::abs(slope / curvature), 1e-5) << "distance from the minimum";
    }
}

TEST(Ridge, IsWhereThePenalisedLikelihoodIsLargest) {
    Problem problem = mixed_problem(300);
    expect_least_loss(problem, Family::bernoulli);
    for (std::size_t i = 0; i < problem.rows.size(); ++i) {
        problem.rows.outcome[i] += i % 7 == 0 ? 2.0F : 0.0F;
        problem.rows.offset.push_back(static_cast<float>(std::log(0.2 + uniform_of(i, 6))));
    }
    expect_least_loss(problem, Family::poisson);
}

TEST(Ridge, AWeightIsSoManyCustomers) {
    const Problem weighted = mixed_problem(200);
    Problem repeated = weighted;
    repeated.rows = {};
    for (std::size_t i = 0; i < weighted.rows.size(); ++i) {
        for (int times = 0; times < static_cast<int>(weighted.rows.weight[i]); ++times) {
            repeated.rows.rows.push_back(i);
            repeated.rows.outcome.push_back(weighted.rows.outcome[i]);
        }
    }
    const std::vector<double> a = weighted.ridge().scores(weighted.matrix);
    const std::vector<double> b = repeated.ridge().scores(weighted.matrix);
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_NEAR(a[i], b[i], 1e-6);
    }
}

TEST(Ridge, WhatSeparatesOutcomesHasAFiniteEffect) {
    Problem problem({number("x")});
    for (int i = 0; i < 40; ++i) {
        problem.add({static_cast<float>(i < 20 ? -1 : 1)}, i < 20 ? 0.0 : 1.0);
    }
    const double slope = problem.ridge().terms[0].slope;
    EXPECT_GT(slope, 1.0);
    EXPECT_LT(slope, 5.0);
}

/// Counts at a rate of 0.05 a month, times 2.2 in level b, over times as customers that differ tenfold; long ones are
/// mostly in level a, so that who forgets them sees another ratio.
Problem exposed_customers(std::size_t count) {
    Problem problem({category("plan", {"a", "b"})});
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_b = uniform_of(i, 1) < 0.5;
        const double months = is_b ? 2.0 + 3.0 * uniform_of(i, 2) : 5.0 + 15.0 * uniform_of(i, 2);
        double left = -std::log(uniform_of(i, 100));  // of a unit Poisson process
        double events = 0.0;
        for (std::uint32_t k = 1; left < 0.05 * (is_b ? 2.2 : 1.0) * months; ++k) {
            events += 1.0;
            left -= std::log(uniform_of(i, 100 + k));
        }
        problem.add({is_b ? 1.0F : 0.0F}, events);
        problem.rows.offset.push_back(static_cast<float>(std::log(months)));
    }
    return problem;
}

/// Of the rates' logarithms: that of level b less that of level a.
double log_ratio(const std::vector<double>& scores, const FeatureMatrix& matrix) {
    double of_level[2] = {};
    for (std::size_t i = 0; i < scores.size(); ++i) {
        of_level[static_cast<int>(matrix.row(i)[0])] = scores[i];
    }
    return of_level[1] - of_level[0];
}

TEST(ScoreModel, RatesAreThoseOfTheTimeThatWasLivedThrough) {
    Problem problem = exposed_customers(4'000);
    double events[2] = {};
    for (std::size_t i = 0; i < problem.rows.size(); ++i) {
        events[static_cast<int>(problem.matrix.row(i)[0])] += double{problem.rows.outcome[i]};
    }
    const double se = std::sqrt(1.0 / events[0] + 1.0 / events[1]);
    BoosterSettings settings;
    settings.family = Family::poisson;
    settings.rounds = 300;
    const auto ridge_ratio = [&] {
        return log_ratio(problem.ridge(Family::poisson).scores(problem.matrix), problem.matrix);
    };
    const auto tree_ratio = [&] { return log_ratio(problem.trees(settings).scores(problem.matrix), problem.matrix); };
    EXPECT_NEAR(ridge_ratio(), std::log(2.2), 4.0 * se);
    EXPECT_NEAR(tree_ratio(), std::log(2.2), 4.0 * se);
    problem.rows.offset.clear();  // planted: as if all had been customers for as long
    EXPECT_GT(std::abs(ridge_ratio() - std::log(2.2)), 4.0 * se);
    EXPECT_GT(std::abs(tree_ratio() - std::log(2.2)), 4.0 * se);
}

BoosterSettings some_rounds(int rounds) {
    BoosterSettings settings;
    settings.rounds = rounds;
    settings.seed = 7;
    return settings;
}

TEST(Trees, TheSameRowsGiveTheSameBytes) {
    const Problem problem = mixed_problem(500);
    const std::string bytes = problem.trees(some_rounds(20)).bytes();
    EXPECT_EQ(problem.trees(some_rounds(20)).bytes(), bytes);
    BoosterSettings other = some_rounds(20);
    other.seed = 8;  // draws other rows for its trees
    EXPECT_NE(problem.trees(other).bytes(), bytes);
}

TEST(Trees, BytesReadBackToTheSameScores) {
    const Problem problem = mixed_problem(500);
    const Booster trees = problem.trees(some_rounds(20));
    const std::string bytes = trees.bytes();
    const Booster back = Booster::from_bytes(bytes, problem.columns);
    EXPECT_EQ(back.rounds(), 20);
    EXPECT_EQ(back.scores(problem.matrix), trees.scores(problem.matrix));
    EXPECT_EQ(back.contributions(problem.matrix), trees.contributions(problem.matrix));
    EXPECT_EQ(back.bytes(), bytes);
    EXPECT_THROW((void)Booster::from_bytes("", problem.columns), InputError);
    EXPECT_THROW((void)Booster::from_bytes("no model", problem.columns), InputError);
    EXPECT_THROW((void)Booster::from_bytes(bytes, std::span(problem.columns).first(2)), InputError);
}

TEST(Trees, StopWhereHeldOutCustomersSay) {
    const auto rounds_of = [](double effect) {
        Problem problem({number("x"), number("y"), number("z")});
        TrainingRows held_out;
        for (std::size_t i = 0; i < 1'500; ++i) {
            const double x = normal_of(i, 1);
            problem.add(
                {static_cast<float>(x), static_cast<float>(normal_of(i, 2)), static_cast<float>(normal_of(i, 3))},
                uniform_of(i, 4) < sigmoid(effect * x) ? 1.0 : 0.0);
        }
        for (std::size_t i = 1'000; i < 1'500; ++i) {
            held_out.rows.push_back(i);
            held_out.outcome.push_back(problem.rows.outcome[i]);
        }
        problem.rows.rows.resize(1'000);
        problem.rows.outcome.resize(1'000);
        return problem.trees(some_rounds(300), &held_out).rounds();
    };
    EXPECT_LE(rounds_of(0.0), 30) << "noise";
    EXPECT_GT(rounds_of(1.5), 30);
    EXPECT_LT(rounds_of(1.5), 300);
}

TEST(Trees, OneSplitSetsOneLevelOfFiveApart) {
    // Six in ten leave in the middle one of five levels, two in ten in the others.
    Problem problem({category("plan", {"a", "b", "c", "d", "e"}), number("noise")});
    for (std::size_t i = 0; i < 3'000; ++i) {
        const auto plan = static_cast<float>(i % 5);
        problem.add({plan, static_cast<float>(normal_of(i, 1))},
                    uniform_of(i, 2) < (plan == 2.0F ? 0.6 : 0.2) ? 1.0 : 0.0);
    }
    BoosterSettings settings = some_rounds(1);
    settings.depth = 1;
    settings.subsample = 1.0;
    const std::vector<double> of_stump = problem.trees(settings).scores(problem.matrix);
    EXPECT_EQ(std::set(of_stump.begin(), of_stump.end()).size(), 2U);
    for (std::size_t i = 0; i < of_stump.size(); ++i) {
        EXPECT_EQ(of_stump[i] > of_stump[0], i % 5 == 2) << "the level alone, which no order of levels does";
    }
    // Both kinds of model find the effect: a logit of a share has variance 1 / (n p (1 - p)).
    const double truth = std::log(0.6 / 0.4) - std::log(0.2 / 0.8);
    const double se = std::sqrt(1.0 / (600.0 * 0.24) + 1.0 / (2'400.0 * 0.16));
    for (const ScoreModel& model : {ScoreModel(problem.trees(some_rounds(60))), ScoreModel(problem.ridge())}) {
        double mean[2] = {};
        const std::vector<double> all = scores(model, problem.matrix);
        for (std::size_t i = 0; i < all.size(); ++i) {
            mean[i % 5 == 2 ? 1 : 0] += all[i] / (i % 5 == 2 ? 600.0 : 2'400.0);
        }
        EXPECT_NEAR(mean[1] - mean[0], truth, 4.0 * se);
    }
}

TEST(Trees, AmountsThatAreOften0HaveTheirMeans) {
    Problem problem({category("plan", {"a", "b"})});
    double sum[2] = {};
    for (std::size_t i = 0; i < 2'000; ++i) {
        const auto plan = static_cast<float>(i % 2);
        const double amount = uniform_of(i, 1) < 0.3 ? -std::log(uniform_of(i, 2)) * (plan == 1.0F ? 90.0 : 30.0) : 0.0;
        problem.add({plan}, amount);
        sum[i % 2] += double{problem.rows.outcome[i]};
    }
    BoosterSettings settings = some_rounds(400);
    settings.family = Family::tweedie;
    settings.subsample = 1.0;
    const std::vector<double> all = problem.trees(settings).scores(problem.matrix);
    EXPECT_NEAR(std::exp(all[0]), sum[0] / 1'000.0, 0.01 * sum[0] / 1'000.0);
    EXPECT_NEAR(std::exp(all[1]), sum[1] / 1'000.0, 0.01 * sum[1] / 1'000.0);
}

TEST(ScoreModel, ContributionsAddUpToTheScore) {
    const Problem problem = mixed_problem(500);
    const auto worst = [&](const ScoreModel& model) {
        const std::vector<double> all = scores(model, problem.matrix);
        const std::vector<double> parts = contributions(model, problem.matrix);
        EXPECT_EQ(parts.size(), all.size() * (problem.columns.size() + 1));
        double largest = 0.0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            double sum = 0.0;
            for (std::size_t part = 0; part <= problem.columns.size(); ++part) {
                sum += parts[i * (problem.columns.size() + 1) + part];
            }
            largest = std::max(largest, std::abs(sum - all[i]));
        }
        return largest;
    };
    EXPECT_LT(worst(problem.trees(some_rounds(50))), 1e-4);
    EXPECT_LT(worst(problem.ridge()), 1e-12);
}

TEST(ScoreModel, ContributionsOfTheRegressionAreAboutTheirMean) {
    const Problem problem = mixed_problem(500);
    const std::vector<double> parts = problem.ridge().contributions(problem.matrix);
    for (std::size_t column = 0; column < problem.columns.size(); ++column) {
        double sum = 0.0;
        for (std::size_t i = 0; i < problem.rows.size(); ++i) {
            sum += double{problem.rows.weight[i]} * parts[i * 4 + column];
        }
        EXPECT_NEAR(sum, 0.0, 1e-9) << column;
        EXPECT_EQ(parts[3], parts[4 + 3]) << "what everybody has";
    }
}

}  // namespace
}  // namespace clv
