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

#include "clv/core/units.hpp"
#include "clv/paths/certain_churn.hpp"
#include "clv/random/samplers.hpp"

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
    const float* market;         ///< [grouped_index]: market walk in standard monthly steps; null if nobody needs it
    const float* market_hazard;  ///< [grouped_index]: factor on every hazard; null without hazard sensitivity
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

template <class Real>
CLV_HD Real multiplier_draw(const SubscriptionRun& run, const SubscriptionCustomer& customer, const ActionLaw& action,
                            MultiplierKind kind, typename lane::Types<Real>::Word path_address) {
    using Word = typename lane::Types<Real>::Word;
    const MultiplierLaw& law = action.multipliers[static_cast<int>(kind)];
    Real exponent(0.0F);
    if (law.shared_log2_sd != 0.0F) {
        const auto block =
            philox<Word>(Word(draw_address(Purpose::shared_effect, static_cast<std::uint32_t>(kind))), path_address,
                         Word(action.name_low), Word(action.name_high), run.key_low, run.key_high);
        exponent = Real(law.shared_log2_sd) * normal_pair<Real>(block.word[0], block.word[1]).first;
    }
    if (law.customer_log2_sd != 0.0F) {
        const std::uint32_t index = (action.name_low & 0x003fffffU) << 2 | static_cast<std::uint32_t>(kind);
        const auto block = philox<Word>(Word(draw_address(Purpose::customer_effect, index)), path_address,
                                        Word(customer.id_low), Word(customer.id_high), run.key_low, run.key_high);
        exponent =
            lane::fused(Real(law.customer_log2_sd), normal_pair<Real>(block.word[0], block.word[1]).first, exponent);
    }
    return Real(static_cast<float>(law.median)) * exp2(exponent);
}

/// One path (or one vector of paths) of a customer under every alternative at once, on the same random numbers.
/// Alternative 0 is none, alternative a is run.actions[a - 1].
template <class Real, int Alternatives>
class SubscriptionLife {
    using Types = lane::Types<Real>;
    using Word = typename Types::Word;
    using Integer = typename Types::Integer;
    using Mask = typename Types::Mask;

  public:
    /// hazard_multiplier[a - 1] belongs to alternative a.
    CLV_HD SubscriptionLife(const SubscriptionRun& run, const SubscriptionCustomer& customer, Real churn_draw,
                            const Real* hazard_multiplier)
        : run_(run), customer_(customer), churn_draw_(churn_draw) {
        for (int a = 0; a < Alternatives; ++a) {
            multiplier_[a] = a == 0 ? Real(1.0F) : hazard_multiplier[a - 1];
            threshold_[a] = a == 0 ? churn_draw : churn_draw / multiplier_[a];
            survived_[a] = Integer(0);
        }
        noise_until_[0] = Real(0.0F);
    }

    /// Lives through the horizon, or until every alternative of every lane has churned. `load(table, month)` reads the
    /// run's market tables; `sink.month` sees every month under none.
    template <class LoadMonth, class Sink>
    CLV_HD void live(Word path_address, LoadMonth load, Sink& sink) {
        pass_month(1, Real(1.0F), load, sink);
        const bool own = customer_.own_step != 0.0F;
        const bool market = customer_.market_step != 0.0F;
        Real walk(0.0F);  // own walk minus drift, in log2 of revenue
        for (int first = 2; first <= run_.horizon_months && lane::any(hazard_ < largest_threshold()); first += 4) {
            Real normal[4] = {Real(0.0F), Real(0.0F), Real(0.0F), Real(0.0F)};
            if (own) {
                const auto block = philox<Word>(
                    Word(draw_address(Purpose::revenue, static_cast<std::uint32_t>(first - 2) / 4)), path_address,
                    Word(customer_.id_low), Word(customer_.id_high), run_.key_low, run_.key_high);
                const auto early = normal_pair<Real>(block.word[0], block.word[1]);
                const auto late = normal_pair<Real>(block.word[2], block.word[3]);
                normal[0] = early.first;
                normal[1] = early.second;
                normal[2] = late.first;
                normal[3] = late.second;
            }
            CLV_UNROLL
            for (int step = 0; step < 4; ++step) {
                const int month = first + step;
                if (month > run_.horizon_months) {
                    break;
                }
                Real growth(1.0F);
                if (own || market) {
                    if (own) {
                        walk = lane::fused(Real(customer_.own_step), normal[step], walk);
                    }
                    walk = walk - Real(customer_.drift);
                    growth =
                        exp2(market ? lane::fused(Real(customer_.market_step), load(run_.market, month), walk) : walk);
                    noise_ = lane::fused(Real(customer_.discounted_revenue[month - 1]), growth - Real(1.0F), noise_);
                }
                pass_month(month, growth, load, sink);
            }
        }
    }

