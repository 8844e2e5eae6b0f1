// Hazards by tenure in worlds whose hazards are planted: from what customers have lived through while they were
// observed, and rates by attributes over them.

#include "learning/lived.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/learning/learn_churn.hpp"
#include "learning/tenure_columns.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::add_numbers;
using test::add_texts;
using test::bare_customers;
using test::learning_of_left;
using test::numbers_of;
using test::texts_of;
using test::uniform_of;

using Hazard = double (*)(std::size_t month);

double constant_hazard(std::size_t /*month*/) {
    return 0.05;
}
double rising_hazard(std::size_t month) {
    return 0.02 + 0.003 * static_cast<double>(month);
}
double falling_hazard(std::size_t month) {
    return 0.1 * std::exp(-0.08 * static_cast<double>(month));
}

/// When a customer leaves who is there at `from` and has `rate` times the hazards.
double leaves_at(Hazard hazard, double from, double rate, double unit_exponential) {
    double left = unit_exponential;
    for (auto month = static_cast<std::size_t>(from); month < 200; ++month) {
        const double begin = std::max(from, static_cast<double>(month));
        const double end = static_cast<double>(month + 1);
        const double of_month = rate * hazard(month) * (end - begin);
        if (left < of_month) {
            return begin + left / (rate * hazard(month));
        }
        left -= of_month;
    }
    return std::numeric_limits<double>::infinity();
}

/// As the file has it.
struct Tenure {
    double from;
    double months;
    bool left;
};

/// Observed from a tenure on, for some months at most. Whole tenures: the month in which a customer left counts.
Tenure observe(Hazard hazard, double from, double months, double rate, std::size_t i, bool is_whole) {
    const double leaves = leaves_at(hazard, from, rate, -std::log(uniform_of(i, 1)));
    const bool left = leaves < from + months;
    return {from, !left ? from + months : is_whole ? std::ceil(leaves) : leaves, left};
}

/// New customers, observed for up to three years.
std::vector<Tenure> new_customers(Hazard hazard, std::size_t count, bool is_whole) {
    std::vector<Tenure> tenures;
    for (std::size_t i = 0; i < count; ++i) {
        const double months = 36.0 * uniform_of(i, 2);
        tenures.push_back(observe(hazard, 0.0, is_whole ? std::ceil(months) : months, 1.0, i, is_whole));
    }
    return tenures;
}

/// Customers of up to 30 months, whole ones or not, who are observed for half a year more.
std::vector<Tenure> old_customers(Hazard hazard, std::size_t count, bool is_whole) {
    std::vector<Tenure> tenures;
    for (std::size_t i = 0; i < count; ++i) {
        const double from = 30.0 * uniform_of(i, 2);
        tenures.push_back(observe(hazard, is_whole ? std::floor(from) : from, 6.0, 1.0, i, is_whole));
    }
    return tenures;
}

std::vector<Lived> lived_of(const std::vector<Tenure>& tenures) {
    std::vector<Lived> lived;
    for (const Tenure& tenure : tenures) {
        lived.push_back(lived_through(tenure.from, tenure.months, tenure.left));
    }
    return lived;
}

BaselineHazard hazards_of(const std::vector<Lived>& lived) {
    return baseline_hazard(lived, std::vector<double>(lived.size(), 1.0));
}

/// z of every month with 50 events and more, which speaks for itself: the error of a hazard is itself over the root of
/// the events that it promises.
std::vector<double> z_scores(Hazard hazard, const std::vector<Tenure>& tenures, const BaselineHazard& baseline) {
    std::vector<double> events(baseline.months.size(), 0.0);
    for (const Tenure& tenure : tenures) {
        if (tenure.left) {
            events.at(static_cast<std::size_t>(std::ceil(tenure.months)) - 1) += 1.0;
        }
    }
    std::vector<double> z;
    for (std::size_t month = 0; month < events.size(); ++month) {
        if (events[month] >= 50.0) {
            const double promised = events[month] * hazard(month) / baseline.months[month];
            z.push_back((baseline.months[month] - hazard(month)) / (hazard(month) / std::sqrt(promised)));
        }
    }
    return z;
}

double worst(const std::vector<double>& z) {
    return std::abs(*std::ranges::max_element(z, {}, [](double one) { return std::abs(one); }));
}

/// Of all months together, where each counts alike.
double overall(const std::vector<double>& z) {
    return std::accumulate(z.begin(), z.end(), 0.0) / std::sqrt(static_cast<double>(z.size()));
}

void expect_planted(Hazard hazard, const std::vector<Tenure>& tenures) {
    const std::vector<double> z = z_scores(hazard, tenures, hazards_of(lived_of(tenures)));
    EXPECT_GE(z.size(), 20U);
    EXPECT_LT(worst(z), 4.0);
    EXPECT_LT(std::abs(overall(z)), 4.0);
}

