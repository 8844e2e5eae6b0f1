// Segments: what is missing, how they are ranked and named, and that neither rows nor threads show.

#include "clv/learning/clusters/segmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/learning/clusters/adjusted_rand.hpp"
#include "clv/learning/clusters/group_columns.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::blank;
using test::normal_of;

/// Three groups of customers far apart in two columns: worth 10, 100 and 50 or so, who leave with .3, .05 and .02.
struct Groups {
    CustomersToGroup customers;
    std::vector<std::uint32_t> truth;
};

Groups groups_of(std::size_t count) {
    constexpr double worth[]{10.0, 100.0, 50.0};
    constexpr double leaves[]{0.3, 0.05, 0.02};
    constexpr double calls[]{5.0, 0.0, 9.0};
    Groups groups;
    groups.customers.columns = {"calls", "charges"};
    for (std::size_t i = 0; i < count; ++i) {
        const auto group = static_cast<std::uint32_t>(i % 4 == 3 ? 0 : i % 4);  // half of them are worth little
        groups.truth.push_back(group);
        groups.customers.value.push_back(worth[group] * std::exp(0.1 * normal_of(i, 1)));
        groups.customers.churn.push_back(leaves[group]);
        groups.customers.values.push_back(calls[group] + 0.3 * normal_of(i, 2));
        groups.customers.values.push_back(1000.0 * (worth[group] + normal_of(i, 3)));
    }
    return groups;
}

TEST(Segmentation, FindsGroupsRanksThemByTheMedianAndNamesThem) {
    Groups groups = groups_of(600);
    groups.customers.value[0] = 1e9;  // a mean would make its segment the first
    const Segmentation found = segment_customers(groups.customers, {}, 2);
    EXPECT_DOUBLE_EQ(adjusted_rand(found.segment, groups.truth), 1.0);
    ASSERT_EQ(found.segments.size(), 3U);  // as many as the silhouette prefers
    EXPECT_EQ(found.segments[0].name, "VIP");
    EXPECT_EQ(found.segments[1].name, "VIP 2");
    EXPECT_EQ(found.segments[2].name, "Low-Value Transient");
    EXPECT_EQ(found.segment[1], 0U);
    EXPECT_EQ(found.segment[2], 1U);
    EXPECT_EQ(found.segment[0], 2U);
    EXPECT_EQ(found.segments[0].customers, 150U);
    EXPECT_DOUBLE_EQ(found.segments[0].churn_median, 0.05);
    EXPECT_GT(found.segments[2].value_mean, found.segments[0].value_mean);
    double share = 0.0;
    for (const CustomerSegment& segment : found.segments) {
        share += segment.share_of_value;
    }
    EXPECT_NEAR(share, 1.0, 1e-12);
    EXPECT_EQ(found.tried.size(), 7U);
    EXPECT_GT(found.silhouette, 0.8);
}

TEST(Segmentation, NeitherRowsNorThreadsShow) {
    const Groups groups = groups_of(300);
    SegmentSettings settings;
    settings.clusters = 5;
    const Segmentation found = segment_customers(groups.customers, settings, 1);
    CustomersToGroup shuffled;
    shuffled.columns = groups.customers.columns;
    std::vector<std::size_t> order(300);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::sort(order, {}, [](std::size_t i) { return test::uniform_of(i, 77); });
    for (const std::size_t i : order) {
        shuffled.value.push_back(groups.customers.value[i]);
        shuffled.churn.push_back(groups.customers.churn[i]);
        shuffled.values.insert(shuffled.values.end(), groups.customers.values.begin() + static_cast<long>(2 * i),
                               groups.customers.values.begin() + static_cast<long>(2 * i + 2));
    }
    const Segmentation other = segment_customers(shuffled, settings, 7);
    for (std::size_t k = 0; k < order.size(); ++k) {
        ASSERT_EQ(other.segment[k], found.segment[order[k]]);
    }
    for (std::size_t k = 0; k < found.segments.size(); ++k) {
        EXPECT_EQ(other.segments[k].name, found.segments[k].name);
        EXPECT_EQ(other.segments[k].value_total, found.segments[k].value_total);
        EXPECT_EQ(other.segments[k].medians, found.segments[k].medians);
    }
}