    /// Months paid, 0..horizon.
    [[nodiscard]] CLV_HD Integer paid(int alternative) const {
        return run_.pays_in_churn_month
                   ? lane::minimum(survived_[alternative] + Integer(1), Integer(run_.horizon_months))
                   : survived_[alternative];
    }
    /// Sum of base_t (G_t - 1) over the first `months` months, which must have been lived.
    [[nodiscard]] CLV_HD Real noise(Integer months) const { return lane::lookup(noise_until_, months); }

  private:
    template <class LoadMonth, class Sink>
    CLV_HD void pass_month(int month, Real growth, LoadMonth load, Sink& sink) {
        // An action that ended last month: from here on its customers face the plain hazard again.
        CLV_UNROLL
        for (int a = 1; a < Alternatives; ++a) {
            if (month == run_.actions[a - 1].duration_months + 1) {
                const Real later = lane::fused(Real(1.0F) - multiplier_[a], hazard_, churn_draw_);
                threshold_[a] = lane::select(hazard_ < threshold_[a], later, Real(-1.0F));
            }
        }
        const Mask there_before = hazard_ < threshold_[0];
        if (customer_.hazard[month - 1] >= certain_churn_hazard) {
            churn_for_certain(month);
        } else {
            const Real monthly = Real(customer_.hazard[month - 1]);
            hazard_ = run_.market_hazard != nullptr ? lane::fused(monthly, load(run_.market_hazard, month), hazard_)
                                                    : hazard_ + monthly;
        }
        CLV_UNROLL
        for (int a = 0; a < Alternatives; ++a) {
            survived_[a] = lane::count_if(hazard_ < threshold_[a], survived_[a]);
        }
        noise_until_[month] = noise_;
        sink.month(month, growth, run_.pays_in_churn_month ? there_before : hazard_ < threshold_[0]);
    }

    /// Everybody churns but those whose action suspends churn this month.
    CLV_HD void churn_for_certain(int month) {
        const Real gone = Real(-1.0F);
        threshold_[0] = gone;
        CLV_UNROLL
        for (int a = 1; a < Alternatives; ++a) {
            const bool active = month <= run_.actions[a - 1].duration_months;
            threshold_[a] = active ? lane::select(multiplier_[a] == Real(0.0F), threshold_[a], gone) : gone;
        }
    }

    /// The highest cumulative hazard at which anybody is still there, now or once an action has ended.
    CLV_HD Real largest_threshold() const {
        Real largest = threshold_[0];
        CLV_UNROLL
        for (int a = 1; a < Alternatives; ++a) {
            largest = lane::maximum(largest, threshold_[a]);
        }
        return largest;
    }

    const SubscriptionRun& run_;
    const SubscriptionCustomer& customer_;
    Real churn_draw_;
    Real hazard_ = Real(0.0F);  ///< cumulative, without any action
    Real noise_ = Real(0.0F);   ///< sum of base_t (G_t - 1) so far
    Real multiplier_[Alternatives];
    Real threshold_[Alternatives];    ///< churned once the cumulative hazard reaches it
    Integer survived_[Alternatives];  ///< months after which the customer was still there
    Real noise_until_[max_horizon_months + 1];
};

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
