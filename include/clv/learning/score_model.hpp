#pragma once
// What is learned: a score of every customer from its features, on the scale where effects add up (the logit of a
// probability, the logarithm of a rate or an amount). Trees by XGBoost, or a ridge regression.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clv/learning/feature_matrix.hpp"

namespace clv {

/// What an outcome is taken for, given the score.
enum class Family {
    bernoulli,  ///< 0 or 1 with probability 1 / (1 + exp(-score))
    poisson,    ///< a count with mean exp(score + offset)
    tweedie,    ///< an amount, often 0, with mean exp(score); trees alone
};

/// Rows of a matrix with their outcomes, in the order in which they are learned from.
struct TrainingRows {
    std::vector<std::size_t> rows;
    std::vector<float> outcome;
    std::vector<float> offset;  ///< empty: 0
    std::vector<float> weight;  ///< empty: 1

    [[nodiscard]] std::size_t size() const noexcept { return rows.size(); }
};

struct BoosterSettings {
    Family family = Family::bernoulli;
    int rounds = 500;
    int patience = 30;  ///< rounds without gain on held-out rows before training stops
    int depth = 3;
    double learning_rate = 0.05;
    double subsample = 0.8;
    double tweedie_power = 1.5;
    std::uint32_t seed = 0;
};

/// Leaves and contributions of all trees, looked up once.
struct LookedUp;

/// Gradient-boosted trees (Chen and Guestrin 2016, "XGBoost"), on one thread each: its bytes depend on nothing else.
class Booster {
  public:
    /// Trains on `rows`. With `held_out`: as many rounds as are best there. Throws Interrupted.
    [[nodiscard]] static Booster train(const FeatureMatrix& matrix, std::span<const LearnedColumn> columns,
                                       const TrainingRows& rows, const BoosterSettings& settings,
                                       const TrainingRows* held_out = nullptr);
    /// From bytes(). Throws InputError if they are none.
    [[nodiscard]] static Booster from_bytes(std::string_view bytes, std::span<const LearnedColumn> columns);

    [[nodiscard]] int rounds() const noexcept { return rounds_; }
    /// The model in XGBoost's universal binary JSON.
    [[nodiscard]] std::string bytes() const;
    /// [row]
    [[nodiscard]] std::vector<double> scores(const FeatureMatrix& matrix) const;
    /// [row][column, and last what everybody has]: what each adds to the score (Lundberg and others 2020, "From local
    /// explanations to global understanding with explainable AI for trees").
    [[nodiscard]] std::vector<double> contributions(const FeatureMatrix& matrix) const;

  private:
    Booster(std::shared_ptr<void> handle, std::span<const LearnedColumn> columns, int rounds);

    std::shared_ptr<void> handle_;
    std::shared_ptr<LookedUp> looked_up_;  ///< by who first asks
    std::vector<FeatureKind> kinds_;
    int rounds_ = 0;
};

/// The version of XGBoost in this program: "1.7.4". Other versions make other bytes.
[[nodiscard]] std::string xgboost_version();

/// A score that is a sum over columns: of a number's slope times its distance from a centre, or of a level's effect; of
/// what is missing an effect of its own.
struct AdditiveModel {
    struct Term {
        double centre = 0.0;
        double slope = 0.0;
        double missing = 0.0;
        std::vector<double> levels;  ///< of a category
        double mean = 0.0;           ///< over the customers that it was learned from
        [[nodiscard]] double value(float x) const noexcept;
    };
    double intercept = 0.0;
    std::vector<Term> terms;  ///< one per column

    [[nodiscard]] std::vector<double> scores(const FeatureMatrix& matrix) const;
    [[nodiscard]] std::vector<double> contributions(const FeatureMatrix& matrix) const;
};

/// Ridge regression of family bernoulli or poisson, by Newton's steps: numbers in units of their standard deviation and
/// levels each with a penalty of half the square of their effect.
[[nodiscard]] AdditiveModel fit_ridge(const FeatureMatrix& matrix, std::span<const LearnedColumn> columns,
                                      const TrainingRows& rows, Family family);

using ScoreModel = std::variant<AdditiveModel, Booster>;

[[nodiscard]] std::vector<double> scores(const ScoreModel& model, const FeatureMatrix& matrix);
[[nodiscard]] std::vector<double> contributions(const ScoreModel& model, const FeatureMatrix& matrix);

}  // namespace clv