TEST(Segmentation, WhatIsMissingCountsAsTheMedian) {
    Groups groups = groups_of(300);
    groups.customers.values[0] = blank;
    const Segmentation found = segment_customers(groups.customers, {}, 2);
    ASSERT_EQ(found.notes.size(), 1U);
    EXPECT_NE(found.notes[0].find("1 of 300 customers have no calls"), std::string::npos) << found.notes[0];
    std::vector<double> calls;
    for (std::size_t i = 1; i < 300; ++i) {
        calls.push_back(groups.customers.values[2 * i]);
    }
    std::ranges::sort(calls);
    groups.customers.values[0] = calls[149];  // of 299
    EXPECT_EQ(segment_customers(groups.customers, {}, 2).segment, found.segment);
    for (std::size_t i = 0; i < 300; ++i) {
        groups.customers.values[2 * i] = blank;
    }
    EXPECT_THROW((void)segment_customers(groups.customers, {}, 2), InputError);
}

TEST(Segmentation, TiersAreStretchesOfValue) {
    const Groups groups = groups_of(300);
    SegmentSettings settings;
    settings.method = SegmentMethod::value;
    settings.clusters = 3;
    const Segmentation found = segment_customers({{}, {}, groups.customers.value, {}}, settings, 2);
    EXPECT_DOUBLE_EQ(adjusted_rand(found.segment, groups.truth), 1.0);
    EXPECT_EQ(found.segments[0].name, "Tier 1");
    EXPECT_TRUE(std::isnan(found.segments[0].churn_median));
    settings.logarithms = true;  // one whale no longer takes a tier for itself
    std::vector<double> heavy{1e6};
    for (int i = 1; i <= 100; ++i) {
        heavy.push_back(i);
    }
    settings.clusters = 2;
    EXPECT_EQ(segment_customers({{}, {}, heavy, {}}, settings, 2).segments[0].customers, 1U);
    settings.clusters = 3;
    EXPECT_GT(segment_customers({{}, {}, heavy, {}}, settings, 2).segments[1].customers, 20U);
}

TEST(Segmentation, RefusesWhatItCannotGroup) {
    Groups groups = groups_of(30);
    CustomersToGroup bad = groups.customers;
    bad.value[3] = blank;
    EXPECT_THROW((void)segment_customers(bad, {}, 1), InputError);
    EXPECT_THROW((void)segment_customers({}, {}, 1), InputError);
    bad = groups.customers;
    bad.values.pop_back();
    EXPECT_THROW((void)segment_customers(bad, {}, 1), std::invalid_argument);
    SegmentSettings settings;
    settings.clusters = 31;
    EXPECT_THROW((void)segment_customers(groups.customers, settings, 1), InputError);
}

TEST(RiskClasses, GoByValueAndByWhatWorstCasesLeave) {
    //                                   half left, all lost, most left, all lost, no value
    const std::vector<double> value{100.0, 90.0, 10.0, 9.0, 0.0};
    const std::vector<double> cvar{50.0, 0.0, 9.0, 0.0, -1.0};
    const std::vector<RiskClass> classes = risk_classes(value, cvar);
    const std::vector<RiskClass> expected{RiskClass::core, RiskClass::at_stake, RiskClass::core, RiskClass::marginal,
                                          RiskClass::marginal};
    EXPECT_EQ(classes, expected);
    EXPECT_EQ(risk_classes(std::vector<double>{1.0, 3.0, 2.0}, std::vector<double>{0.9, 0.1, 1.9})[0],
              RiskClass::steady_small);
}

TEST(GroupColumns, AreNumbersByTheirNamesInTheFile) {
    CustomerTable customers = test::bare_customers(3);
    customers.monthly_revenue = {1.0, 2.0, 3.0};
    customers.churn_probability = {0.1, 0.2, 0.3};
    customers.mapped_names.emplace_back("Charges", "monthly_revenue");
    FeatureColumn texts;
    texts.name = "plan";
    texts.categories = {"basic", "plus"};
    texts.codes = {0, 1, 1};
    customers.features.push_back(texts);
    EXPECT_EQ(number_columns(customers), (std::vector<std::string>{"Charges", "churn_probability"}));
    EXPECT_EQ(number_column(customers, "Charges", "segment.columns"), (std::vector<double>{1.0, 2.0, 3.0}));
    EXPECT_EQ(number_column(customers, "monthly_revenue", "segment.columns"), (std::vector<double>{1.0, 2.0, 3.0}));
    for (const char* name : {"plan", "nothing"}) {
        try {
            (void)number_column(customers, name, "segment.columns");
            FAIL() << name;
        } catch (const ConfigError& fault) {
            EXPECT_NE(std::string(fault.what()).find("segment.columns"), std::string::npos) << fault.what();
        }
    }
}

}  // namespace
}  // namespace clv
