#include "clv/data/worlds/synthetic.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <set>
#include <sstream>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

SyntheticWorld world_of(std::int64_t customers, std::uint64_t seed = 1) {
    GenerateSettings settings;
    settings.customers = customers;
    settings.seed = seed;
    return make_subscription_world(settings);
}

std::string rows(const SyntheticWorld& world) {
    std::string text;
    for (std::size_t i = 0; i < world.customers.size(); ++i) {
        world.append_row(i, text);
    }
    return text;
}

TEST(Synthetic, IsAFunctionOfSeedAndNumber) {
    const std::string small = rows(world_of(200));
    EXPECT_EQ(rows(world_of(2'000)).substr(0, small.size()), small);
    EXPECT_NE(rows(world_of(200, 2)), small);
    EXPECT_EQ(small.substr(0, 17), "C0000001,Premium,");
}

TEST(Synthetic, FileSaysWhatTheTableHolds) {
    const SyntheticWorld world = world_of(3'000);
    const CustomerTable& table = world.customers;
    std::istringstream lines(rows(world));
    const std::size_t columns = world.header().size();
    std::string line;
    for (std::size_t i = 0; std::getline(lines, line); ++i) {
        std::istringstream cells(line);
        std::vector<std::string> cell(columns);
        for (std::string& text : cell) {
            ASSERT_TRUE(std::getline(cells, text, ',')) << line;
        }
        ASSERT_EQ(cell[0], table.customer_id[i]);
        ASSERT_EQ(cell[1], table.segments[table.segment[i]]);
        const std::array<double, 8> values{
            table.monthly_revenue[i], table.churn_probability[i],  table.margin[i],      table.retention_cost[i],
            table.revenue_growth[i],  table.revenue_volatility[i], table.market_beta[i], table.tenure_months[i]};
        for (std::size_t k = 0; k < values.size(); ++k) {
            ASSERT_EQ(std::strtod(cell[k + 2].c_str(), nullptr), values[k]) << line;
            ASSERT_LE(cell[k + 2].size(), 8U) << line;
        }
    }
}

TEST(Synthetic, SegmentsHaveTheirPlantedChurn) {
    const CustomerTable table = world_of(60'000).customers;
    ASSERT_EQ(table.segments, (std::vector<std::string>{"Basic", "Plus", "Premium"}));
    const std::array<double, 3> share{0.5, 0.3, 0.2};
    const std::array<double, 3> b{38.0, 70.0, 140.0};
    std::array<double, 3> count{};
    std::array<double, 3> sum{};
    std::array<double, 3> sum_of_squares{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::size_t s = table.segment[i];
        const double p = table.churn_probability[i];
        count[s] += 1.0;
        sum[s] += p;
        sum_of_squares[s] += p * p;
    }
    const auto n = static_cast<double>(table.size());
    for (std::size_t s = 0; s < 3; ++s) {
        EXPECT_NEAR(count[s] / n, share[s], 4.0 * std::sqrt(share[s] * (1.0 - share[s]) / n));
        const double mean = 2.0 / (2.0 + b[s]);
        const double variance = mean * (1.0 - mean) / (3.0 + b[s]);
        EXPECT_NEAR(sum[s] / count[s], mean, 4.0 * std::sqrt(variance / count[s]));
        const double second = mean * 3.0 / (3.0 + b[s]);
        const double fourth = second * 4.0 * 5.0 / ((4.0 + b[s]) * (5.0 + b[s]));
        EXPECT_NEAR(sum_of_squares[s] / count[s], second, 4.0 * std::sqrt((fourth - second * second) / count[s]));
    }
}

TEST(Synthetic, ValuesAreSound) {
    const CustomerTable table = world_of(20'000).customers;
    std::set<std::uint64_t> hashes(table.id_hash.begin(), table.id_hash.end());
    EXPECT_EQ(hashes.size(), table.size());
    for (std::size_t i = 0; i < table.size(); ++i) {
        ASSERT_GT(table.monthly_revenue[i], 0.0);
        ASSERT_GT(table.churn_probability[i], 0.0);
        ASSERT_LE(table.churn_probability[i], 0.5);
        ASSERT_TRUE(table.margin[i] >= 0.55 && table.margin[i] <= 0.85);
        ASSERT_GE(table.retention_cost[i], 0.0);
        ASSERT_GE(table.revenue_volatility[i], 0.05);
        ASSERT_GE(table.market_beta[i], 0.0);
        ASSERT_GE(table.tenure_months[i], 0.0);
        ASSERT_LE(table.tenure_months[i], 96.0);
    }
}

TEST(Synthetic, NamesOnlySegmentsThatOccur) {
    const CustomerTable one = world_of(1).customers;
    ASSERT_EQ(one.segments.size(), 1U);
    EXPECT_EQ(one.segment[0], 0U);
    EXPECT_THROW((void)world_of(0), ConfigError);
}

}  // namespace
}  // namespace clv
