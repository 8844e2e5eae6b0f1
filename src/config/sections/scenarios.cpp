// Keys of [[scenarios]].

#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<Scenario> scenarios_section() {
    using namespace kinds;
    using S = Scenario;
    constexpr double largest_factor = 1000.0;
    constexpr Range factor{.low = 0.0, .high = largest_factor};
    constexpr Range price{.low = 0.0, .high = largest_factor, .low_open = true};
    constexpr Range shift{.low = -20.0, .high = 20.0};
    Section<S> section{
        "scenarios",
        "States of the world that `clv sweep` compares with the run as it is; one table for each, or for a grid of "
        "them: where keys have lists,\nevery combination is a scenario, called like "
        "`grid hazard_multiplier=1.3 discount_rate=0.12`.",
        {
            text({.name = "name", .meaning = "required, and distinct; \"base\" is the run as it is"}, at<&S::name>),
            number({.name = "hazard_multiplier", .meaning = "factor on every churn hazard"}, at<&S::hazard_multiplier>,
                   factor),
            number({.name = "revenue_multiplier", .meaning = "factor on volume: revenue and cost of goods"},
                   at<&S::revenue_multiplier>, factor),
            number({.name = "price_multiplier",
                    .meaning = "factor on the price alone: 1.05 adds 5% of revenue to the margin"},
                   at<&S::price_multiplier>, price),
            number({.name = "discount_rate",
                    .meaning = "annual discount rate; absent: simulation.discount_rate",
                    .unit = "a year"},
                   at<&S::discount_rate>, discount),
            number({.name = "market_shift",
                    .meaning = "moves the market factor in every month. It acts through market.revenue_volatility and "
                               "market.hazard_sensitivity",
                    .unit = "standard deviations of a year"},
                   at<&S::market_shift>, shift),
        }};
    for (KeyBinding<S>& binding : section.keys) {
        if (binding.key.type == "number") {
            binding.key.type = "number or list of numbers";
        }
    }
    return section;
}

}  // namespace clv
