#pragma once
// What to simulate: everything statistical about a run, and nothing about how it is executed.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clv/core/units.hpp"

namespace clv {

/// A run compares at most this many actions besides `none`.
inline constexpr int max_actions = 8;

/// Config sections [simulation].
struct SimulationSettings {
    std::int64_t paths = 10'000;
    int horizon_months = 36;
    std::uint64_t seed = 1;
    AnnualRate discount_rate{0.10};
    DiscountTiming discount_timing = DiscountTiming::mid;
    ChurnTiming churn_timing = ChurnTiming::end;
    std::vector<double> quantiles{0.05, 0.25, 0.5, 0.75, 0.95};  ///< levels of value; the low end is the bad end
    double cvar_level = 0.05;
    bool cashflow = false;  ///< also keep the monthly cash flow of every path's portfolio
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
/// `monthly_cost` in every paid month while active. If accepted, the multipliers act in months 1..duration_months.
struct Action {
    std::string name;
    double cost = 0.0;                   ///< currency
    double cost_if_accepted = 0.0;       ///< currency
    double monthly_cost = 0.0;           ///< currency a month
    double acceptance = 1.0;             ///< probability
    std::optional<int> duration_months;  ///< absent: the whole horizon
    UncertainMultiplier hazard_multiplier;
    UncertainMultiplier revenue_multiplier;  ///< volume: revenue and cost of goods
    UncertainMultiplier price_multiplier;    ///< price alone
    std::string eligible;                    ///< filter over columns; empty: everybody
};

struct SimulationPlan {
    SimulationSettings settings;
    Market market;
    std::vector<Action> actions;  ///< without `none`, which is always action 0 of the result; at most max_actions
    /// Bit a-1 set: the customer may get actions[a-1]. Empty: every action for everybody.
    std::vector<std::uint8_t> eligible;
    /// First path index: 0 for the run a decision is made on, `settings.paths` for fresh paths that it did not see.
    std::uint64_t first_path = 0;
    /// Action (0 = none) of every customer. When present only customers with an action are simulated, and totals,
    /// profits and standard errors are those of the difference to `none`.
    std::vector<std::uint8_t> assignment;
};

}  // namespace clv
