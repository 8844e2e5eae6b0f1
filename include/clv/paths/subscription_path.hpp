#pragma once
// One whole path of the subscription law, for one thread: draws, months, values. The host loop and the CUDA kernel
// call this same function.

#include "clv/paths/subscription.hpp"

namespace clv {

/// Reads the market tables at one path.
struct LoadOnePath {
    std::uint32_t path;  ///< from 0
    std::uint32_t paths;
    CLV_HD float operator()(const float* table, int month) const {
        return table[static_cast<std::size_t>(month - 1) * paths + path];
    }
};

/// A multiplier of revenue or price: its median in double where it is certain, else a draw.
CLV_HD double value_multiplier(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                               const ActionLaw& action, MultiplierKind kind, std::uint32_t path_address) {
    const MultiplierLaw& law = action.multipliers[static_cast<int>(kind)];
    if (law.shared_log2_sd == 0.0F && law.customer_log2_sd == 0.0F) {
        return law.median;
    }
    return static_cast<double>(multiplier_draw<float>(run, customer, action, kind, path_address));
}

/// Where a path's results go. `value(a, v)`: value under alternative a (0 = none). `active(a, months)`: paid months in
/// which an accepted action a was active, counted for its monthly cost. `paid(months)`: paid months under none.
template <class Sink>
CLV_HD void simulate_path(const SubscriptionRun& run, const SubscriptionCustomer& customer, std::uint32_t path,
                          Sink& sink) {
    const std::uint32_t address = run.first_path + path;
    const auto draws = philox<std::uint32_t>(draw_address(Purpose::churn, 0), address, customer.id_low,
                                             customer.id_high, run.key_low, run.key_high);
    const auto churn_draw = exponential_draw<float>(draws.word[0]);

    float hazard_multiplier[max_alternatives - 1];
    for (int a = 0; a < run.action_count; ++a) {
        hazard_multiplier[a] = multiplier_draw<float>(run, customer, run.actions[a], MultiplierKind::hazard, address);
    }
    AlternativeMonths<float> months[max_alternatives];
    simulate_months<float>(run, customer, address, churn_draw, hazard_multiplier, LoadOnePath{path, run.paths}, sink,
                           months);

    const double without = value_without_action(run, customer, months[0].paid, months[0].noise);
    sink.paid(months[0].paid);
    sink.value(0, without);
    for (int a = 0; a < run.action_count; ++a) {
        if ((customer.eligible >> a & 1U) == 0) {
            continue;
        }
        const ActionLaw& action = run.actions[a];
        if (draws.word[1] >= action.acceptance_threshold) {
            sink.value(a + 1, without - action.cost);
            continue;
        }
        const double volume = value_multiplier(run, customer, action, MultiplierKind::revenue, address);
        const double price = value_multiplier(run, customer, action, MultiplierKind::price, address);
        const AlternativeMonths<float>& lived = months[a + 1];
        const AlternativeValue result =
            value_with_action(run, customer, action, lived.paid, lived.noise, lived.noise_active, volume, price);
        sink.active(a + 1, result.active_months);
        sink.value(a + 1, result.value);
    }
}

/// Standard monthly steps of the market walk of one path, summed: F in units of sqrt(1/12), 0 in month 1.
/// Calls `store(month, walk)` for months 1..horizon.
template <class Store>
CLV_HD void market_walk(std::uint32_t key_low, std::uint32_t key_high, std::uint32_t path_address, int horizon_months,
                        Store store) {
    float walk = 0.0F;
    float normals[4] = {0.0F, 0.0F, 0.0F, 0.0F};
    store(1, walk);
    for (int month = 2; month <= horizon_months; ++month) {
        const int step = month - 2;
        if (step % 4 == 0) {
            const auto block =
                philox<std::uint32_t>(draw_address(Purpose::market, static_cast<std::uint32_t>(step / 4)), path_address,
                                      0U, 0U, key_low, key_high);
            const auto early = normal_pair<float>(block.word[0], block.word[1]);
            const auto late = normal_pair<float>(block.word[2], block.word[3]);
            normals[0] = early.first;
            normals[1] = early.second;
            normals[2] = late.first;
            normals[3] = late.second;
        }
        walk = walk + normals[step % 4];
        store(month, walk);
    }
}

}  // namespace clv
