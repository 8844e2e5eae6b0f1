// Which draws of the parameters the paths of a run use.

#include <gtest/gtest.h>

#include "clv/simulation/backend.hpp"
#include "clv/simulation/retail_setup.hpp"
#include "support/retail_world.hpp"

namespace clv {
namespace {

double mean_of_all(const RetailColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    const SimulationResult result = make_cpu_backend(2)->run(columns, plan, progress);
    double sum = 0.0;
    for (const double mean : result.actions[0].mean) {
        sum += mean;
    }
    return sum;
}

/// Sets whose rates differ tenfold tell which one was used.
TEST(RetailDraws, FreshAndAddedPathsHaveSetsOfTheirOwn) {
    RetailColumns columns = test::mixed_buyers(test::fitted_laws[4], 30);
    columns.frequency.assign(columns.frequency.size(), 0.0);  // so that nothing but the draw says how often they buy
    columns.recency.assign(columns.recency.size(), 0.0);
    for (const double factor : {10.0, 100.0}) {
        for (RetailDraw draw : columns.draws) {
            draw.purchase[0] *= factor;
            columns.other_draws.push_back(draw);
        }
    }
    SimulationPlan plan;
    plan.settings.paths = 500;
    plan.settings.horizon_months = 6;
    const double own = mean_of_all(columns, plan);
    plan.first_path = 500;
    const double fresh = mean_of_all(columns, plan);
    plan.first_path = added_paths_begin;
    const double added = mean_of_all(columns, plan);
    EXPECT_GT(fresh, 1.2 * own);
    EXPECT_GT(added, 1.2 * fresh);

    columns.other_draws.resize(columns.draws.size());  // two sets: added paths share those of the run
    EXPECT_EQ(columns.draws_of(2).data(), columns.draws.data());
    columns.other_draws.clear();
    plan.first_path = 500;
    EXPECT_LT(mean_of_all(columns, plan), 1.1 * own);
}

}  // namespace
}  // namespace clv
