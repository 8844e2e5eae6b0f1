#pragma once
// What to simulate: everything statistical about a run, and nothing about how it is executed.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/paths/retail.hpp"
#include "clv/random/scrambled_point.hpp"

namespace clv {

/// A run compares at most this many actions besides `none`.
inline constexpr int max_actions = 8;

/// Path indices are addresses of random numbers; this many are simulated at most.
inline constexpr std::int64_t max_paths = 134'217'728;

/// First path index of the paths that only some customers have (SimulationSettings::target), counted from the plan's:
/// beyond those that decisions are made on and those they are judged by.
inline constexpr std::uint64_t extra_paths_begin = std::uint64_t{1} << 30;

/// First path index of the paths that customers get whose choice in a plan could turn (optimizer.added_paths).
inline constexpr std::uint64_t added_paths_begin = std::uint64_t{1} << 29;
static_assert(2 * max_paths <= added_paths_begin && added_paths_begin + max_paths <= extra_paths_begin);

/// How the random numbers of a customer's paths hang together.
enum class Sampler {
    philox,      ///< independent paths
    stratified,  ///< churn draws in strata, revenue noise in antithetic pairs
    sobol,       ///< scrambled Sobol points
};

/// Paths of the samplers other than philox come as this many independent replicates, whose spread gives the standard
/// errors: paths are a multiple of it.
inline constexpr std::int64_t path_replicates = replicates;

enum class PrecisionKind {
    relative,  ///< to the magnitude of the customer's mean value
    absolute,  ///< in currency
};

/// Customers get more paths, in rounds, until the standard error of their mean (and of one quantile) is small enough.
struct PrecisionTarget {
    double se = 0.0;  ///< above 0
    PrecisionKind kind = PrecisionKind::relative;
    std::optional<double> quantile;         ///< level that must meet the target too; one of the reported quantiles
    std::optional<std::int64_t> max_paths;  ///< most paths of a customer; absent: 16 times the paths all have
};

/// Whether paths share draws of what was fitted (RetailDraw), which makes them dependent.
enum class SharedDraws {
    none,  ///< nothing that is uncertain
    many,  ///< quasi-random draws, so many that they move the figures of one customer too little to show in its errors
    few,   ///< a set that was found beforehand: bootstrap fits
};

/// Config section [simulation].
struct SimulationSettings {
    std::int64_t paths = 10'000;
    int horizon_months = 36;
    std::uint64_t seed = 1;
    AnnualRate discount_rate{0.10};
    DiscountTiming discount_timing = DiscountTiming::mid;
    ChurnTiming churn_timing = ChurnTiming::end;
    std::vector<double> quantiles{0.05, 0.25, 0.5, 0.75, 0.95};  ///< levels of value; the low end is the bad end
    double cvar_level = 0.05;
    bool uplift_distribution = false;  ///< also take the distribution of every action's profit, and its payback
    bool cashflow = false;             ///< also keep the monthly cash flow of every path's portfolio
    bool attribution = false;          ///< retail: also find what each source contributes to the total's variance
    Sampler sampler = Sampler::philox;
    std::optional<PrecisionTarget> target;         ///< absent: every customer has `paths`
    SharedDraws shared_draws = SharedDraws::none;  ///< no key: the population says it

