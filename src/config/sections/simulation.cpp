// Keys of [simulation].

#include <optional>
#include <utility>

#include "clv/config/config.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

/// A member of the precision target, which is there once one of its keys is. Whether it is complete is checked at the
/// end.
template <auto Member>
struct TargetFunctions {
    using Inner = MemberFunctions<Member>;

    static void set(void* owner, typename Inner::Value value) {
        auto& target = static_cast<RunConfig*>(owner)->simulation.target;
        if (!target) {
            target.emplace();
        }
        Inner::set(&*target, std::move(value));
    }
    static std::optional<typename Inner::Value> get(const void* owner) {
        const auto& target = static_cast<const RunConfig*>(owner)->simulation.target;
        return target ? Inner::get(&*target) : std::nullopt;
    }
};

template <auto Member>
constexpr MemberSlot<RunConfig, typename MemberFunctions<Member>::Value, typename MemberFunctions<Member>::Member>
    in_target{{&TargetFunctions<Member>::set, &TargetFunctions<Member>::get}};

}  // namespace

Section<RunConfig> simulation_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "simulation",
        "What is simulated and reported.",
        {
            integer({.name = "simulation.paths", .meaning = "Monte Carlo paths of every customer", .unit = "paths"},
                    at<&C::simulation, &SimulationSettings::paths>, 1, max_paths),
            integer({.name = "simulation.horizon_months",
                     .meaning = "how far into the future value counts",
                     .unit = "months"},
                    at<&C::simulation, &SimulationSettings::horizon_months>, 1, max_horizon_months),
            integer({.name = "simulation.seed",
                     .meaning = "seed of the random numbers; the same seed gives the same bytes"},
                    at<&C::simulation, &SimulationSettings::seed>, 0, largest_seed),
            number({.name = "simulation.discount_rate",
                    .meaning = "annual discount rate, 0.10 is ten percent",
                    .unit = "a year"},
                   at<&C::simulation, &SimulationSettings::discount_rate, &AnnualRate::value>, discount),
            choice({.name = "simulation.discount_timing", .meaning = "when within its month cash is paid"},
                   at<&C::simulation, &SimulationSettings::discount_timing>,
                   {{"start", DiscountTiming::start}, {"mid", DiscountTiming::mid}, {"end", DiscountTiming::end}}),
            choice({.name = "simulation.churn_timing",
                    .meaning = "end: who churns in a month has paid it; start: has not"},
                   at<&C::simulation, &SimulationSettings::churn_timing>,
                   {{"start", ChurnTiming::start}, {"end", ChurnTiming::end}}),
            increasing_numbers(
                {.name = "simulation.quantiles", .meaning = "levels of value to report; the low end is the bad end"},
                at<&C::simulation, &SimulationSettings::quantiles>, level),
            number({.name = "simulation.cvar_level", .meaning = "CVaR is the mean of this worst share of value"},
                   at<&C::simulation, &SimulationSettings::cvar_level>, level),
            boolean({.name = "simulation.uplift_distribution",
                     .meaning = "also report quantiles, CVaR and probability of gain of every action's profit and its "
                                "payback month (uplift.csv); costs time, and runs on the CPU"},
                    at<&C::simulation, &SimulationSettings::uplift_distribution>),
            boolean({.name = "simulation.cashflow", .meaning = "also report the monthly cash flow (cashflow.csv)"},
                    at<&C::simulation, &SimulationSettings::cashflow>),
            boolean({.name = "simulation.attribution",
                     .meaning =
                         "customers without a contract: also split the variance of the total by source (sources.csv) "
                         "in six further simulations"},
                    at<&C::simulation, &SimulationSettings::attribution>),
            choice({.name = "simulation.sampler",
                    .meaning = "how paths are drawn: independent; churn in strata and revenue in antithetic pairs; or "
                               "scrambled Sobol points. With the last two simulation.paths is a multiple of 16"},
                   at<&C::simulation, &SimulationSettings::sampler>,
                   {{"philox", Sampler::philox}, {"stratified", Sampler::stratified}, {"sobol", Sampler::sobol}}),
            number({.name = "simulation.target_se",
                    .meaning = "customers get more paths until the standard error of their "
                               "mean is at most this; absent: everybody has simulation.paths",
                    .unit = "share of the mean, or currency"},
                   in_target<&PrecisionTarget::se>,
                   {.low = magnitudes::smallest_amount, .high = magnitudes::largest_amount}),
            choice({.name = "simulation.target_se_kind",
                    .meaning = "target_se is relative to the customer's mean (if absent), or absolute, in currency"},
                   in_target<&PrecisionTarget::kind>,
                   {{"relative", PrecisionKind::relative}, {"absolute", PrecisionKind::absolute}}),
            number({.name = "simulation.target_se_quantile",
                    .meaning = "level, one of simulation.quantiles, whose standard error must meet the target too"},
                   in_target<&PrecisionTarget::quantile>, level),
            integer({.name = "simulation.max_paths",
                     .meaning = "most paths that a customer gets to meet target_se; absent: 16 "
                                "times simulation.paths",
                     .unit = "paths"},
                    in_target<&PrecisionTarget::max_paths>, 1, max_paths),
        }};
}

}  // namespace clv
