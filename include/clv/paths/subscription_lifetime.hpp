#pragma once
// How long a customer stays, under every alternative at once and on the same draw.
//
// A hazard multiplier m in months 1..D does not need a cumulative hazard of its own: m H(t) >= E is H(t) >= E/m while
// t <= D, and m H(D) + H(t) - H(D) >= E is H(t) >= E + (1 - m) H(D) afterwards. Where H is the same in every path, a
// lifetime is then a search in an ascending table; where the market moves hazards, the months are walked.

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

/// Months after which the customer is still there, by alternative. Alternative 0 is none, a is run.actions[a - 1].
template <class Real, int Alternatives>
class SubscriptionLifetime {
    using Types = lane::Types<Real>;
    using Word = typename Types::Word;
    using Integer = typename Types::Integer;

  public:
    CLV_HD SubscriptionLifetime(const SubscriptionRun& run, const SubscriptionCustomer& customer, Real churn_draw,
                                Word path_address, const LoadPaths<Real>& load)
        : run_(run), customer_(customer), churn_draw_(churn_draw) {
        threshold_[0] = churn_draw;
        if (customer.cumulative_hazard != nullptr) {
            search(path_address);
        } else {
            walk(path_address, load);
        }
    }

    [[nodiscard]] CLV_HD Integer survived(int alternative) const { return survived_[alternative]; }

  private:
    CLV_HD Real multiplier(int alternative, Word path_address) const {
        return multiplier_draw<Real>(run_, customer_, run_.actions[alternative - 1], MultiplierKind::hazard,
                                     path_address);
    }

    CLV_HD void search(Word path_address) {
        CLV_UNROLL
        for (int a = 1; a < Alternatives; ++a) {
            const ChurnThreshold& threshold = customer_.threshold[a];
            const Real until_end(threshold.until_end);
            Real during = churn_draw_ * Real(threshold.inverse_multiplier);
            Real later = churn_draw_ + Real(threshold.shift);
            if (!run_.actions[a - 1].multiplier(MultiplierKind::hazard).is_certain()) {
                const Real drawn = multiplier(a, path_address);
                during = churn_draw_ / drawn;
                later = lane::fused(Real(1.0F) - drawn, until_end, churn_draw_);
            }
            threshold_[a] = lane::select(until_end < during, later, during);
        }
        lane::count_below<Alternatives>(customer_.cumulative_hazard, run_.horizon_months, threshold_, survived_);
    }

    CLV_HD void walk(Word path_address, const LoadPaths<Real>& load) {
        CLV_UNROLL
        for (int a = 1; a < Alternatives; ++a) {
            multiplier_[a] = multiplier(a, path_address);
            threshold_[a] = run_.actions[a - 1].multiplier(MultiplierKind::hazard).is_certain()
                                ? churn_draw_ * Real(run_.actions[a - 1].inverse_hazard_multiplier)
                                : churn_draw_ / multiplier_[a];
        }
        CLV_UNROLL
        for (int a = 0; a < Alternatives; ++a) {
            survived_[a] = Integer(0);
        }
        for (int month = 1; month <= run_.horizon_months && lane::any(hazard_ < largest_threshold()); ++month) {
            // An action that ended last month: from here on its customers face the plain hazard again.
            CLV_UNROLL
            for (int a = 1; a < Alternatives; ++a) {
                if (month == run_.actions[a - 1].duration_months + 1) {
                    const Real later = lane::fused(Real(1.0F) - multiplier_[a], hazard_, churn_draw_);
                    threshold_[a] = lane::select(hazard_ < threshold_[a], later, Real(-1.0F));
                }
            }
            if (customer_.hazard[month - 1] >= certain_churn_hazard) {
                churn_for_certain(month);
            } else {
                const Real monthly(customer_.hazard[month - 1]);
                hazard_ = run_.market_hazard != nullptr ? lane::fused(monthly, load(run_.market_hazard, month), hazard_)
                                                        : hazard_ + monthly;
            }
            CLV_UNROLL
            for (int a = 0; a < Alternatives; ++a) {
                survived_[a] = lane::count_if(hazard_ < threshold_[a], survived_[a]);
            }
        }
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

    /// The highest cumulative hazard at which anybody is still there.
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
    Real multiplier_[Alternatives];
    Real threshold_[Alternatives];    ///< churned once the cumulative hazard reaches it
    Integer survived_[Alternatives];  ///< months after which the customer was still there
};

}  // namespace clv
