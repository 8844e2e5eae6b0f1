#include "clv/learning/clusters/standardise.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "clv/core/errors.hpp"
#include "learning/iris.hpp"
#include "learning/random_tables.hpp"

namespace clv {
namespace {

TEST(Standardise, ByHand) {
    const std::vector<double> values{1.0, 7.0, 10.0, 2.0, 7.0, 30.0, 3.0, 7.0, 20.0};
    const ColumnScale scale = column_scale(values, 3);
    EXPECT_EQ(scale.mean, (std::vector<double>{2.0, 7.0, 20.0}));
    EXPECT_EQ(scale.sd, (std::vector<double>{1.0, 0.0, 10.0}));  // with n - 1
    EXPECT_EQ(standardise(values, scale), (std::vector<double>{-1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0}));
    EXPECT_EQ(standardise(std::vector{4.0, 9.0, 0.0}, scale), (std::vector<double>{2.0, 0.0, -2.0}));
}

TEST(Standardise, IrisIsAsR) {
    const ColumnScale scale = column_scale(iris, iris_columns);
    const std::vector<double> sd{0.8280661, 0.4358663, 1.7652982, 0.7622377};  // apply(iris[, 1:4], 2, sd)
    for (std::size_t c = 0; c < iris_columns; ++c) {
        EXPECT_NEAR(scale.sd[c], sd[c], 1e-7) << c;
    }
}

TEST(Standardise, RoundingIsNoSpread) {
    const ColumnScale scale = column_scale(std::vector{0.1 + 0.2, 0.3, 0.3}, 1);
    EXPECT_EQ(scale.sd[0], 0.0);
    EXPECT_GT(column_scale(std::vector{0.3, 0.3 + 1e-12, 0.3}, 1).sd[0], 0.0);
    EXPECT_EQ(column_scale(std::vector(1'000, 0.1), 1).sd[0], 0.0);
    EXPECT_EQ(column_scale(std::vector{5.0}, 1).sd[0], 0.0);  // one row
}

TEST(Standardise, OrderDoesNotShow) {
    const std::vector<double> values = uniform_numbers(3'000, 21);
    const std::vector<double> shuffled = rows_in_order(values, 3, shuffled_order(1'000, 22));
    EXPECT_EQ(column_scale(shuffled, 3).mean, column_scale(values, 3).mean);
    EXPECT_EQ(column_scale(shuffled, 3).sd, column_scale(values, 3).sd);
}

TEST(Standardise, SpreadSurvivesALargeMean) {
    const ColumnScale scale = column_scale(std::vector{1e9 - 0.25, 1e9, 1e9 + 0.25}, 1);
    EXPECT_EQ(scale.mean[0], 1e9);
    EXPECT_EQ(scale.sd[0], 0.25);
}

TEST(Standardise, RefusesWhatIsNoTable) {
    EXPECT_THROW((void)column_scale({}, 1), InputError);
    EXPECT_THROW((void)column_scale(std::vector{1.0, 2.0, 3.0}, 2), InputError);
    EXPECT_THROW((void)column_scale(std::vector{1.0, HUGE_VAL}, 1), InputError);
    EXPECT_THROW((void)column_scale(std::vector{1.0, std::nan("")}, 1), InputError);
    EXPECT_THROW((void)standardise(std::vector{1.0, 2.0, 3.0}, column_scale(std::vector{1.0, 2.0}, 2)), InputError);
}

}  // namespace
}  // namespace clv