    /// Most paths that a customer may get.
    [[nodiscard]] std::int64_t most_paths() const noexcept {
        const std::int64_t most = target ? target->max_paths.value_or(std::min(16 * paths, max_paths)) : paths;
        return has_replicates() ? most - most % path_replicates : most;
    }
    /// Whether the sampler's paths come in replicates.
    [[nodiscard]] bool has_replicates() const noexcept { return sampler != Sampler::philox; }
    /// Whether standard errors of a customer's figures come from the spread of the replicates, because its paths are
    /// not independent; and those of sums over customers, where even what moves one of them little adds up.
    [[nodiscard]] bool customers_have_replicates() const noexcept {
        return has_replicates() || shared_draws == SharedDraws::few;
    }
    [[nodiscard]] bool totals_have_replicates() const noexcept {
        return has_replicates() || shared_draws != SharedDraws::none;
    }
};

/// The market factor, one path per path index, shared by every customer (config section [market]).
struct Market {
    double revenue_volatility = 0.0;  ///< log standard deviation per square root of a year
    double hazard_sensitivity = 0.0;  ///< hazard x exp(-sensitivity F), F with unit variance a year
};

/// A factor known up to a lognormal error: median x exp(log_sd Z + customer_log_sd Z'), Z shared by all customers of
/// a path (the same unknown), Z' the customer's own.
struct UncertainMultiplier {
    double median = 1.0;
    double log_sd = 0.0;
    double customer_log_sd = 0.0;
    [[nodiscard]] bool is_certain() const noexcept { return log_sd == 0.0 && customer_log_sd == 0.0; }
};

/// One intervention (config [[actions]]). `cost` is paid when offered, `cost_if_accepted` when accepted, both today;
/// `monthly_cost` in every paid month while active, and with it a share of the revenue that the customer then pays. If
/// accepted, the multipliers act in months 1..duration_months.
struct Action {
    std::string name;
    double cost = 0.0;                   ///< currency
    double cost_if_accepted = 0.0;       ///< currency
    double monthly_cost = 0.0;           ///< currency a month
    double monthly_cost_share = 0.0;     ///< of revenue, 0..1
    double acceptance = 1.0;             ///< probability
    std::optional<int> duration_months;  ///< absent: the whole horizon
    UncertainMultiplier hazard_multiplier;
    UncertainMultiplier revenue_multiplier;  ///< volume: revenue and cost of goods
    UncertainMultiplier price_multiplier;    ///< price alone
    std::string eligible;                    ///< filter over columns; empty: everybody
    std::string channel;                     ///< how customers are reached; empty: not said
};

/// The name of the run as it is, which no scenario may have.
inline constexpr std::string_view base_scenario = "base";

/// Another state of the world (config [[scenarios]]), lived through on the same random numbers.
struct Scenario {
    std::string name;
    double hazard_multiplier = 1.0;
    double revenue_multiplier = 1.0;          ///< volume: revenue and cost of goods
    double price_multiplier = 1.0;            ///< price alone; above 0
    std::optional<AnnualRate> discount_rate;  ///< absent: the run's
    double market_shift = 0.0;  ///< added to the market factor of every month; its unit is the factor's standard
                                ///< deviation over a year
};

struct SimulationPlan {
    SimulationSettings settings;
    Market market;
    std::vector<Action> actions;      ///< without `none`, which is always action 0 of the result; at most max_actions
    std::vector<Scenario> scenarios;  ///< besides the plan as it is
    /// Bit a-1 set: the customer may get actions[a-1]. Empty: every action for everybody.
    std::vector<std::uint8_t> eligible;
    /// First path index: 0 for the run a decision is made on, `settings.paths` for fresh paths that it did not see.
    std::uint64_t first_path = 0;
    /// Action (0 = none) of every customer. When present only customers with an action are simulated, and totals,
    /// profits and standard errors are those of the difference to `none`.
    std::vector<std::uint8_t> assignment;
    /// Retail paths: sources of uncertainty that take their numbers from other paths, and whether a path's draw of the
    /// parameters is a random one. Both are for finding out what each source contributes.
    SourceShifts shifts;
    bool shuffles_draws = false;
    /// Only mean, standard error and sd of every customer are taken: quantiles, CVaR and probability of loss, with
    /// their standard errors, are left NaN.
    bool moments_only = false;
    /// One per path, at least 0, sum 1; empty: none. With weights expected profits, costs and means are sums over paths
    /// of weight x value, exact for the weights that path_weights.hpp makes whole; everything else of a customer is
    /// left NaN. An acceptance counts at its probability in a cost, as ever. Path totals are not weighted.
    std::vector<double> path_weights;

    /// `action` from 1.
    [[nodiscard]] bool is_eligible(std::size_t customer, std::size_t action) const noexcept {
        return eligible.empty() || ((eligible[customer] >> (action - 1)) & 1U) != 0;
    }
};

}  // namespace clv
