#include "clv/decisions/table/certificate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "clv/core/errors.hpp"
#include "clv/decisions/table/objectives.hpp"

namespace clv {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::vector<std::string> nothing;
constexpr std::size_t actions = 3;  // none and two others

UpliftTable random_table(std::size_t customers, unsigned seed) {
    std::mt19937_64 random(seed);
    std::uniform_real_distribution<double> profit(-5.0, 20.0);
    std::uniform_real_distribution<double> cost(-1.0, 10.0);
    UpliftTable table;
    table.actions = {"none", "call", "gift"};
    table.segments = {"north", "south"};
    table.further_costs.push_back({"hours", {}});
    for (std::size_t i = 0; i < customers; ++i) {
        table.customer_id.push_back("C" + std::to_string(i));
        table.segment.push_back(static_cast<std::uint32_t>(i % 2));
    }
    for (std::size_t cell = 0; cell < customers * actions; ++cell) {
        const bool is_none = cell < customers;
        table.expected_profit.push_back(is_none ? 0.0 : profit(random));
        table.cost.push_back(is_none ? 0.0 : cost(random));
        table.further_costs[0].values.push_back(is_none ? 0.0 : 1.0 + cost(random) / 10.0);
    }
    table.expected_profit[table.cell(1, 2)] = std::numeric_limits<double>::quiet_NaN();
    return table;
}

PlanLimit limit(const std::string& name, const std::string& column) {
    PlanLimit made;
    made.name = name;
    made.column = column;
    return made;
}

OptimizerSettings settings_of_every_kind() {
    OptimizerSettings settings;
    settings.budget = 20.0;
    PlanLimit few = limit("few", "count");
    few.max = 5.0;
    PlanLimit hours = limit("hours", "cost_hours");
    hours.action = "call";
    hours.max = 4.0;
    PlanLimit north = limit("north", "count");
    north.segment = "north";
    north.min = 1.0;
    PlanLimit roi = limit("roi", "cost");
    roi.min_roi = 1.2;
    settings.limits = {few, hours, north, roi};
    return settings;
}

/// Written out once more, for the enumeration below.
bool keeps_limits(const UpliftTable& table, const std::vector<std::uint8_t>& action) {
    double cost = 0.0;
    double profit = 0.0;
    double hours = 0.0;
    int count = 0;
    int north = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        const std::size_t cell = table.cell(i, action[i]);
        cost += table.cost[cell];
        profit += table.expected_profit[cell];
        hours += action[i] == 1 ? table.further_costs[0].values[cell] : 0.0;
        count += action[i] != 0 ? 1 : 0;
        north += action[i] != 0 && table.segment[i] == 0 ? 1 : 0;
    }
    return cost <= 20.0 && count <= 5 && hours <= 4.0 && north >= 1 && profit >= 1.2 * cost;
}

double profit_of(const UpliftTable& table, const std::vector<std::uint8_t>& action) {
    double profit = 0.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
        profit += table.expected_profit[table.cell(i, action[i])];
    }
    return profit;
}

double best_profit(const UpliftTable& table) {
    std::vector<std::uint8_t> action(table.size(), 0);
    double best = -std::numeric_limits<double>::infinity();
    for (;;) {
        bool is_open = true;
        for (std::size_t i = 0; i < table.size(); ++i) {
            is_open = is_open && table.is_open(i, action[i]);
        }
        if (is_open && keeps_limits(table, action)) {
            best = std::max(best, profit_of(table, action));
        }
        std::size_t i = 0;
        while (i < table.size() && ++action[i] == actions) {
            action[i++] = 0;
        }
        if (i == table.size()) {
            return best;
        }
    }
}

struct Planned {
    UpliftTable table;
    ActionPlan plan;
    Certificate certificate;
    [[nodiscard]] CertificateCheck check() const { return check_certificate(table, plan.action, certificate); }
};

Planned planned(unsigned seed = 1) {
    Planned made;
    made.table = random_table(8, seed);
    const OptimizerSettings settings = settings_of_every_kind();
    made.plan = plan_actions(made.table, settings);
    made.certificate = certify(made.table, settings, made.plan);
    return made;
}

