#pragma once
// One path of the retail law, purchase after purchase, as a thread of a GPU takes it. The vectors of the CPU backend
// take each step for many paths at a time.

#include <cmath>
#include <cstdint>

#include "clv/paths/retail.hpp"

namespace clv::retail {

/// What a path that is alive has under every alternative.
struct LivingPath {
    float rate;            ///< purchases a week of the clock
    float dropout_draw;    ///< exponential: where the hazard reaches it, the customer drops out
    float dropout_hazard;  ///< per purchase or per week
    float spend_scale;     ///< currency
};

CLV_HD LivingPath living_path(const RetailRun& run, const RetailCustomer& customer, std::uint32_t address) {
    const Start<float> begin = start<float>(run, customer, address);
    return {rate<float>(run, customer, address, begin.small[0]),
            exponential_draw<float>(chance<float>(run, customer, address).dropout),
            dropout_hazard<float>(run, customer, address, begin.small[1], begin.small[2]),
            run.has_spend ? spend_scale<float>(run, customer, address) : 1.0F};
}

/// Multipliers of an alternative, and when they end.
struct Effects {
    float volume = 1.0F;
    float price = 1.0F;
    float hazard = 1.0F;
    float end_weeks = HUGE_VALF;
};

CLV_HD Effects draw_effects(const RetailRun& run, const RetailCustomer& customer, const RetailAction& action,
                            std::uint32_t address) {
    return {multiplier_draw<float>(run, customer, action.law, MultiplierKind::revenue, address),
            multiplier_draw<float>(run, customer, action.law, MultiplierKind::price, address),
            multiplier_draw<float>(run, customer, action.law, MultiplierKind::hazard, address), action.end_weeks};
}

/// The purchases of a living path under one alternative.
class PurchaseWalk {
  public:
    PurchaseWalk() = default;
    /// `path` counts from 0 in the run.
    CLV_HD PurchaseWalk(const RetailRun& run, std::uint32_t path, const LivingPath& living, const Effects& effects)
        : living_(living), effects_(effects), path_(path), months_(run.horizon_months) {
        if (effects.end_weeks < run.horizon_weeks) {
            end_clock_ = clock_at<float>(run, calendar(run), 0, effects.end_weeks);
        }
        if (run.dropout == DropoutTime::any_time) {
            const Course<float> course{1.0F, effects.hazard, effects.end_weeks, HUGE_VALF};
            dropout_weeks_ = dropout_weeks(course, living.dropout_hazard, living.dropout_draw);
            if (dropout_weeks_ < run.horizon_weeks) {
                months_ = month_of(run, dropout_weeks_) + 1;
            }
        }
    }

    /// Goes to the next purchase, and hands its month, from 0, and currency to take(month, cash). False where the path
    /// ends. `discount`: [month]; `share`: of revenue, what the action costs (ActionLaw::monthly_cost_share).
    template <class Take>
    CLV_HD bool step(const RetailRun& run, const RetailCustomer& customer, const double* discount, double share,
                     Take take) {
        if (purchase_ == max_purchases) {
            return false;
        }
        const std::uint32_t address = run.first_path + path_;
        const Course<float> course{effects_.volume, 1.0F, effects_.end_weeks, end_clock_};
        const auto words = purchase_words<float>(run, customer, purchase_, address);
        const auto next = next_purchase(run, calendar(run), 0, course, living_.rate, clock_, words.word[0]);
        if (!(next.weeks < run.horizon_weeks && next.weeks < dropout_weeks_)) {
            return false;
        }
        const float currency = spend<float>(run, customer, purchase_, words, living_.spend_scale, address);
        const int month = month_of(run, next.weeks);
        const bool is_active = next.weeks < effects_.end_weeks;
        const double price = is_active ? effects_.price : 1.0F;
        const double kept = is_active ? 1.0 - share : 1.0;
        const double cash = purchase_cash(customer, currency, price * kept);
        value_ += cash * discount[month];
        if (is_active && share != 0.0) {
            active_revenue_ += static_cast<double>(currency) * price * discount[month];
        }
        take(month, cash);
        if (run.dropout == DropoutTime::after_purchase) {
            used_ = used_ + living_.dropout_hazard * (is_active ? effects_.hazard : 1.0F);
            if (!(used_ < living_.dropout_draw)) {
                months_ = month + 1;
                return false;
            }
        }
        clock_ = next.clock;
        ++purchase_;
        return true;
    }

    [[nodiscard]] CLV_HD double value() const { return value_; }  ///< currency, before what an action costs
    /// What is paid while the action is active, discounted, where it costs a share of that.
    [[nodiscard]] CLV_HD double active_revenue() const { return active_revenue_; }
    [[nodiscard]] CLV_HD int months() const { return months_; }  ///< begun before the customer drops out
    /// False if the path wanted more purchases than have an address.
    [[nodiscard]] CLV_HD bool fits() const { return purchase_ < max_purchases; }

  private:
    [[nodiscard]] CLV_HD const float* calendar(const RetailRun& run) const {
        const std::size_t row = static_cast<std::size_t>(run.calendar_entries) + 1;
        return run.calendar == nullptr ? nullptr : run.calendar + row * path_;
    }

    LivingPath living_{};
    Effects effects_;
    std::uint32_t path_ = 0;
    std::uint32_t purchase_ = 0;
    float end_clock_ = HUGE_VALF;
    float dropout_weeks_ = HUGE_VALF;
    float clock_ = 0.0F;
    float used_ = 0.0F;  ///< hazard of dropping out so far
    double value_ = 0.0;
    double active_revenue_ = 0.0;
    int months_ = 0;
};

}  // namespace clv::retail
