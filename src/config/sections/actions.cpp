// Keys of [[actions]].

#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<Action> actions_section() {
    using namespace kinds;
    using A = Action;
    return {
        "actions",
        "What may be done for a customer, at most eight besides `none`; one table for each.",
        {
            // The keys of the file stand in its place before any key is stored.
            read_elsewhere<A>(
                {.name = "file",
                 .meaning = "file with the keys of the action (configs/actions/); keys beside it win over the file's",
                 .statistical = false},
                "path"),

            text({.name = "name", .meaning = "required, and distinct; \"none\" may be listed, without effects"},
                 at<&A::name>),
            text({.name = "channel", .meaning = "how customers are reached, such as call or email"}, at<&A::channel>),
            number({.name = "cost", .meaning = "paid today for every customer it is offered to", .unit = "currency"},
                   at<&A::cost>, amount),
            number({.name = "cost_if_accepted", .meaning = "paid today if the customer accepts", .unit = "currency"},
                   at<&A::cost_if_accepted>, amount),
            number({.name = "monthly_cost",
                    .meaning = "paid in every paid month while the action is active",
                    .unit = "currency a month"},
                   at<&A::monthly_cost>, amount),
            number({.name = "monthly_cost_share",
                    .meaning = "the same as a share of the revenue that the customer then pays: 0.05 is cashback of 5%",
                    .unit = "share of revenue"},
                   at<&A::monthly_cost_share>, share),
            number({.name = "acceptance", .meaning = "probability that a customer accepts"}, at<&A::acceptance>, share),
            integer({.name = "duration_months",
                     .meaning = "how long the multipliers act; absent: the horizon",
                     .unit = "months"},
                    at<&A::duration_months>, 1, max_horizon_months),
            multiplier({.name = "hazard_multiplier", .meaning = "factor on the churn hazard"},
                       at<&A::hazard_multiplier>),
            multiplier({.name = "revenue_multiplier", .meaning = "factor on volume: revenue and cost of goods"},
                       at<&A::revenue_multiplier>),
            multiplier({.name = "price_multiplier",
                        .meaning = "factor on the price alone: 0.95 is a discount of 5% of revenue"},
                       at<&A::price_multiplier>),
            text({.name = "eligible", .meaning = "filter over the customers' columns; absent: everybody"},
                 at<&A::eligible>),
        }};
}

}  // namespace clv
