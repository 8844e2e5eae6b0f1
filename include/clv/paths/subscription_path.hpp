#pragma once
// Whole paths of the subscription law: draws, months, values. The vectors of the CPU backend and the threads of the
// CUDA kernel call this same function.

#include "clv/paths/subscription.hpp"

namespace clv {

/// Reads the market tables at one path, or at as many following ones as there are lanes.
template <class Real>
struct LoadPaths {
    std::size_t first;  ///< grouped_index of the first path in month 1
    CLV_HD Real operator()(const float* table, int month) const {
        return lane::load(table + first + static_cast<std::size_t>(month - 1) * path_group, Real(0.0F));
    }
};

/// Whole paths `path`, `path` + 1, .. of the subscription law, as many as Real has lanes, of which the first `count`
/// are wanted. Their results go to `sink`:
///   value(alternative, path, value)   value in currency (0 = none), for alternatives the customer is eligible for
///   active(alternative, months)       paid months of one path in which an accepted action was active
///   paid(months)                      paid months of one path under none
///   month(month, growth, pays)        all lanes, month by month, under none
template <class Real, int Alternatives, class Sink>
CLV_HD void simulate_paths(const SubscriptionRun& run, const SubscriptionCustomer& customer, std::uint32_t path,
                           int count, Sink& sink) {
    using Types = lane::Types<Real>;
    using Word = typename Types::Word;
    const Word address = lane::counting_from(run.first_path + path, Word(0U));
    const auto draws = philox<Word>(Word(draw_address(Purpose::churn, 0)), address, Word(customer.id_low),
                                    Word(customer.id_high), run.key_low, run.key_high);
    constexpr int actions = Alternatives - 1;
    Real hazard_multiplier[Alternatives];
    CLV_UNROLL
    for (int a = 0; a < actions; ++a) {
        hazard_multiplier[a] = multiplier_draw<Real>(run, customer, run.actions[a], MultiplierKind::hazard, address);
    }
    SubscriptionLife<Real, Alternatives> life(run, customer, exponential_draw<Real>(draws.word[0]), hazard_multiplier);
    life.live(address, LoadPaths<Real>{grouped_index(path, 1, run.horizon_months)}, sink);

    std::int32_t paid[Types::lanes];
    float noise[Types::lanes];
    double without[Types::lanes];
    const auto months = life.paid(0);
    lane::store(months, paid);
    lane::store(life.noise(months), noise);
    for (int lane = 0; lane < count; ++lane) {
        without[lane] = value_without_action(run, customer, paid[lane], noise[lane]);
        sink.paid(paid[lane]);
        sink.value(0, path + static_cast<std::uint32_t>(lane), without[lane]);
    }
    std::uint32_t acceptance[Types::lanes];
    lane::store(draws.word[1], acceptance);
    CLV_UNROLL
    for (int a = 0; a < actions; ++a) {
        if ((customer.eligible >> a & 1U) == 0) {
            continue;
        }
        const ActionLaw& action = run.actions[a];
        const auto paid_months = life.paid(a + 1);
        const auto active_months = lane::minimum(paid_months, typename Types::Integer(action.duration_months));
        float noise_active[Types::lanes];
        float volume[Types::lanes];
        float price[Types::lanes];
        lane::store(paid_months, paid);
        lane::store(life.noise(paid_months), noise);
        lane::store(life.noise(active_months), noise_active);
        const bool certain_volume = action.multipliers[static_cast<int>(MultiplierKind::revenue)].is_certain();
        const bool certain_price = action.multipliers[static_cast<int>(MultiplierKind::price)].is_certain();
        if (!certain_volume) {
            lane::store(multiplier_draw<Real>(run, customer, action, MultiplierKind::revenue, address), volume);
        }
        if (!certain_price) {
            lane::store(multiplier_draw<Real>(run, customer, action, MultiplierKind::price, address), price);
        }
        for (int lane = 0; lane < count; ++lane) {
            const std::uint32_t to = path + static_cast<std::uint32_t>(lane);
            if (acceptance[lane] >= action.acceptance_threshold) {
                sink.value(a + 1, to, without[lane] - action.cost);
                continue;
            }
            const AlternativeValue result =
                value_with_action(run, customer, action, paid[lane], noise[lane], noise_active[lane],
                                  certain_volume ? action.multipliers[static_cast<int>(MultiplierKind::revenue)].median
                                                 : static_cast<double>(volume[lane]),
                                  certain_price ? action.multipliers[static_cast<int>(MultiplierKind::price)].median
                                                : static_cast<double>(price[lane]));
            sink.active(a + 1, result.active_months);
            sink.value(a + 1, to, result.value);
        }
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
