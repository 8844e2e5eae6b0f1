#pragma once
// The subscription (contractual) path law: how one customer's future unfolds month by month. Written once, for one
// path on the host, one lane of a vector, or one thread of a GPU.
//
//   churn     month L = first t with cumulative hazard >= E, one Exp(1) draw E per customer and path
//   hazard    h_t 2^(sensitivity walk): a good market lowers churn
//   revenue   R_t = base_t G_t, G_t = 2^(own walk + beta market walk - drift (t-1)), so that E[R_t] = base_t
//   value     discounted margin minus costs over the paid months (docs/assumptions.md has every term)
//
// Two rearrangements keep it short and exact. Discounted revenue is its expectation, a table in double, plus the sum
// of base_t (G_t - 1) in float: without volatility the result is the table's. And a hazard multiplier m in months
// 1..D does not need a cumulative hazard of its own: m H(t) >= E is H(t) >= E/m while t <= D, and
// m H(D) + H(t) - H(D) >= E is H(t) >= E + (1 - m) H(D) afterwards.

#include <cstddef>
#include <cstdint>

#include "clv/random/samplers.hpp"

namespace clv {

inline constexpr int max_alternatives = 9;  // `none` and max_actions others

/// A multiplier median x 2^(shared_log2_sd Z + customer_log2_sd Z').
struct MultiplierLaw {
    double median;
    float shared_log2_sd;
    float customer_log2_sd;
};

enum class MultiplierKind : std::uint32_t { hazard = 0, revenue = 1, price = 2 };

/// An action as the law needs it. Money in currency, at time 0 or per month.
struct ActionLaw {
    std::uint64_t acceptance_threshold;  ///< accepted if the draw's word is below: acceptance x 2^32
    double cost;
    double cost_if_accepted;
    double monthly_cost;
    MultiplierLaw multipliers[3];  ///< by MultiplierKind
    std::uint32_t name_low;        ///< hash of the name: address of the shared effect
    std::uint32_t name_high;
    int duration_months;
};

/// What all customers of a run share.
struct SubscriptionRun {
    int horizon_months;
    bool pays_in_churn_month;
    std::uint32_t key_low;
    std::uint32_t key_high;
    std::uint32_t first_path;
    std::uint32_t paths;
    const float* market;         ///< [month - 1][path]: market walk in standard monthly steps; null if nobody needs it
    const float* market_hazard;  ///< [month - 1][path]: factor on every hazard; null without hazard sensitivity
    const double* annuity;       ///< [months]: present value of 1 in each of the first months, 0..horizon
    int action_count;
    ActionLaw actions[max_alternatives - 1];
};

/// One customer. Tables are per run and customer.
struct SubscriptionCustomer {
    std::uint32_t id_low;
    std::uint32_t id_high;
    const float* hazard;              ///< [month - 1]
    const float* discounted_revenue;  ///< [month - 1]: expected revenue, discounted
    const double* revenue_value;      ///< [months]: present value of expected revenue in the first months, 0..horizon
    float own_step;                   ///< log2 of revenue per standard monthly step of the customer's walk
    float market_step;                ///< log2 of revenue per standard monthly step of the market walk
    float drift;                      ///< log2 of revenue a month that keeps the mean
    double margin;
    double retention_cost;
    double acquisition_cost;
    std::uint32_t eligible;  ///< bit a: the customer may get actions[a]
};

/// How one alternative ended on one path.
template <class Real>
struct AlternativeMonths {
    typename lane::Types<Real>::Integer paid;  ///< months paid, 0..horizon
    Real noise;                                ///< sum of base_t (G_t - 1) over the paid months
    Real noise_active;                         ///< the same over the paid months in which the action is active
};

/// No cash-flow record is kept.
struct NoMonthSink {
    template <class Real, class Mask>
    CLV_HD void month(int /*month*/, Real /*growth*/, Mask /*pays*/) const {}
};

template <class Real>
CLV_HD Real multiplier_draw(const SubscriptionRun& run, const SubscriptionCustomer& customer, const ActionLaw& action,
                            MultiplierKind kind, typename lane::Types<Real>::Word path) {
    using Word = typename lane::Types<Real>::Word;
    const MultiplierLaw& law = action.multipliers[static_cast<int>(kind)];
    Real exponent(0.0F);
    if (law.shared_log2_sd != 0.0F) {
        const auto block = philox<Word>(Word(draw_address(Purpose::shared_effect, static_cast<std::uint32_t>(kind))),
                                        path, Word(action.name_low), Word(action.name_high), run.key_low, run.key_high);
        exponent = Real(law.shared_log2_sd) * normal_pair<Real>(block.word[0], block.word[1]).first;
    }
    if (law.customer_log2_sd != 0.0F) {
        const std::uint32_t index = (action.name_low & 0x003fffffU) << 2 | static_cast<std::uint32_t>(kind);
        const auto block = philox<Word>(Word(draw_address(Purpose::customer_effect, index)), path,
                                        Word(customer.id_low), Word(customer.id_high), run.key_low, run.key_high);
        exponent =
            lane::fused(Real(law.customer_log2_sd), normal_pair<Real>(block.word[0], block.word[1]).first, exponent);
    }
    return Real(static_cast<float>(law.median)) * exp2(exponent);
}

/// Lives through the months of one path (or one vector of paths) under every alternative at once, on the same random
/// numbers. `path` counts from run.first_path; `market` and `market_hazard` are the run's columns for that path.
/// hazard_multiplier[a] belongs to actions[a]; result[0] is none, result[a + 1] is actions[a].
template <class Real, class LoadMonth, class Sink>
CLV_HD void simulate_months(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                            typename lane::Types<Real>::Word path_address, Real churn_draw,
                            const Real* hazard_multiplier, LoadMonth load, Sink& sink,
                            AlternativeMonths<Real>* result) {
    using lane::fused;
    using Types = lane::Types<Real>;
    using Word = typename Types::Word;
    using Integer = typename Types::Integer;
    using Mask = typename Types::Mask;

    const int alternatives = run.action_count + 1;
    Real threshold[max_alternatives];
    Mask alive[max_alternatives];
    for (int a = 0; a < alternatives; ++a) {
        threshold[a] = a == 0 ? churn_draw : churn_draw / hazard_multiplier[a - 1];
        alive[a] = Mask(true);
        result[a].paid = Integer(run.horizon_months);
        result[a].noise = Real(0.0F);
        result[a].noise_active = Real(0.0F);
    }

    Real walk(0.0F);   // own walk minus drift, in log2 of revenue
    Real noise(0.0F);  // sum of base_t (G_t - 1)
    Real hazard(0.0F);
    NormalPair<Real> early{Real(0.0F), Real(0.0F)};
    NormalPair<Real> late{Real(0.0F), Real(0.0F)};
    const bool noisy = customer.own_step != 0.0F || customer.market_step != 0.0F;

    for (int month = 1; month <= run.horizon_months; ++month) {
        const Real noise_before = noise;
        Real growth(1.0F);
        if (noisy && month > 1) {
            const int step = month - 2;
            if (customer.own_step != 0.0F) {
                if (step % 4 == 0) {
                    const auto block = philox<Word>(
                        Word(draw_address(Purpose::revenue, static_cast<std::uint32_t>(step / 4))), path_address,
                        Word(customer.id_low), Word(customer.id_high), run.key_low, run.key_high);
                    early = normal_pair<Real>(block.word[0], block.word[1]);
                    late = normal_pair<Real>(block.word[2], block.word[3]);
                }
                const Real normal = step % 4 == 0   ? early.first
                                    : step % 4 == 1 ? early.second
                                    : step % 4 == 2 ? late.first
                                                    : late.second;
                walk = fused(Real(customer.own_step), normal, walk);
            }
            walk = walk - Real(customer.drift);
            const Real exponent =
                customer.market_step != 0.0F ? fused(Real(customer.market_step), load(run.market, month), walk) : walk;
            growth = exp2(exponent);
            noise = fused(Real(customer.discounted_revenue[month - 1]), growth - Real(1.0F), noise);
        }

        // An action that ended last month: from here on its customers face the plain hazard again.
        for (int a = 1; a < alternatives; ++a) {
            if (month == run.actions[a - 1].duration_months + 1) {
                threshold[a] = fused(Real(1.0F) - hazard_multiplier[a - 1], hazard, churn_draw);
                result[a].noise_active = lane::select(alive[a], noise_before, result[a].noise_active);
            }
        }

        const Real monthly = Real(customer.hazard[month - 1]);
        hazard =
            run.market_hazard != nullptr ? fused(monthly, load(run.market_hazard, month), hazard) : hazard + monthly;
        const Mask paying_before = alive[0];
        Mask any_alive(false);
        for (int a = 0; a < alternatives; ++a) {
            const Mask churns = alive[a] & (hazard >= threshold[a]);
            const Real noise_paid = run.pays_in_churn_month ? noise : noise_before;
            result[a].paid = lane::select(churns, Integer(run.pays_in_churn_month ? month : month - 1), result[a].paid);
            result[a].noise = lane::select(churns, noise_paid, result[a].noise);
            if (a > 0 && month <= run.actions[a - 1].duration_months) {
                result[a].noise_active = lane::select(churns, noise_paid, result[a].noise_active);
            }
            alive[a] = alive[a] & !churns;
            any_alive = any_alive | alive[a];
        }
        sink.month(month, growth, run.pays_in_churn_month ? paying_before : alive[0]);
        if (!lane::any(any_alive)) {
            break;
        }
    }

    for (int a = 0; a < alternatives; ++a) {
        result[a].noise = lane::select(alive[a], noise, result[a].noise);
        if (a > 0 && run.actions[a - 1].duration_months >= run.horizon_months) {
            result[a].noise_active = lane::select(alive[a], noise, result[a].noise_active);
        }
    }
}

/// Value of one path under one alternative, and the paid months in which its action was active.
struct AlternativeValue {
    double value;
    int active_months;
};

/// Adds up one path: expected revenue of the paid months plus its noise, at the margin, minus costs.
CLV_HD double value_without_action(const SubscriptionRun& run, const SubscriptionCustomer& customer, int paid,
                                   float noise) {
    const double revenue = customer.revenue_value[paid] + static_cast<double>(noise);
    return customer.margin * revenue - customer.retention_cost * run.annuity[paid] - customer.acquisition_cost;
}

/// The same under an accepted action: revenue x volume at the price less the cost of goods while it is active.
CLV_HD AlternativeValue value_with_action(const SubscriptionRun& run, const SubscriptionCustomer& customer,
                                          const ActionLaw& action, int paid, float noise, float noise_active,
                                          double revenue_multiplier, double price_multiplier) {
    const int active = paid < action.duration_months ? paid : action.duration_months;
    const double revenue = customer.revenue_value[paid] + static_cast<double>(noise);
    const double active_revenue = customer.revenue_value[active] + static_cast<double>(noise_active);
    const double active_margin = revenue_multiplier * (price_multiplier - (1.0 - customer.margin));
    const double cash = active_margin * active_revenue + customer.margin * (revenue - active_revenue) -
                        customer.retention_cost * run.annuity[paid] - action.monthly_cost * run.annuity[active];
    return {cash - customer.acquisition_cost - action.cost - action.cost_if_accepted, active};
}

}  // namespace clv
