// Keys of [optimizer].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::int64_t max_frontier_points = 65'535;

}  // namespace

Section<RunConfig> optimizer_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "optimizer",
        "How the plan is chosen.",
        {
            path({.name = "optimizer.uplift",
                  .meaning =
                      "uplift CSV to plan from as it is: customer_id, action, expected_profit, cost[, cost_NAME "
                      "..][, expected_profit_se][, added_months][, clv_cvar05][, segment]; absent: optimizer.results"},
                 at<&C::optimizer, &OptimizerSettings::uplift>),
            path({.name = "optimizer.results",
                  .meaning = "folder of results to plan from, or its results.h5; absent: output.dir"},
                 at<&C::optimizer, &OptimizerSettings::results>),
            path({.name = "optimizer.current",
                  .meaning = "CSV of what is done today: customer_id, action, such as an earlier plan.csv; the plan is "
                             "compared with it"},
                 at<&C::optimizer, &OptimizerSettings::current>),
            number({.name = "optimizer.budget",
                    .meaning = "cap on the expected present value of the actions' costs; absent: no cap",
                    .unit = "currency"},
                   at<&C::optimizer, &OptimizerSettings::budget>, total),
            boolean({.name = "optimizer.require_choice",
                     .meaning = "uplift CSV: a customer without a row `none` must get one of the actions listed"},
                    at<&C::optimizer, &OptimizerSettings::require_choice>),
            boolean({.name = "optimizer.exact", .meaning = "search until the plan is proven optimal, or too hard"},
                    at<&C::optimizer, &OptimizerSettings::exact>),
            choice({.name = "optimizer.objective",
                    .meaning = "what is maximised: expected profit, or (1 - risk_weight) mean + risk_weight CVaR of "
                               "the value of all customers together under the plan"},
                   at<&C::optimizer, &OptimizerSettings::objective>,
                   {{"profit", Objective::profit}, {"mean_cvar", Objective::mean_cvar}}),
            number({.name = "optimizer.risk_weight", .meaning = "for objective = \"mean_cvar\": weight of CVaR"},
                   at<&C::optimizer, &OptimizerSettings::risk_weight>, share),
            number({.name = "optimizer.customer_risk_weight",
                    .meaning = "weight in the choice of every customer's own risk: (1 - weight) profit + weight x what "
                               "the action changes of the CVaR of the customer's value"},
                   at<&C::optimizer, &OptimizerSettings::customer_risk_weight>, share),
            number({.name = "optimizer.robustness",
                    .meaning = "standard errors that are taken off the profit of every action before one is chosen",
                    .unit = "standard errors"},
                   at<&C::optimizer, &OptimizerSettings::robustness>, {.low = 0.0, .high = 1.0e6}),
            number(
                {.name = "optimizer.switching_penalty",
                 .meaning = "charged in the choice for an action that is not the customer's in optimizer.current: the "
                            "plan stays where little is to be gained",
                 .unit = "currency"},
                at<&C::optimizer, &OptimizerSettings::switching_penalty>, amount),
            integer(
                {.name = "optimizer.added_paths",
                 .meaning = "customers whose choice could turn, because another action comes closer to the best than "
                            "2 standard errors, get so many more paths before the plan is made; 0: nobody. It needs "
                            "simulation.sampler = \"philox\"",
                 .unit = "paths"},
                at<&C::optimizer, &OptimizerSettings::added_paths>, 0, max_paths),
            integer({.name = "optimizer.frontier_points", .meaning = "most points of frontier.csv", .unit = "points"},
                    at<&C::optimizer, &OptimizerSettings::frontier_points>, 2, max_frontier_points),
        }};
}

}  // namespace clv
