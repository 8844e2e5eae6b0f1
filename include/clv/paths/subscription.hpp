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
#include "clv/paths/certain_churn.hpp"
#include "clv/random/brownian_bridge.hpp"
#include "clv/random/samplers.hpp"
#include "clv/random/scrambled_point.hpp"

namespace clv {

inline constexpr int max_alternatives = 9;  // `none` and max_actions others

/// Tables of paths and months stand in groups of 16 paths, month after month within a group: a vector of paths then
/// goes through one stretch of memory instead of touching every month's row.
inline constexpr std::uint32_t path_group = 16;

CLV_HD std::size_t grouped_index(std::uint32_t path, int month, int horizon_months) {
    const std::size_t row = static_cast<std::size_t>(path / path_group) * static_cast<std::size_t>(horizon_months) +
                            static_cast<std::size_t>(month - 1);
    return row * path_group + path % path_group;
}

CLV_HD std::size_t grouped_entries(std::uint32_t paths, int horizon_months) {
    return static_cast<std::size_t>((paths + path_group - 1) / path_group) * path_group *
           static_cast<std::size_t>(horizon_months);
}

/// Backends simulate whole vectors: tables and buffers by path have room for this many paths more than are wanted.
inline constexpr std::uint32_t path_padding = 64;

/// A multiplier median x 2^(shared_log2_sd Z + customer_log2_sd Z').
struct MultiplierLaw {
    double median;
    float shared_log2_sd;
    float customer_log2_sd;
    [[nodiscard]] CLV_HD bool is_certain() const { return shared_log2_sd == 0.0F && customer_log2_sd == 0.0F; }
};

enum class MultiplierKind : std::uint32_t { hazard = 0, revenue = 1, price = 2 };

/// An action as the law needs it. Money in currency, at time 0 or per month.
struct ActionLaw {
    std::uint64_t acceptance_threshold;  ///< accepted if the draw's word is below: acceptance x 2^32
    double cost;
    double cost_if_accepted;
    double monthly_cost;
    MultiplierLaw multipliers[3];     ///< by MultiplierKind
    float inverse_hazard_multiplier;  ///< 1 / median; infinite where the median is 0
    std::uint32_t name_low;           ///< hash of the name: address of the shared effect
    std::uint32_t name_high;
    int duration_months;

    [[nodiscard]] CLV_HD const MultiplierLaw& multiplier(MultiplierKind kind) const {
        return multipliers[static_cast<int>(kind)];
    }
    /// Volume and price are numbers, so that the value of the paid months is a table.
    [[nodiscard]] CLV_HD bool has_certain_revenue() const {
        return multiplier(MultiplierKind::revenue).is_certain() && multiplier(MultiplierKind::price).is_certain();
    }
    [[nodiscard]] CLV_HD bool is_always_accepted() const { return acceptance_threshold > 0xffffffffU; }
};

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
    int action_count;
    ActionLaw actions[max_alternatives - 1];
    BrownianBridge bridge;  ///< of the months 2..horizon, for other points than independent ones
};

/// Value by paid months, 0..horizon, of one customer under one alternative, before the noise of revenue.
struct ValueTable {
    const double* value;   ///< currency, all costs included; with an uncertain volume or price without active revenue
    double active_margin;  ///< what a unit of active revenue is worth beyond the customer's margin
};

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
    std::uint32_t eligible;  ///< bit a: the customer may get actions[a]

    [[nodiscard]] CLV_HD bool may_get(int alternative) const {
        return alternative == 0 || (eligible >> (alternative - 1) & 1U) != 0;
    }
};

/// log2 of an uncertain multiplier over its median.
template <class Real>
CLV_HD_CALL Real multiplier_exponent(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                                     const ActionLaw& action, MultiplierKind kind,
                                     typename lane::Types<Real>::Word path_address) {
    using Word = typename lane::Types<Real>::Word;
    const MultiplierLaw& law = action.multiplier(kind);
    Real exponent(0.0F);
    if (law.shared_log2_sd != 0.0F) {
        const auto block = philox_paths<Word>(draw_address(Purpose::shared_effect, static_cast<std::uint32_t>(kind)),
                                              path_address, action.name_low, action.name_high, run.key);
        exponent = Real(law.shared_log2_sd) * normal_pair<Real>(block.word[0], block.word[1]).first;
    }
    if (law.customer_log2_sd != 0.0F) {
        const std::uint32_t index = (action.name_low & 0x003fffffU) << 2 | static_cast<std::uint32_t>(kind);
        const auto block = philox_paths<Word>(draw_address(Purpose::customer_effect, index), path_address,
                                              customer.id_low, customer.id_high, run.key);
        exponent =
            lane::fused(Real(law.customer_log2_sd), normal_pair<Real>(block.word[0], block.word[1]).first, exponent);
    }
    return exponent;
}

template <class Real>
CLV_HD Real multiplier_draw(const SubscriptionRun& run, const SubscriptionCustomer& customer, const ActionLaw& action,
                            MultiplierKind kind, typename lane::Types<Real>::Word path_address) {
    const MultiplierLaw& law = action.multiplier(kind);
    const Real median(static_cast<float>(law.median));
    return law.is_certain() ? median
                            : median * exp2(multiplier_exponent<Real>(run, customer, action, kind, path_address));
}

}  // namespace clv
