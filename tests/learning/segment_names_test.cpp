#include "clv/learning/clusters/segment_names.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

void expect_names(const std::vector<CustomerMedians>& clusters, const std::vector<std::string>& names,
                  const std::vector<std::size_t>& ranks) {
    const std::vector<SegmentName> result = name_segments(clusters, {100.0, 0.2});
    ASSERT_EQ(result.size(), clusters.size());
    for (std::size_t k = 0; k < result.size(); ++k) {
        EXPECT_EQ(result[k].name, names[k]) << k;
        EXPECT_EQ(result[k].rank, ranks[k]) << k;
    }
}

TEST(SegmentNames, EachKind) {
    expect_names({{50.0, 0.1}, {500.0, 0.05}, {20.0, 0.9}, {300.0, 0.6}},
                 {"Steady", "VIP", "Low-Value Transient", "At-Risk High-Value"}, {3, 1, 4, 2});
}

TEST(SegmentNames, AtTheMedian) {
    expect_names({{100.0, 0.2}, {99.9, 0.2001}}, {"VIP", "Low-Value Transient"}, {1, 2});
}

TEST(SegmentNames, MoreClustersThanNames) {
    expect_names({{10.0, 0.1}, {90.0, 0.1}, {400.0, 0.1}, {50.0, 0.1}, {900.0, 0.1}},
                 {"Steady 3", "Steady", "VIP 2", "Steady 2", "VIP"}, {5, 3, 2, 4, 1});
}

TEST(SegmentNames, EqualValuesRankByChurnThenPlace) {
    expect_names({{50.0, 0.15}, {50.0, 0.1}, {50.0, 0.1}}, {"Steady 3", "Steady", "Steady 2"}, {3, 1, 2});
}

TEST(SegmentNames, RefusesUnknownMedians) {
    const std::vector<CustomerMedians> known{{1.0, 0.1}};
    EXPECT_THROW((void)name_segments(known, {std::nan(""), 0.1}), InputError);
    EXPECT_THROW((void)name_segments(known, {1.0, std::nan("")}), InputError);
    EXPECT_THROW((void)name_segments(std::vector<CustomerMedians>{{std::nan(""), 0.1}}, {1.0, 0.1}), InputError);
    EXPECT_THROW((void)name_segments(std::vector<CustomerMedians>{{1.0, std::nan("")}}, {1.0, 0.1}), InputError);
    EXPECT_TRUE(name_segments({}, {1.0, 0.1}).empty());
}

}  // namespace
}  // namespace clv
