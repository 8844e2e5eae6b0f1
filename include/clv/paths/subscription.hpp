#pragma once
// The subscription (contractual) path law: how one customer's future unfolds month by month. Written once, for one
// path on the host, one lane of a vector, or one thread of a GPU.
//
//   churn     month L = first t with cumulative hazard >= E, one Exp(1) draw E per customer and path
//   hazard    h_t 2^(sensitivity walk): a good market lowers churn
//   revenue   R_t = base_t G_t, G_t = 2^(own walk + beta market walk - drift (t-1)), so that E[R_t] = base_t
//   value     discounted margin minus costs over the paid months (docs/assumptions.md has every term)
//
// A path is made in three parts, each a header of its own: how long the customer stays under every alternative
// (subscription_lifetime.hpp), how revenue wanders in the months that somebody pays (subscription_revenue.hpp), and
// what that is worth (subscription_path.hpp). Here stand the numbers that they read.

#include <cstddef>
#include <cstdint>

#include "clv/core/units.hpp"
#include "clv/paths/action_law.hpp"
#include "clv/paths/certain_churn.hpp"
#include "clv/paths/path_tables.hpp"
#include "clv/random/brownian_bridge.hpp"
#include "clv/random/samplers.hpp"
#include "clv/random/scrambled_point.hpp"

namespace clv {

/// Where the draws that matter most come from: churn, and the walk of revenue.
enum class PathPoints : std::uint32_t {
    independent,  ///< every draw of every path on its own
    stratified,   ///< churn stratified; every second path of a replicate mirrors the revenue noise of the one before
    sobol,        ///< churn and the anchors of the revenue walk from a scrambled Sobol sequence
    // With the last two the market's walk has anchors too, the most important one in strata.
};

/// What all customers of a run share.
struct SubscriptionRun {
    PathPoints points;
    int horizon_months;
    bool pays_in_churn_month;
    PhiloxKey key;
    std::uint32_t first_path;
    std::uint32_t paths;
    std::uint32_t block_paths;   ///< paths of other points than independent ones are even in blocks of so many
    const float* market;         ///< [grouped_index]: market walk in standard monthly steps; null if nobody needs it
    const float* market_hazard;  ///< [grouped_index]: factor on every hazard; null without hazard sensitivity
    const std::uint32_t* hazard_draw;  ///< [path]: which draw of what was fitted; null where hazards are known
    int action_count;
    ActionLaw actions[max_alternatives - 1];
    BrownianBridge bridge;  ///< of the months 2..horizon, for other points than independent ones
};

/// Value by paid months, 0..horizon, of one customer under one alternative, before the noise of revenue.
struct ValueTable {
    const double* value;   ///< currency, all costs included; with an uncertain volume or price without active revenue
    double active_margin;  ///< what a unit of active revenue is worth beyond the customer's margin
};

/// What a unit of revenue in active months is worth beyond the customer's margin, at these multiples of volume and
/// price.
CLV_HD double active_margin_of(const ActionLaw& action, double margin, double volume, double price) {
    return volume * (action.net_price(price) - (1.0 - margin)) - margin;
}

/// When a customer churns under an action, where hazards are the same in every path: once the plain cumulative hazard
/// reaches draw x inverse_multiplier, or draw + shift if that is beyond the last active month.
struct ChurnThreshold {
    float inverse_multiplier;
    float until_end;  ///< cumulative hazard of the active months; infinite where they do not end before the horizon
    float shift;      ///< (1 - multiplier) until_end
};

/// One customer. Tables are per run and customer.
struct SubscriptionCustomer {
    std::uint32_t id_low;
    std::uint32_t id_high;
    const float* hazard;  ///< [month - 1]
    /// [month - 1]: sum of hazards, padded with infinities (lane::count_below). Null where hazards depend on the path
    /// (market) or a month churns for certain.
    const float* cumulative_hazard;
    ChurnThreshold threshold[max_alternatives];  ///< [alternative], from 1; with cumulative_hazard
    const float* discounted_revenue;             ///< [month - 1]: expected revenue, discounted
    const PhiloxShared* revenue_words;           ///< [block of four months] (subscription_revenue.hpp)
    const double* revenue_value;  ///< [months]: present value of expected revenue in the first months, 0..horizon
    ValueTable value[max_alternatives];
    float own_step;     ///< log2 of revenue per standard monthly step of the customer's walk
    float market_step;  ///< log2 of revenue per standard monthly step of the market walk
    float drift;        ///< log2 of revenue a month that keeps the mean
    float own_drift;    ///< the same in steps of the customer's walk, where it has any
    double margin;
    std::uint32_t eligible;              ///< bit a: the customer may get actions[a]
    const float* inverse_hazard_factor;  ///< [draw]: 1 over the factor on the customer's hazards; with hazard_draw

    [[nodiscard]] CLV_HD bool may_get(int alternative) const {
        return alternative == 0 || (eligible >> (alternative - 1) & 1U) != 0;
    }
};

}  // namespace clv
