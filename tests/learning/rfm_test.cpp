#include "clv/learning/clusters/rfm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "learning/random_tables.hpp"

namespace clv {
namespace {

using Scores = std::vector<std::uint8_t>;

TEST(Rfm, WithoutTiesAFifthHasEachScore) {
    std::vector<double> values(10);
    std::iota(values.begin(), values.end(), 1.0);
    const RfmScores scores = rfm_scores(values, values, values);
    EXPECT_EQ(scores.frequency, (Scores{1, 1, 2, 2, 3, 3, 4, 4, 5, 5}));
    EXPECT_EQ(scores.money, scores.frequency);
    EXPECT_EQ(scores.recency, (Scores{5, 5, 4, 4, 3, 3, 2, 2, 1, 1}));  // bought lately: best
}

TEST(Rfm, FewerCustomersThanScores) {
    const std::vector<double> values{3.0, 1.0, 2.0};
    const RfmScores scores = rfm_scores(values, values, values);
    EXPECT_EQ(scores.frequency, (Scores{4, 1, 2}));  // worse are 2/3, none, 1/3
    EXPECT_EQ(scores.recency, (Scores{1, 4, 2}));
}

TEST(Rfm, EqualValuesHaveTheSameScore) {
    const std::vector<double> frequency{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 9.0};
    EXPECT_EQ(rfm_scores(frequency, frequency, frequency).frequency, (Scores{1, 1, 1, 1, 1, 1, 4, 4, 5, 5}));
    EXPECT_EQ(rfm_scores(frequency, frequency, frequency).recency, (Scores{3, 3, 3, 3, 3, 3, 2, 2, 1, 1}));
    const std::vector<double> same(7, 4.0);
    EXPECT_EQ(rfm_scores(same, same, same).money, (Scores(7, 1)));
}

TEST(Rfm, OrderDoesNotShow) {
    std::vector<double> table = uniform_numbers(3 * 500, 41);
    for (double& value : table) {
        value = std::floor(40.0 * value);
    }
    const auto score = [](const std::vector<double>& rows) {
        std::vector<double> columns[3];
        for (std::size_t i = 0; i < rows.size(); ++i) {
            columns[i % 3].push_back(rows[i]);
        }
        return rfm_scores(columns[0], columns[1], columns[2]);
    };
    const std::vector<std::size_t> order = shuffled_order(500, 42);
    const RfmScores straight = score(table);
    const RfmScores shuffled = score(rows_in_order(table, 3, order));
    for (std::size_t i = 0; i < order.size(); ++i) {
        ASSERT_EQ(shuffled.recency[i], straight.recency[order[i]]);
        ASSERT_EQ(shuffled.frequency[i], straight.frequency[order[i]]);
        ASSERT_EQ(shuffled.money[i], straight.money[order[i]]);
    }
}

struct UsualRange {
    double low_recency;
    double high_recency;
    double low_both;
    double high_both;
};

TEST(Rfm, SegmentsLieInTheirUsualRanges) {
    // Putler, "RFM analysis"
    const std::map<std::string_view, UsualRange> usual{
        {"Champions", {4, 5, 4, 5}},      {"Loyal", {2, 5, 3, 5}},     {"Potential Loyalist", {3, 5, 1, 3}},
        {"New Customers", {4, 5, 0, 1}},  {"Promising", {3, 4, 0, 1}}, {"Need Attention", {2, 3, 2, 3}},
        {"About to Sleep", {2, 3, 0, 2}}, {"At Risk", {0, 2, 2, 5}},   {"Can't Lose Them", {0, 1, 4, 5}},
        {"Hibernating", {1, 2, 1, 2}},    {"Lost", {0, 2, 0, 2}},
    };
    std::set<std::string_view> named;
    for (int recency = 1; recency <= 5; ++recency) {
        for (int both = 1; both <= 5; ++both) {
            const std::string_view name = to_string(rfm_segment(recency, both, both));
            named.insert(name);
            ASSERT_TRUE(usual.contains(name)) << name;
            const UsualRange& range = usual.at(name);
            EXPECT_TRUE(range.low_recency <= recency && recency <= range.high_recency) << name << recency << both;
            EXPECT_TRUE(range.low_both <= both && both <= range.high_both) << name << recency << both;
        }
    }
    EXPECT_EQ(named.size(), rfm_segment_count);
}

TEST(Rfm, SegmentsAreThoseOfTheTable) {
    const std::vector<std::vector<std::string>> table{
        {"Lost", "Hibernating", "At Risk", "Can't Lose Them", "Can't Lose Them"},
        {"Hibernating", "About to Sleep", "At Risk", "At Risk", "At Risk"},
        {"About to Sleep", "Need Attention", "Need Attention", "Loyal", "Loyal"},
        {"Promising", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"},
        {"New Customers", "Potential Loyalist", "Potential Loyalist", "Champions", "Champions"},
    };
    for (int recency = 1; recency <= 5; ++recency) {
        for (int frequency = 1; frequency <= 5; ++frequency) {
            for (int money = 1; money <= 5; ++money) {
                const auto both = static_cast<std::size_t>(std::ceil(0.5 * (frequency + money)));  // halves go up
                EXPECT_EQ(to_string(rfm_segment(recency, frequency, money)),
                          table[static_cast<std::size_t>(recency) - 1][both - 1]);
            }
        }
    }
    const RfmScores scores{{5, 1}, {5, 1}, {4, 2}};
    EXPECT_EQ(rfm_segments(scores), (std::vector{RfmSegment::champions, RfmSegment::hibernating}));
}

TEST(Rfm, RefusesWhatHasNoScore) {
    const std::vector<double> two{1.0, 2.0};
    const std::vector<double> unknown{1.0, std::nan("")};
    EXPECT_THROW((void)rfm_scores(two, std::vector{1.0}, two), InputError);
    EXPECT_THROW((void)rfm_scores(two, two, std::vector{1.0}), InputError);
    EXPECT_THROW((void)rfm_scores(unknown, two, two), InputError);
    EXPECT_THROW((void)rfm_scores(two, unknown, two), InputError);
    EXPECT_THROW((void)rfm_scores(two, two, unknown), InputError);
    EXPECT_TRUE(rfm_scores({}, {}, {}).recency.empty());
    EXPECT_THROW((void)rfm_segment(0, 1, 1), InputError);
    EXPECT_THROW((void)rfm_segment(1, 6, 1), InputError);
    EXPECT_THROW((void)rfm_segment(1, 1, 6), InputError);
}

}  // namespace
}  // namespace clv