TEST(Certificate, OfAPlanVerifies) {
    for (unsigned seed = 1; seed <= 50; ++seed) {
        const Planned made = planned(seed);
        if (made.plan.status == PlanStatus::infeasible) {
            continue;
        }
        const CertificateCheck check = made.check();
        EXPECT_EQ(check.mismatches, nothing) << seed;
        EXPECT_THAT(check.checked, Contains(HasSubstr("limit roi is kept")));
        EXPECT_LE(made.certificate.profit, best_profit(made.table) + 1e-8) << seed;
    }
}

/// Whatever the multipliers, what they prove bounds the best plan: below it no bound verifies.
TEST(Certificate, NoMultipliersProveABoundBelowTheOptimum) {
    std::mt19937_64 random(5);
    std::exponential_distribution<double> size(1.0);
    int tried = 0;
    for (unsigned seed = 1; seed <= 40; ++seed) {
        Planned made = planned(seed);
        if (made.plan.status == PlanStatus::infeasible) {
            continue;
        }
        const double best = best_profit(made.table);
        made.certificate.status = PlanStatus::bounded;
        const std::array signs{1.0, 1.0, 1.0, -1.0, -1.0};  // budget, few, hours: max; north, roi: min
        for (int k = 0; k < 20; ++k) {
            for (std::size_t r = 0; r < signs.size(); ++r) {
                made.certificate.limits[r].multiplier = signs[r] * size(random);
            }
            made.certificate.relaxed_bound = best - 1e-6;
            made.certificate.upper_bound = best - 1e-6;
            EXPECT_THAT(made.check().mismatches, Contains(HasSubstr("the multipliers prove only"))) << seed;
            ++tried;
        }
    }
    EXPECT_GT(tried, 400);
}

TEST(Certificate, SaysWhatASearchHasShown) {
    unsigned seed = 1;
    Planned made = planned(seed);
    while (made.plan.status == PlanStatus::infeasible ||
           made.certificate.relaxed_bound < made.certificate.objective + 0.01) {
        made = planned(++seed);
    }
    made.certificate.status = PlanStatus::optimal;
    made.certificate.upper_bound = made.certificate.objective;
    made.certificate.relative_gap = 0.0;
    const CertificateCheck check = made.check();
    EXPECT_EQ(check.mismatches, nothing);
    EXPECT_THAT(check.checked, Contains(HasSubstr("was found by a search")));
    // whether it was is found by making the plan again
    made.certificate.status = made.plan.status == PlanStatus::optimal ? PlanStatus::bounded : PlanStatus::optimal;
    EXPECT_THAT(check_planned_again(made.table, made.certificate).mismatches,
                Contains(HasSubstr("status is stated as")));
}

TEST(Certificate, RefusesActionsThatAreNotOpen) {
    Planned made = planned();
    made.plan.action[1] = 2;
    EXPECT_THAT(made.check().mismatches, Contains(HasSubstr("not open to them: C1 (gift)")));
    made.plan.action[1] = 9;
    EXPECT_THAT(made.check().mismatches, Contains(HasSubstr("C1 (?)")));
    made.plan.action.pop_back();
    EXPECT_THAT(made.check().mismatches, Contains(HasSubstr("the plan has 7 customers, the uplift table 8")));
}

/// The smallest amounts count: sums are exact, however many there are.
TEST(Certificate, SumsAreExact) {
    UpliftTable table;
    table.actions = {"none", "call"};
    constexpr std::size_t customers = 100'000;
    for (std::size_t i = 0; i < customers; ++i) {
        table.customer_id.push_back(std::to_string(i));
    }
    table.expected_profit.assign(2 * customers, 0.0);
    table.cost.assign(2 * customers, 0.0);
    for (std::size_t i = 0; i < customers; ++i) {
        table.expected_profit[table.cell(i, 1)] = 0.1;
        table.cost[table.cell(i, 1)] = 0.01;
    }
    OptimizerSettings settings;
    const ActionPlan plan = plan_actions(table, settings);
    Certificate certificate = certify(table, settings, plan);
    EXPECT_EQ(check_certificate(table, plan.action, certificate).mismatches, nothing);
    certificate.profit *= 1.0 + 1e-8;
    EXPECT_THAT(check_certificate(table, plan.action, certificate).mismatches, Contains(HasSubstr("profit is stated")));
}

