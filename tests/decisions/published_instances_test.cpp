// Multiple-choice knapsacks of several dimensions with published optima (Moser, Jokanovic, Shiratori 1997), in the
// order of the file: classes, choices, resources; capacities; then of every class its number and its choices, each a
// value and what it takes of every resource. Exactly one choice of every class must be taken.

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

#include "clv/decisions/solver/optimizer.hpp"
#include "data/reference_data.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

struct Instance {
    UpliftTable table;
    OptimizerSettings settings;
};

Instance read_instance(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::size_t classes = 0;
    std::size_t choices = 0;
    std::size_t resources = 0;
    file >> classes >> choices >> resources;
    Instance instance;
    UpliftTable& table = instance.table;
    table = empty_table(classes, choices);
    for (std::size_t r = 0; r < resources; ++r) {
        double capacity = 0.0;
        file >> capacity;
        if (r == 0) {
            instance.settings.budget = capacity;
            continue;
        }
        const std::string name = "resource_" + std::to_string(r + 1);
        table.further_costs.push_back({name, table.cost});
        instance.settings.limits.emplace_back();
        instance.settings.limits.back().name = name;
        instance.settings.limits.back().column = "cost_" + name;
        instance.settings.limits.back().max = capacity;
    }
    for (std::size_t i = 0; i < classes; ++i) {
        table.expected_profit[table.cell(i, 0)] = std::numeric_limits<double>::quiet_NaN();  // one must be taken
        std::size_t number = 0;
        file >> number;
        for (std::size_t a = 1; a <= choices; ++a) {
            const std::size_t cell = table.cell(i, a);
            file >> table.expected_profit[cell] >> table.cost[cell];
            for (CostColumn& cost : table.further_costs) {
                file >> cost.values[cell];
            }
        }
    }
    EXPECT_TRUE(file.good()) << path;
    instance.settings.exact = true;
    return instance;
}

TEST(PublishedInstances, OptimaAreFoundAndProven) {
    const std::filesystem::path folder = reference_data() / "mckp";
    if (!std::filesystem::exists(folder)) {
        GTEST_SKIP() << folder << " is not there: set CLV_REFERENCE_DATA to the folder of the reference data";
    }
    const std::vector<std::pair<const char*, double>> optima{{"I01", 173.0},  {"I02", 364.0},  {"I03", 1602.0},
                                                             {"I04", 3597.0}, {"I05", 3905.7}, {"I06", 4799.3}};
    for (const auto& [name, optimum] : optima) {
        const Instance instance = read_instance(folder / name);
        const ActionPlan plan = plan_actions(instance.table, instance.settings);
        EXPECT_EQ(plan.status, PlanStatus::optimal) << name;
        EXPECT_NEAR(plan.expected_profit, optimum, 1e-6) << name;
        EXPECT_GE(plan.relaxed_bound, optimum) << name;
        for (const LimitUse& limit : plan.limits) {
            EXPECT_LE(limit.used, *limit.max + 1e-9) << name << " " << limit.name;
        }
        OptimizerSettings quick = instance.settings;
        quick.exact = false;
        const ActionPlan near = plan_actions(instance.table, quick);
        EXPECT_LE(near.expected_profit, optimum + 1e-6) << name;
        EXPECT_GE(near.upper_bound, optimum - 1e-6) << name;
    }
}

}  // namespace
}  // namespace clv
