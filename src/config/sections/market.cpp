// Keys of [market].

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

Section<RunConfig> market_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "market",
        "The market factor that all customers share.",
        {
            number({.name = "market.revenue_volatility",
                    .meaning = "log standard deviation of the market factor in revenue",
                    .unit = "per square root of a year"},
                   at<&C::market, &Market::revenue_volatility>, {.low = 0.0, .high = 5.0}),
            number({.name = "market.hazard_sensitivity",
                    .meaning = "hazard is multiplied by exp(-sensitivity x market factor): a good market lowers churn",
                    .unit = "per square root of a year"},
                   at<&C::market, &Market::hazard_sensitivity>, Range{.low = -100.0, .high = 100.0}),
        }};
}

}  // namespace clv