class HazardByTenure : public ::testing::TestWithParam<Hazard> {};

TEST_P(HazardByTenure, IsThePlantedOneWithWholeAndFractionalTenures) {
    expect_planted(GetParam(), new_customers(GetParam(), 60'000, true));
    expect_planted(GetParam(), new_customers(GetParam(), 60'000, false));
    // Planted: who left in a month as if they had been there until its end.
    const std::vector<Tenure> tenures = new_customers(GetParam(), 60'000, true);
    std::vector<Lived> lived = lived_of(tenures);
    for (Lived& one : lived) {
        one.until = std::ceil(one.until);
    }
    EXPECT_LT(overall(z_scores(GetParam(), tenures, hazards_of(lived))), -4.0);
}

TEST_P(HazardByTenure, IsThePlantedOneForWhoIsObservedFromALateTenure) {
    for (const bool is_whole : {true, false}) {
        std::vector<Tenure> tenures = old_customers(GetParam(), 40'000, is_whole);
        expect_planted(GetParam(), tenures);
        for (Tenure& tenure : tenures) {
            tenure.from = 0.0;  // planted: as if nobody could have left before
        }
        EXPECT_GT(worst(z_scores(GetParam(), tenures, hazards_of(lived_of(tenures)))), 10.0);
    }
}

INSTANTIATE_TEST_SUITE_P(Hazards, HazardByTenure, ::testing::Values(&constant_hazard, &rising_hazard, &falling_hazard),
                         [](const auto& info) { return std::string("123").substr(info.index, 1); });

TEST(Lived, WhoLeavesInTheMonthInWhichObservationBeganWasNotThereBefore) {
    // From some time of month 10 until its end, at a hazard that makes it matter.
    const auto hazard = [](std::size_t) { return 0.5; };
    double events = 0.0;
    std::vector<Tenure> tenures;
    for (std::size_t i = 0; i < 20'000; ++i) {
        const double from = 10.0 + uniform_of(i, 2);
        tenures.push_back(observe(hazard, from, 11.0 - from, 1.0, i, false));
        events += tenures.back().left ? 1.0 : 0.0;
    }
    EXPECT_NEAR(hazards_of(lived_of(tenures)).months.at(10), 0.5, 4.0 * 0.5 / std::sqrt(events));
}

TEST(Lived, IsFromWhenObservationBegan) {
    const Lived stays = lived_through(3.0, 7.5, false);
    EXPECT_EQ(stays.from, 3.0);
    EXPECT_EQ(stays.until, 7.5);
    EXPECT_FALSE(stays.left);
    const Lived left = lived_through(2.0, 5.0, true);
    EXPECT_EQ(left.until, 4.5) << "in the middle of the fifth month";
    EXPECT_EQ(left.month, 4U);
    const Lived in_the_first = lived_through(0.0, 0.0, true);
    EXPECT_EQ(in_the_first.until, 0.5);
    EXPECT_EQ(in_the_first.month, 0U);
    const Lived fractional = lived_through(1.0, 4.25, true);
    EXPECT_EQ(fractional.until, 4.25);
    EXPECT_EQ(fractional.month, 4U);
    EXPECT_LT(lived_through(5.0, 5.0, true).from, 4.5) << "observed in the month in which it left";
}

TEST(Lived, AMonthNobodyWasObservedInHasTheNextOnesHazard) {
    // Months 0 to 2 and 5 are empty; in 3 and 4 one in ten leaves, in month 6 four in ten.
    std::vector<Lived> lived;
    for (int i = 0; i < 1'000; ++i) {
        lived.push_back({3.0, 4.0, 3, i < 100});
        lived.push_back({4.0, 5.0, 4, i < 100});
        lived.push_back({6.0, 7.0, 6, i < 400});
    }
    const BaselineHazard baseline = hazards_of(lived);
    ASSERT_EQ(baseline.months.size(), 7U);
    for (int month = 0; month <= 4; ++month) {
        EXPECT_DOUBLE_EQ(baseline.months[static_cast<std::size_t>(month)], 0.1) << month;
    }
    EXPECT_DOUBLE_EQ(baseline.months[5], 0.4);
    EXPECT_DOUBLE_EQ(baseline.months[6], 0.4);
    EXPECT_DOUBLE_EQ(baseline.tail, 0.2);
}

TEST(Lived, AMonthWithFewEventsTakesItsNeighboursIn) {
    std::vector<Lived> lived;
    const int events[] = {30, 40, 60, 10, 100};
    for (std::uint32_t month = 0; month < 5; ++month) {
        for (int i = 0; i < 1'000; ++i) {
            lived.push_back({static_cast<double>(month), static_cast<double>(month + 1), month, i < events[month]});
        }
    }
    const std::vector<double> months = hazards_of(lived).months;
    ASSERT_EQ(months.size(), 5U);
    EXPECT_DOUBLE_EQ(months[0], 70.0 / 2'000.0);
    EXPECT_DOUBLE_EQ(months[1], 130.0 / 3'000.0);
    EXPECT_DOUBLE_EQ(months[2], 0.06) << "fifty are enough";
    EXPECT_DOUBLE_EQ(months[3], 170.0 / 3'000.0);
    EXPECT_DOUBLE_EQ(months[4], 0.1);
}

TEST(Lived, TheTailIsThatOfTheLastYear) {
    std::vector<Lived> lived;
    for (std::uint32_t month = 0; month < 30; ++month) {
        for (std::uint32_t i = 0; i < 10; ++i) {
            lived.push_back({static_cast<double>(month), static_cast<double>(month + 1), month,
                             i < (month < 18 ? 5U : month % 2 + 1)});
        }
    }
    EXPECT_DOUBLE_EQ(hazards_of(lived).tail, 18.0 / 120.0);
}

TEST(Lived, WhoRunsTheirMonthsFasterCountsForMore) {
    const std::vector<Lived> lived{{0.0, 1.0, 0, true}, {0.0, 1.0, 0, false}, {0.0, 0.5, 0, false}};
    EXPECT_DOUBLE_EQ(baseline_hazard(lived, std::vector<double>{3.0, 0.5, 2.0}).months[0], 1.0 / 4.5);
}

TEST(Lived, HazardsAddUpOverWhatWasLivedThrough) {
    const BaselineHazard baseline{{0.1, 0.2, 0.3}, 0.05};
    EXPECT_DOUBLE_EQ(cumulative(baseline, {0.0, 3.0, 0, false}), 0.6);
    EXPECT_DOUBLE_EQ(cumulative(baseline, {0.5, 1.25, 0, false}), 0.05 + 0.05);
    EXPECT_DOUBLE_EQ(cumulative(baseline, {2.5, 5.0, 0, false}), 0.15 + 0.1);
}

/// Customers of two plans, the second of which leaves at three times the rate, and of a region that does not matter.
/// Observed from up to two years on, for eighteen months more.
CustomerTable customers_of_two_plans(std::size_t count) {
    CustomerTable customers = bare_customers(count);
    std::vector<std::string> left;
    for (std::size_t i = 0; i < count; ++i) {
        const double from = std::floor(25.0 * uniform_of(i, 2));
        const Tenure tenure =
            observe(rising_hazard, from, std::ceil(18.0 * uniform_of(i, 3)), i % 2 == 0 ? 1.0 : 3.0, i, true);
        customers.observed_from_months.push_back(tenure.from);
        customers.tenure_months.push_back(tenure.months);
        left.emplace_back(tenure.left ? "yes" : "no");
    }
    add_texts(customers, "plan", texts_of(count, [](std::size_t i) { return std::string(i % 2 == 0 ? "a" : "b"); }));
    add_numbers(customers, "region",
                numbers_of(count, [](std::size_t i) { return std::floor(4.0 * uniform_of(i, 4)); }));
    add_texts(customers, "left", left);
    return customers;
}

/// Newcomers of either plan, at a tenure.
CustomerTable newcomers(double tenure) {
    CustomerTable customers = bare_customers(2);
    customers.customer_id = {};
    customers.id_hash = {1, 2};  // nobody's that was learned from
    customers.customer_id.push_back("a");
    customers.customer_id.push_back("b");
    customers.tenure_months.assign(2, tenure);
    add_texts(customers, "plan", {"a", "b"});
    add_numbers(customers, "region", {1.0, 1.0});
    return customers;
}

ChurnLearning learn_by_tenure(const CustomerTable& customers, LearnAlgorithm algorithm) {
    LearnSettings settings = learning_of_left();
    settings.algorithm = algorithm;
    settings.bootstraps = 16;
    settings.rounds = 150;
    settings.learning_rate = 0.1;
    NoProgress progress;
    return learn_churn(customers, settings, 2, progress);
}

class RateOverBaseline : public ::testing::TestWithParam<LearnAlgorithm> {};

TEST_P(RateOverBaseline, IsThePlantedRatioAndTheHazardsThosePlanted) {
    const CustomerTable customers = customers_of_two_plans(4'000);
    const ChurnLearning learning = learn_by_tenure(customers, GetParam());
    ASSERT_TRUE(learning.learner.rate.has_value());
    double events[2] = {};
    for (std::size_t i = 0; i < customers.size(); ++i) {
        events[i % 2] += learning.outcomes[i];
    }
    const auto hazard_of = [&](const ChurnLearning& learned, std::size_t plan, int month) {
        return double{learned_hazards(learned.learner, newcomers(0.0), 36, 1).survival.hazards.at(plan, month)};
    };
    const double ratio = hazard_of(learning, 1, 1) / hazard_of(learning, 0, 1);
    EXPECT_NEAR(std::log(ratio), std::log(3.0), 4.0 * std::sqrt(1.0 / events[0] + 1.0 / events[1]));
    EXPECT_NEAR(learning.hazards.at(0).value, 1.0, 4.0 * learning.hazards.at(0).se);
    // Hazards of three years together, with the error of all their events
    const auto years = [&](const ChurnLearning& learned) {
        double sum = 0.0;
        for (int month = 1; month <= 36; ++month) {
            sum += hazard_of(learned, 0, month);
        }
        return sum;
    };
    double planted = 0.0;
    for (std::size_t month = 0; month < 36; ++month) {
        planted += rising_hazard(month);
    }
    const double se = planted * std::sqrt(1.0 / events[0] + 1.0 / (events[0] + events[1]));
    EXPECT_NEAR(years(learning), planted, 4.0 * se);

    CustomerTable all_along = customers;  // planted: as if all had been observed from their first month
    all_along.observed_from_months = {};
    EXPECT_LT(years(learn_by_tenure(all_along, GetParam())), planted - 4.0 * se);
}

INSTANTIATE_TEST_SUITE_P(Algorithms, RateOverBaseline,
                         ::testing::Values(LearnAlgorithm::boosting, LearnAlgorithm::logistic),
                         [](const auto& info) { return info.param == LearnAlgorithm::boosting ? "Trees" : "Ridge"; });

TEST(LearnedHazards, GoOnFromTheCustomersTenure) {
    const ChurnLearning learning = learn_by_tenure(customers_of_two_plans(2'000), LearnAlgorithm::logistic);
    const auto hazards_at = [&](double tenure) { return learned_hazards(learning.learner, newcomers(tenure), 24, 1); };
    const LearnedHazards at_3 = hazards_at(3.0);
    const LearnedHazards between = hazards_at(3.5);
    const LearnedHazards at_4 = hazards_at(4.0);
    for (int month = 1; month <= 23; ++month) {
        EXPECT_EQ(at_3.survival.hazards.at(0, month + 1), at_4.survival.hazards.at(0, month));
        EXPECT_NEAR(between.survival.hazards.at(1, month),
                    0.5 * (at_3.survival.hazards.at(1, month) + at_4.survival.hazards.at(1, month)), 1e-7);
    }
    const std::size_t known = learning.learner.baseline.months.size();
    EXPECT_EQ(at_3.survival.observed_months[0], std::min<std::size_t>(24, known - 3));
    EXPECT_EQ(hazards_at(30.5).survival.observed_months[0], known - 31);
    EXPECT_EQ(hazards_at(300.0).survival.observed_months[0], 0U);
    // Beyond all that was seen there is the tail.
    const auto old = hazards_at(300.0);
    EXPECT_EQ(old.survival.hazards.at(0, 1), old.survival.hazards.at(0, 24));
    EXPECT_EQ(at_3.draws, 16U);
    EXPECT_EQ(at_3.factors.size(), 32U);
}

TEST(LearnedHazards, WhatGoesWithTheTenureDoesNotExplainIt) {
    CustomerTable customers = customers_of_two_plans(500);
    add_numbers(customers, "paid", numbers_of(500, [&](std::size_t i) {
                    return 20.0 * customers.tenure_months[i] + 30.0 * uniform_of(i, 9);
                }));
    add_numbers(customers, "declared",
                numbers_of(500, [&](std::size_t i) { return -customers.tenure_months[i] + uniform_of(i, 9); }));
    LearnSettings settings = learning_of_left();
    settings.kinds = {{"declared", "number"}};
    const std::vector<LearnedColumn> columns{{"tenure_months", FeatureKind::number, {}},
                                             {"plan", FeatureKind::category, {"a", "b"}},
                                             {"region", FeatureKind::number, {}},
                                             {"paid", FeatureKind::number, {}},
                                             {"declared", FeatureKind::number, {}}};
    std::vector<LeftOut> left_out;
    const auto besides = [&](std::span<const LearnedColumn> of) {
        return columns_besides_tenure(customers, {of.begin(), of.end()}, tenures(customers, ""), settings, left_out);
    };
    const std::vector<LearnedColumn> kept = besides(columns);
    ASSERT_EQ(kept.size(), 3U);
    EXPECT_EQ(kept[0].name, "plan");
    EXPECT_EQ(kept[1].name, "region");
    EXPECT_EQ(kept[2].name, "declared");
    ASSERT_EQ(left_out.size(), 1U);
    EXPECT_EQ(left_out[0].column, "paid");
    EXPECT_NE(left_out[0].why.find("goes with the time as a customer"), std::string::npos);
    EXPECT_THROW((void)besides(std::span(columns).first(1)), InputError);
}

}  // namespace
}  // namespace clv
