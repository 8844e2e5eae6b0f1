// A search for prices in which Clp went round in circles for ever: costs that differ by ten powers of ten, of which a
// narrow band is asked.

#include <gtest/gtest.h>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/random_tables.hpp"

namespace clv {
namespace {

TEST(Prices, OfCostsFarApartAreFound) {
    UpliftTable table = empty_table(5, 2);
    const double figures[5][4] = {{0.7, 4.285714285714286e-06, -0.4, 0.042857142857142864},
                                  {0.0, 2.857142857142857e-08, 0.6, 1.4285714285714284e-08},
                                  {0.1, 1.1428571428571429e-05, -0.2, 8.571428571428573e-06},
                                  {0.7, 0.0, 0.5, 1.4285714285714287e-15},
                                  {-0.1, 0.00014285714285714287, -0.3, 8.571428571428573e-09}};
    for (std::size_t i = 0; i < table.size(); ++i) {
        for (std::size_t a = 1; a <= 2; ++a) {
            table.expected_profit[table.cell(i, a)] = figures[i][2 * a - 2];
            table.cost[table.cell(i, a)] = figures[i][2 * a - 1];
        }
    }
    OptimizerSettings settings;
    settings.exact = true;
    settings.budget = 0.00015858571428714288;
    settings.limits.emplace_back();
    settings.limits.back().name = "all of it";
    settings.limits.back().min = settings.budget;
    const ActionPlan plan = plan_actions(table, settings);
    ASSERT_NE(plan.status, PlanStatus::infeasible);
    EXPECT_NEAR(plan.cost, *settings.budget, 1.0e-18);
}

}  // namespace
}  // namespace clv
