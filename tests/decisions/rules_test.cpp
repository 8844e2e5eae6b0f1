// Rules: stages, tiers, scores and actions of customers counted by hand, and what is found of rules that contradict
// themselves.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/decisions/rules/rule_check.hpp"
#include "clv/decisions/rules/rule_set.hpp"

namespace clv {
namespace {

constexpr double blank = std::numeric_limits<double>::quiet_NaN();

CustomerTable customers_with(std::vector<std::pair<std::string, std::vector<double>>> columns) {
    CustomerTable customers;
    for (std::size_t i = 0; i < columns.front().second.size(); ++i) {
        customers.customer_id.push_back("c" + std::to_string(i));
        customers.id_hash.push_back(100 + i);
    }
    for (auto& [name, numbers] : columns) {
        FeatureColumn& column = customers.features.emplace_back();
        column.name = name;
        column.numbers = std::move(numbers);
    }
    return customers;
}

RuleSet shop_rules() {
    RuleSet rules;
    rules.stages = {{"active", "days <= 30"}, {"cooling", "days > 30 and days <= 90"}, {"lost", "days > 90"}};
    rules.tier_column = "revenue";
    rules.tiers = {{"gold", 0.8}, {"bronze", 0.0}, {"silver", 0.5}};
    rules.signals = {{"silence", "days", 30.0, 90.0, 3.0, "silent for {days} days"},
                     {"fall", "trend", 0.0, -1.0, 1.0, "trend {trend:1}"}};
    rules.levels = {{"high", 60.0}, {"low", 0.0}};
    rules.actions = {{"call", "level == 'high' and tier != 'bronze'", 10.0, 0.1, "revenue", "worth {revenue:0}"},
                     {"mail", "stage == 'cooling' or stage == 'lost'", 1.0, 5.0, {}, ""}};
    return rules;
}

CustomerTable shop() {
    return customers_with({{"days", {10.0, 60.0, 200.0, 45.0, 100.0}},
                           {"revenue", {50.0, 500.0, 100.0, 20.0, 80.0}},
                           {"trend", {0.5, -0.5, -1.0, blank, blank}}});
}

TEST(Rules, SayOfEveryCustomerWhatCountingByHandSays) {
    const RuledCustomers ruled = apply_rules(shop_rules(), shop());
    EXPECT_EQ(ruled.stage, (std::vector<std::uint32_t>{0, 1, 2, 1, 2}));
    // less than c0 has c3 alone: .2; c1 tops all: .8 is gold; c2 .6 silver; c4 .4 bronze
    EXPECT_EQ(ruled.tier, (std::vector<std::uint32_t>{0, 2, 1, 0, 0}));
    const std::vector<double> score{0.0, 100.0 * (3.0 * 0.5 + 0.5) / 4.0, 100.0, 25.0, 100.0};
    for (std::size_t i = 0; i < score.size(); ++i) {
        EXPECT_DOUBLE_EQ(ruled.score[i], score[i]) << i;
    }
    EXPECT_EQ(ruled.level, (std::vector<std::uint32_t>{0, 0, 1, 0, 1}));
    // c2: a call brings 10 less 10, which is nothing, and a mail 4
    EXPECT_EQ(ruled.action, (std::vector<std::uint32_t>{2, 1, 1, 1, 1}));
    EXPECT_EQ(ruled.reason[0], "");
    EXPECT_EQ(ruled.reason[1], "silent for 60 days; trend -0.5");
    EXPECT_EQ(ruled.reason[3], "silent for 45 days");
    EXPECT_TRUE(std::isnan(ruled.signal[2 * 3 + 1]));
    RuleSet dearer = shop_rules();
    dearer.actions[0].benefit = 0.2;
    const RuledCustomers called = apply_rules(dearer, shop());
    EXPECT_EQ(called.action[2], 0U);
    EXPECT_DOUBLE_EQ(called.benefit[2], 20.0);
    EXPECT_DOUBLE_EQ(called.cost[2], 10.0);
    EXPECT_EQ(called.reason[2], "silent for 200 days; trend -1.0; worth 100");
}

TEST(Rules, TheirOrderSaysNothing) {
    const RuleSet rules = shop_rules();
    RuleSet turned = rules;
    std::ranges::reverse(turned.stages);
    std::ranges::reverse(turned.tiers);
    std::ranges::reverse(turned.signals);
    std::ranges::reverse(turned.levels);
    std::ranges::reverse(turned.actions);
    const RuledCustomers one = apply_rules(rules, shop());
    const RuledCustomers other = apply_rules(turned, shop());
    for (std::size_t i = 0; i < one.score.size(); ++i) {
        EXPECT_EQ(rules.stages[one.stage[i]].name, turned.stages[other.stage[i]].name);
        EXPECT_EQ(one.tier[i], other.tier[i]);
        EXPECT_DOUBLE_EQ(one.score[i], other.score[i]);
        EXPECT_EQ(one.reason[i], other.reason[i]);
    }
}

TEST(Rules, WhoHasNoNumberHasNoScore) {
    RuleSet rules = shop_rules();
    rules.signals.erase(rules.signals.begin());
    const RuledCustomers ruled = apply_rules(rules, shop());
    EXPECT_TRUE(std::isnan(ruled.score[3]));
    EXPECT_EQ(ruled.level[3], 2U);
}

void expect_refused(const RuleSet& rules, const std::string& word) {
    try {
        (void)apply_rules(rules, shop());
        FAIL() << word;
    } catch (const ConfigError& fault) {
        EXPECT_NE(std::string(fault.what()).find(word), std::string::npos) << fault.what();
    }
}

template <class Change>
RuleSet changed(Change change) {
    RuleSet rules = shop_rules();
    change(rules);
    return rules;
}

TEST(Rules, AreRefusedByName) {
    expect_refused(changed([](RuleSet& r) { r.stages[1].when = "days >= 30 and days <= 100"; }), "'c4'");
    expect_refused(changed([](RuleSet& r) { r.stages.pop_back(); }), "no stage holds for customer 'c2'");
    expect_refused(changed([](RuleSet& r) { r.stages[0].when = "dayz <= 30"; }), "'days'");
    expect_refused(changed([](RuleSet& r) { r.stages[0].when = "days <= "; }), "stage active");
    expect_refused(changed([](RuleSet& r) { r.signals[0].column = "dais"; }), "did you mean 'days'");
    expect_refused(changed([](RuleSet& r) { r.signals[0].weight = 0.0; }), "weight");
    expect_refused(changed([](RuleSet& r) { r.signals[0].one_at = 30.0; }), "signal silence");
    expect_refused(changed([](RuleSet& r) { r.signals[0].sentence = "{days"; }), "brace");
    expect_refused(changed([](RuleSet& r) { r.signals[0].sentence = "{days:x}"; }), "decimals");
    expect_refused(changed([](RuleSet& r) { r.signals[0].sentence = "{dayz}"; }), "dayz");
    expect_refused(changed([](RuleSet& r) { r.levels[1].from_score = 10.0; }), "no level begins at 0");
    expect_refused(changed([](RuleSet& r) { r.tiers[0].from_percentile = 1.5; }), "tier gold");
    expect_refused(changed([](RuleSet& r) { r.actions[1].name = "call"; }), "call");
    expect_refused(changed([](RuleSet& r) { r.tier_column.clear(); }), "tiers need a column");
}

TEST(CheckStages, FindsEveryOverlapAndGap) {
    EXPECT_TRUE(check_stages(shop_rules()).empty());
    const auto missing = check_stages(shop_rules(), {"days"});
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing[0].kind, RuleFaultKind::gap);
    EXPECT_EQ(missing[0].example, "days missing");
    const auto overlap = check_stages(changed([](RuleSet& r) { r.stages[1].when = "days >= 30 and days <= 90"; }));
    ASSERT_EQ(overlap.size(), 1U);
    EXPECT_EQ(overlap[0].kind, RuleFaultKind::overlap);
    EXPECT_EQ(overlap[0].rules, (std::vector<std::string>{"active", "cooling"}));
    EXPECT_EQ(overlap[0].example, "days 30");
    const auto gap = check_stages(changed([](RuleSet& r) { r.stages[1].when = "days > 30 and days < 90"; }));
    ASSERT_EQ(gap.size(), 1U);
    EXPECT_EQ(gap[0].example, "days 90");
    const auto never = check_stages(changed([](RuleSet& r) { r.stages[1].when = "days > 30 and days < 20"; }));
    ASSERT_EQ(never.size(), 2U);
    EXPECT_EQ(never[0].kind, RuleFaultKind::unreachable);
    EXPECT_EQ(never[0].rules, (std::vector<std::string>{"cooling"}));
}

/// Against customers at random: what they meet, the check has found.
TEST(CheckStages, AgreesWithCustomersAtRandom) {
    const std::vector<std::string> conditions{"a < 3 and b >= 2",       "a >= 3 or b < 1",
                                              "not (a == 5) and b > 4", "a > 1 and a <= 6 and b != 3",
                                              "b <= 2 or b > 7",        "a >= 6 and not (b < 7)"};
    std::vector<double> a;
    std::vector<double> b;
    for (int i = 0; i < 400; ++i) {
        a.push_back(i % 20 * 0.5 - 1.0);
        b.push_back(i / 20 * 0.5 - 1.0);
    }
    const CustomerTable customers = customers_with({{"a", a}, {"b", b}});
    for (std::size_t one = 0; one < conditions.size(); ++one) {
        for (std::size_t other = one + 1; other < conditions.size(); ++other) {
            RuleSet rules;
            rules.stages = {{"one", conditions[one]}, {"other", conditions[other]}};
            bool overlaps = false;
            bool has_gap = false;
            for (const RuleFault& fault : check_stages(rules)) {
                overlaps = overlaps || fault.kind == RuleFaultKind::overlap;
                has_gap = has_gap || fault.kind == RuleFaultKind::gap;
            }
            bool is_sound = true;
            try {
                (void)apply_rules(rules, customers);
            } catch (const ConfigError&) {
                is_sound = false;
            }
            EXPECT_EQ(is_sound, !overlaps && !has_gap) << conditions[one] << " | " << conditions[other];
        }
    }
}

TEST(StageMigration, CountsWhoIsInBoth) {
    const CustomerTable before = customers_with({{"days", {1.0, 2.0, 3.0}}});
    CustomerTable now = customers_with({{"days", {1.0, 2.0, 3.0}}});
    now.id_hash[2] = 999;  // came since
    const auto moved = stage_migration(2, before, {0, 0, 1}, now, {0, 1, 1});
    EXPECT_EQ(moved, (std::vector<std::vector<std::uint64_t>>{{1, 1}, {0, 0}}));
}

}  // namespace
}  // namespace clv
