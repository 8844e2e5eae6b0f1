#pragma once
// What the retail law needs to know: of every customer a purchase history, and of all together the parameters of the
// purchase and spend models and of the calendar they share, in as many draws as their uncertainty is spread over.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/data/tables/column.hpp"
#include "clv/paths/purchase_law.hpp"

namespace clv {

/// Gamma-Gamma spend: p, q, v.
using SpendParameters = std::array<double, 3>;

/// The shared log-intensity of purchases, week by week after the end of observation, under one draw of its parameters:
/// seasonal[w] + level_w + cycle_w for w = 0, 1, .. A week's purchases come at exp of it times their usual rate.
/// level is a random walk, cycle an AR(1) process; both step before the first week.
struct CalendarDraw {
    double level = 0.0;            ///< mean at the end of observation
    double cycle = 0.0;            ///< mean at the end of observation
    double level_sd = 0.0;         ///< of the level at the end of observation
    double cycle_on_level = 0.0;   ///< slope of the cycle on the level's deviation from its mean
    double cycle_sd = 0.0;         ///< of the cycle at the end of observation, given the level
    double persistence = 0.0;      ///< of the cycle, a week
    double cycle_step_sd = 0.0;    ///< a week
    double level_step_sd = 0.0;    ///< a week
    std::vector<double> seasonal;  ///< [week]; the last entry holds on; empty: 0
};

/// Every week is as usual, for certain.
[[nodiscard]] inline bool is_constant(const CalendarDraw& calendar) {
    const bool still = calendar.level == 0.0 && calendar.cycle == 0.0 && calendar.level_sd == 0.0 &&
                       calendar.cycle_sd == 0.0 && calendar.cycle_step_sd == 0.0 && calendar.level_step_sd == 0.0;
    return still && std::ranges::all_of(calendar.seasonal, [](double effect) { return effect == 0.0; });
}

/// One draw of everything that was fitted. The draws of a run are used by equal shares of its paths.
struct RetailDraw {
    PurchaseParameters purchase{};
    SpendParameters spend{};
    CalendarDraw calendar;
    std::vector<double> rate_effects{};     ///< [covariate]: the purchase rate is exp(effects' z) times as high
    std::vector<double> dropout_effects{};  ///< [covariate]: so is dropout
};

struct RetailColumns {
    std::vector<std::uint64_t> id_hash;
    PurchaseLaw law{};
    TimeUnit time_unit = TimeUnit::week;
    std::vector<double> frequency;                ///< x
    std::vector<double> recency;                  ///< t_x, in time units
    std::vector<double> age;                      ///< T, in time units
    std::vector<double> monetary_value;           ///< currency, of repeat purchases; 0 without any
    Column rate_factor;                           ///< the customer's own, on the purchase rate
    Column dropout_factor;                        ///< the customer's own, on dropout
    std::vector<std::vector<double>> covariates;  ///< [covariate][customer]: z of the draws' effects
    Column margin;                                ///< share of revenue
    std::vector<RetailDraw> draws;                ///< at least one
    std::vector<RetailDraw> other_draws;          ///< of fresh paths, then of added ones: as many each; empty: `draws`
    std::vector<std::uint32_t> segment;           ///< index into segments; empty if there are none
    std::vector<std::string> segments;

    [[nodiscard]] std::size_t size() const noexcept { return id_hash.size(); }
    /// Those of the run that a decision is made on (set 0), of the paths it is judged by (1), of added ones (2).
    [[nodiscard]] std::span<const RetailDraw> draws_of(std::size_t set) const noexcept {
        const bool own = set > 0 && other_draws.size() >= set * draws.size();
        return own ? std::span(other_draws).subspan((set - 1) * draws.size(), draws.size()) : std::span(draws);
    }
};

}  // namespace clv