TEST(Certificate, MakesTheObjectiveItself) {
    UpliftTable table = random_table(200, 5);
    std::mt19937_64 random(6);
    std::uniform_real_distribution<double> amount(0.0, 9.0);
    for (std::size_t cell = 0; cell < table.expected_profit.size(); ++cell) {
        table.expected_profit_se.push_back(cell < table.size() ? 0.0 : amount(random));
        table.clv_cvar.push_back(10.0 + amount(random));
    }
    std::vector<std::uint8_t> current;
    for (std::size_t i = 0; i < table.size(); ++i) {
        current.push_back(static_cast<std::uint8_t>(i % actions));
    }
    OptimizerSettings settings = settings_of_every_kind();
    settings.budget = 200.0;
    settings.customer_risk_weight = 0.4;
    settings.robustness = 0.3;
    settings.switching_penalty = 0.7;
    UpliftTable adjusted = table;
    adjust_objective(adjusted, settings, current);
    const ActionPlan plan = plan_actions(adjusted, settings);
    ASSERT_NE(plan.status, PlanStatus::infeasible);
    const Certificate honest = certify(table, settings, plan, current);
    EXPECT_EQ(check_certificate(table, plan.action, honest, current).mismatches, nothing);
    EXPECT_NEAR(honest.relaxed_bound, plan.relaxed_bound, 1e-5);
    // What the table says of the objective counts for nothing, and no term can be left out or another one named.
    adjusted.objective.assign(adjusted.objective.size(), 1e6);
    EXPECT_EQ(check_certificate(adjusted, plan.action, honest, current).mismatches, nothing);
    for (double Certificate::*term :
         {&Certificate::customer_risk_weight, &Certificate::robustness, &Certificate::switching_penalty}) {
        Certificate tampered = honest;
        tampered.*term *= 0.5;
        EXPECT_THAT(check_certificate(table, plan.action, tampered, current).mismatches,
                    Contains(HasSubstr("objective is stated")));
    }
    UpliftTable other = table;
    other.clv_cvar[other.cell(0, plan.action[0] == 0 ? 1 : plan.action[0])] += 1e5;
    EXPECT_FALSE(check_certificate(other, plan.action, honest, current).mismatches.empty());
    other.clv_cvar.clear();
    EXPECT_THROW((void)check_certificate(other, plan.action, honest, current), InputError);
    EXPECT_THROW((void)check_certificate(table, plan.action, honest, {}), InputError);
}

TEST(Certificate, NothingInfiniteVerifies) {
    UpliftTable table;
    table.actions = {"none", "call"};
    table.customer_id.push_back("A");
    table.customer_id.push_back("B");
    table.expected_profit = {0.0, 0.0, 3.0, 2.0};
    table.cost = {0.0, 0.0, 1.0, 1.0};
    table.clv_cvar = {1.0, 1.0, 2.0, 2.0};
    const std::vector<std::uint8_t> action{1, 1};
    Certificate sound;
    sound.status = PlanStatus::optimal;
    sound.profit = 5.0;
    sound.cost = 2.0;
    sound.customer_risk_weight = 0.5;
    sound.objective = sound.upper_bound = sound.relaxed_bound = 3.5;
    EXPECT_TRUE(check_certificate(table, action, sound, {}).mismatches.empty());
    for (double Certificate::*figure :
         {&Certificate::profit, &Certificate::cost, &Certificate::objective, &Certificate::upper_bound,
          &Certificate::relaxed_bound, &Certificate::relative_gap, &Certificate::customer_risk_weight}) {
        for (const double value : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::quiet_NaN()}) {
            Certificate faulty = sound;
            faulty.*figure = value;
            EXPECT_FALSE(check_certificate(table, action, faulty, {}).mismatches.empty());
        }
    }
    table.expected_profit = {0.0, 0.0, 1.7e308, 1.7e308};  // their sum is beyond a double, and so is every tolerance
    EXPECT_FALSE(check_certificate(table, action, sound, {}).mismatches.empty());
}

}  // namespace
}  // namespace clv
