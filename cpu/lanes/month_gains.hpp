#pragma once
// What an action adds to the expected cash of every month, costs included: the steps of the value of a path from one
// month to the next, with the action minus without. Compiled once per instruction set.

#include "clv/paths/retail.hpp"
#include "clv/paths/subscription.hpp"
#include "cpu/blocks/path_block.hpp"
#include "weighted_sum.hpp"

namespace clv::cpu {

namespace {

/// A chunk of subscription paths under one action, as if everybody accepted.
struct MonthPaths {
    const std::int32_t* paid;
    const std::int32_t* paid_under_none;
    const std::uint32_t* acceptance;  ///< words
    const float* volume;              ///< where volume and price are drawn
    const float* price;
    const std::uint32_t* ones;  ///< 1 for every path
    const float* noise;         ///< [month][path of the chunk]
};

/// Adds the gains of `count` paths, today's in entry 0. False if one of them is out of range.
[[maybe_unused]] bool add_month_gains(const SubscriptionRun& run, const SubscriptionCustomer& customer, int alternative,
                                      int count, const MonthPaths& paths, AddUp add_up, AlternativePaths& to) {
    const ActionLaw& action = run.actions[alternative - 1];
    const ValueTable& without = customer.value[0];
    const ValueTable& with = customer.value[alternative];
    const bool is_drawn = !action.has_certain_revenue();
    const double margin = customer.margin;
    double gain[chunk_paths];
    double active_margin[chunk_paths];
    std::int32_t paid[chunk_paths];  // 0 months where the action is declined: nothing changes there
    std::int32_t paid_under_none[chunk_paths];
    std::int32_t longest = 0;
    for (int at = 0; at < count; ++at) {
        const bool accepted = paths.acceptance[at] < action.acceptance_threshold;
        gain[at] = accepted ? with.value[0] - without.value[0] : -action.cost;
        paid[at] = accepted ? paths.paid[at] : 0;
        paid_under_none[at] = accepted ? paths.paid_under_none[at] : 0;
        longest = longest < paid[at] ? paid[at] : longest;
        longest = longest < paid_under_none[at] ? paid_under_none[at] : longest;
        active_margin[at] = is_drawn ? active_margin_of(action, margin, static_cast<double>(paths.volume[at]),
                                                        static_cast<double>(paths.price[at]))
                                     : with.active_margin;
    }
    for (int month = 0;; ++month) {
        if (!add_weighted(add_up, gain, paths.ones, count, to.scale, to.month_gain[month])) {
            return false;
        }
        if (month == longest) {
            return true;
        }
        const int next = month + 1;
        const double step = with.value[next] - with.value[month];
        const double step_without = without.value[next] - without.value[month];
        // with certain revenue it is in the table
        const double revenue = is_drawn ? customer.revenue_value[next] - customer.revenue_value[month] : 0.0;
        const bool is_active = next <= action.duration_months;
        const float* noise = paths.noise + next * chunk_paths;
        const float* noise_before = noise - chunk_paths;
        CLV_VECTOR_LOOP
        for (int at = 0; at < count; ++at) {
            const double drawn = static_cast<double>(noise[at]) - static_cast<double>(noise_before[at]);
            const double active = is_active ? active_margin[at] * (revenue + drawn) : 0.0;
            const double cash = step + (margin * drawn + active);
            const double cash_without = step_without + margin * drawn;
            gain[at] = (next <= paid[at] ? cash : 0.0) - (next <= paid_under_none[at] ? cash_without : 0.0);
        }
    }
}

/// Adds a discounted sum of one path in a month, 0 for today. False if it is out of range.
[[maybe_unused]] CLV_HD bool add_month_gain(double value, int month, AlternativePaths& to) {
    const double scaled = value * to.scale;
    const bool fits = __builtin_fabs(scaled) < 0x1p61;
    to.month_gain[month] += fits ? __builtin_llrint(scaled) : 0;
    return fits;
}

/// What an action costs a retail path, month by month.
[[maybe_unused]] bool add_month_costs(const ActionLaw& law, bool is_accepted, int active_months, const double* annuity,
                                      AlternativePaths& to) {
    bool fits = add_month_gain(is_accepted ? -(law.cost + law.cost_if_accepted) : -law.cost, 0, to);
    for (int month = 1; is_accepted && law.monthly_cost != 0.0 && month <= active_months; ++month) {
        fits = add_month_gain(-law.monthly_cost * (annuity[month] - annuity[month - 1]), month, to) && fits;
    }
    return fits;
}

}  // namespace

}  // namespace clv::cpu
