// Bands of predictions: what share of new customers they hold, and how they meet edges.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "clv/learning/learn_value.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

struct Customers {
    std::vector<double> predicted;
    std::vector<double> actual;
    std::vector<std::uint64_t> id_hash;
};

/// Exponential spend, 30% of whom nothing, whose scale is twice the prediction for low ones and half for high ones.
Customers customers_of(std::size_t count, std::uint32_t stream) {
    Customers customers;
    for (std::size_t i = 0; i < count; ++i) {
        const double predicted = std::exp(3.0 * test::normal_of(i, stream));
        const double scale = predicted < 1.0 ? 2.0 * predicted : 0.5 * predicted;
        customers.predicted.push_back(predicted);
        customers.actual.push_back(
            test::uniform_of(i, stream + 1) < 0.3 ? 0.0 : -scale * std::log(test::uniform_of(i, stream + 2)));
        customers.id_hash.push_back(i * 7919 % 100'003);
    }
    return customers;
}

TEST(ValueBands, HoldNineInTenOfNewCustomers) {
    const Customers seen = customers_of(4'000, 10);
    const auto bands = value_bands(seen.predicted, seen.actual, seen.id_hash);
    ASSERT_EQ(bands.size(), 20U);
    const Customers fresh = customers_of(4'000, 20);
    for (const bool is_low : {true, false}) {
        double above = 0.0;
        double count = 0.0;
        for (std::size_t i = 0; i < fresh.predicted.size(); ++i) {
            if ((fresh.predicted[i] < 1.0) == is_low) {
                above += fresh.actual[i] > interval_of(bands, fresh.predicted[i]).high ? 1.0 : 0.0;
                count += 1.0;
            }
        }
        // 5%, with the error of 2,000 new customers and of the 10 that are above in every band of 200
        EXPECT_NEAR(above / count, 0.05, 3.0 * std::sqrt(0.05 * 0.95 * (1.0 / count + 1.0 / 2'000.0))) << is_low;
    }
    EXPECT_EQ(interval_of(bands, 5.0).low, 0.0);
}

TEST(ValueBands, TheOrderOfRowsDoesNotMatter) {
    Customers customers = customers_of(500, 10);
    const auto bands = value_bands(customers.predicted, customers.actual, customers.id_hash);
    ASSERT_EQ(bands.size(), 5U);
    std::ranges::reverse(customers.predicted);
    std::ranges::reverse(customers.actual);
    std::ranges::reverse(customers.id_hash);
    const auto other = value_bands(customers.predicted, customers.actual, customers.id_hash);
    for (std::size_t k = 0; k < bands.size(); ++k) {
        EXPECT_EQ(bands[k].from, other[k].from);
        EXPECT_EQ(bands[k].low, other[k].low);
        EXPECT_EQ(bands[k].high, other[k].high);
    }
}

TEST(ValueBands, MeetEdges) {
    const std::vector<ValueBand> bands{{1.0, 0.0, 2.0}, {10.0, 0.5, 1.5}};
    EXPECT_DOUBLE_EQ(interval_of(bands, 0.5).high, 1.0);
    EXPECT_DOUBLE_EQ(interval_of(bands, 9.0).high, 18.0);
    EXPECT_DOUBLE_EQ(interval_of(bands, 10.0).high, 15.0);
    EXPECT_DOUBLE_EQ(interval_of(bands, 10.0).low, 5.0);
    const auto nothing =
        value_bands(std::vector<double>(3), std::vector<double>(3), std::vector<std::uint64_t>{1, 2, 3});
    ASSERT_EQ(nothing.size(), 1U);
    EXPECT_EQ(interval_of(nothing, 0.0).high, 0.0);
    EXPECT_THROW((void)value_bands({}, {}, {}), std::invalid_argument);
    EXPECT_THROW((void)interval_of({}, 1.0), std::invalid_argument);
}

}  // namespace
}  // namespace clv
