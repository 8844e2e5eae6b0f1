// What a booster says from its tables is what XGBoost says when it walks the trees, to the bit.

#include <gtest/gtest.h>
#include <xgboost/c_api.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "clv/learning/score_model.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::normal_of;
using test::uniform_of;

constexpr float missing = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t levels = 40;

std::vector<LearnedColumn> mixed_columns() {
    std::vector<LearnedColumn> columns;
    for (const char* name : {"a", "b", "c"}) {
        columns.push_back({name, FeatureKind::number, {}});
    }
    for (const char* name : {"d", "e"}) {
        columns.push_back({name, FeatureKind::category, {}});
        for (std::size_t level = 0; level < levels; ++level) {
            columns.back().levels.push_back("level " + std::to_string(level));
        }
    }
    return columns;
}

/// Numbers of which many are equal, so that some stand on thresholds, and blanks of every column. Of the categories of
/// rows that are learned from the last ten never come.
FeatureMatrix mixed_rows(std::size_t count, std::uint32_t stream, bool are_learned_from) {
    FeatureMatrix matrix{count, 5, {}};
    for (std::size_t i = 0; i < count; ++i) {
        for (std::uint32_t column = 0; column < 5; ++column) {
            const bool is_blank = uniform_of(i, stream + 10 + column) < 0.1;
            const double number = std::round(4.0 * normal_of(i, stream + column)) / 4.0;
            const double category =
                std::floor((are_learned_from ? levels - 10 : levels) * uniform_of(i, stream + column));
            matrix.values.push_back(is_blank ? missing : static_cast<float>(column < 3 ? number : category));
        }
    }
    return matrix;
}

TrainingRows outcomes_of(const FeatureMatrix& matrix, Family family) {
    TrainingRows rows;
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        const auto of = matrix.row(i);
        double score = std::isnan(of[0]) ? 0.7 : 0.8 * double{of[0]} * (of[1] > 0.5F ? 1.0 : -0.5);
        score += std::isnan(of[3]) ? -0.4 : std::fmod(double{of[3]}, 7.0) / 4.0 - 0.8;
        rows.rows.push_back(i);
        const double mean = family == Family::bernoulli ? 1.0 / (1.0 + std::exp(-score)) : std::exp(score);
        rows.outcome.push_back(family == Family::bernoulli ? (uniform_of(i, 99) < mean ? 1.0F : 0.0F)
                                                           : static_cast<float>(std::floor(mean + uniform_of(i, 99))));
    }
    return rows;
}

/// XGBoost's own: type 1 is scores, 2 contributions.
std::vector<double> walked(const Booster& booster, const std::vector<LearnedColumn>& columns,
                           const FeatureMatrix& matrix, int type) {
    BoosterHandle model = nullptr;
    DMatrixHandle rows = nullptr;
    const std::string bytes = booster.bytes();
    EXPECT_EQ(XGBoosterCreate(nullptr, 0, &model), 0);
    EXPECT_EQ(XGBoosterLoadModelFromBuffer(model, bytes.data(), bytes.size()), 0);
    EXPECT_EQ(XGDMatrixCreateFromMat(matrix.values.data(), matrix.rows, matrix.columns, missing, &rows), 0);
    std::vector<const char*> types;
    for (const LearnedColumn& column : columns) {
        types.push_back(column.kind == FeatureKind::category ? "c" : "q");
    }
    EXPECT_EQ(XGDMatrixSetStrFeatureInfo(rows, "feature_type", types.data(), types.size()), 0);
    const std::string config = R"({"type": )" + std::to_string(type) +
                               R"(, "training": false, "iteration_begin": 0, "iteration_end": )" +
                               std::to_string(booster.rounds()) + R"(, "strict_shape": true})";
    const bst_ulong* shape = nullptr;
    bst_ulong dimensions = 0;
    const float* values = nullptr;
    EXPECT_EQ(XGBoosterPredictFromDMatrix(model, rows, config.c_str(), &shape, &dimensions, &values), 0);
    std::vector<double> said(values, values + matrix.rows * (type == 1 ? 1 : matrix.columns + 1));
    XGDMatrixFree(rows);
    XGBoosterFree(model);
    return said;
}

struct Trees {
    const char* name;
    Family family;
    int depth;
    int rounds;
};

class TreeTablesTest : public ::testing::TestWithParam<Trees> {};

TEST_P(TreeTablesTest, SayWhatXGBoostSays) {
    const std::vector<LearnedColumn> columns = mixed_columns();
    const FeatureMatrix training = mixed_rows(3'000, 1, true);
    const BoosterSettings settings{.family = GetParam().family, .rounds = GetParam().rounds, .depth = GetParam().depth};
    const Booster booster = Booster::train(training, columns, outcomes_of(training, settings.family), settings);
    for (const std::size_t count : {1U, 512U, 1'500U}) {
        const FeatureMatrix rows = mixed_rows(count, 200, false);
        EXPECT_EQ(booster.scores(rows), walked(booster, columns, rows, 1)) << count << " rows";
        EXPECT_EQ(booster.contributions(rows), walked(booster, columns, rows, 2)) << count << " rows";
    }
    const Booster read = Booster::from_bytes(booster.bytes(), columns);
    const FeatureMatrix rows = mixed_rows(700, 300, false);
    EXPECT_EQ(read.contributions(rows), booster.contributions(rows)) << "without scores before";
}

INSTANTIATE_TEST_SUITE_P(Models, TreeTablesTest,
                         ::testing::Values(Trees{"OfChurn", Family::bernoulli, 3, 80},
                                           Trees{"OfRates", Family::poisson, 3, 80},
                                           Trees{"OfAmounts", Family::tweedie, 3, 40},
                                           Trees{"OfOneDecision", Family::bernoulli, 1, 30},
                                           Trees{"TooLargeForTables", Family::bernoulli, 5, 20}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(TreeTables, StopWhereTrainingDid) {
    const std::vector<LearnedColumn> columns = mixed_columns();
    const FeatureMatrix training = mixed_rows(600, 1, true);
    const FeatureMatrix noise = mixed_rows(600, 400, true);
    const TrainingRows rows = outcomes_of(training, Family::bernoulli);
    TrainingRows late = rows;
    for (float& outcome : late.outcome) {  // of which nothing can be learned
        outcome = 1.0F - outcome;
    }
    const Booster booster = Booster::train(training, columns, rows, {.rounds = 60, .patience = 5}, &late);
    ASSERT_LT(booster.rounds(), 60);
    EXPECT_EQ(booster.scores(noise), walked(booster, columns, noise, 1));
    EXPECT_EQ(booster.contributions(noise), walked(booster, columns, noise, 2));
}

}  // namespace
}  // namespace clv
