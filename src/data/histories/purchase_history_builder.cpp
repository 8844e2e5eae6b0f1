#include "clv/data/histories/purchase_history_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/parse_date.hpp"

namespace clv {
namespace {

using std::chrono::sys_days;

constexpr std::chrono::days century{36'525};

}  // namespace

PurchaseHistoryBuilder::PurchaseHistoryBuilder(const ObservationSettings& settings, sys_days last_day,
                                               PurchaseObserver* observer)
    : observer_(observer),
      holdout_key_(settings.holdout_key),
      days_per_unit_(days_per(settings.time_unit)),
      observation_end_(settings.observation_end.value_or(last_day)) {
    calibration_end_ = settings.holdout.value_or(observation_end_);
    if (settings.holdout && calibration_end_ >= observation_end_) {
        throw ConfigError(fmt::format("{} = {}: observation ends on {}, so no day is held out: name an earlier day",
                                      holdout_key_, iso_date(calibration_end_), iso_date(observation_end_)));
    }
    if (observation_end_ - last_day > century || calibration_end_ - last_day > century) {
        throw ConfigError(fmt::format(
            "observation ends on {}, more than a century after the last purchase on {}: correct fit.observation_end or "
            "{}",
            iso_date(std::max(observation_end_, calibration_end_)), iso_date(last_day), holdout_key_));
    }
    history_.summary.time_unit = settings.time_unit;
    history_.summary.observation_end = calibration_end_;
    if (settings.holdout) {
        history_.holdout.emplace();
        history_.holdout->last_day = observation_end_;
    }
    if (observer_ != nullptr) {
        observer_->begin(calibration_end_);
    }
}

void PurchaseHistoryBuilder::add(std::string_view customer_id, sys_days day, double revenue) {
    if (!open_ || customer_id != customer_id_) {
        close_customer();
        begin_customer(customer_id, day);
    }
    add_next(day, revenue);
}

void PurchaseHistoryBuilder::add_next(sys_days day, double revenue) {
    if (day < day_) {
        throw std::logic_error("purchases of a customer are not in the order of days");
    }
    if (day > day_) {
        close_day();
        begin_day(day);
    }
    day_revenue_ += revenue;
    day_turnover_ += std::abs(revenue);
    day_has_refund_ = day_has_refund_ || revenue < 0.0;
}

void PurchaseHistoryBuilder::begin_customer(std::string_view customer_id, sys_days day) {
    open_ = true;
    has_bought_ = false;
    customer_id_ = customer_id;
    refunds_before_.clear();
    begin_day(day);
    repeats_ = 0;
    repeat_revenue_ = 0.0;
    holdout_purchases_ = 0;
    holdout_revenue_ = 0.0;
}

void PurchaseHistoryBuilder::begin_day(sys_days day) {
    day_ = day;
    day_revenue_ = day_turnover_ = 0.0;
    day_has_refund_ = false;
}

/// What is left of money that cancels, .1 + .2 - .3, is no revenue.
bool PurchaseHistoryBuilder::is_refund() const noexcept {
    constexpr double of_rounding = 1.0e-12;
    return day_has_refund_ && day_revenue_ <= of_rounding * day_turnover_;
}

void PurchaseHistoryBuilder::close_refund() {
    if (observer_ == nullptr || day_ > calibration_end_) {
        return;
    }
    if (has_bought_) {
        observer_->add_refund(history_.summary.size(), day_, day_revenue_);
    } else {
        refunds_before_.emplace_back(day_, day_revenue_);
    }
}

void PurchaseHistoryBuilder::close_day() {
    const bool is_observed = day_ <= observation_end_;
    if (is_refund()) {
        history_.paid_back -= is_observed ? day_revenue_ : 0.0;
        close_refund();
        return;
    }
    history_.purchased += is_observed ? day_revenue_ : 0.0;
    if (!has_bought_) {
        has_bought_ = true;
        first_day_ = last_calibration_day_ = day_;
    }
    if (first_day_ > calibration_end_ || !is_observed) {
        return;
    }
    if (observer_ != nullptr && day_ <= calibration_end_) {
        observer_->add(history_.summary.size(), day_, day_revenue_);
        for (const auto& [day, revenue] : refunds_before_) {
            observer_->add_refund(history_.summary.size(), day, revenue);
        }
        refunds_before_.clear();
    }
    if (day_ == first_day_) {
        ++days_[day_].first_purchases;
        return;
    }
    const bool held_out = day_ > calibration_end_;
    DayTotals& totals = (held_out ? holdout_days_ : days_)[day_];
    ++totals.repeat_purchases;
    totals.repeat_revenue += day_revenue_;
    if (held_out) {
        ++holdout_purchases_;
        holdout_revenue_ += day_revenue_;
    } else {
        ++repeats_;
        repeat_revenue_ += day_revenue_;
        last_calibration_day_ = day_;
    }
}

void PurchaseHistoryBuilder::close_customer() {
    if (!open_) {
        return;
    }
    close_day();
    open_ = false;
    if (!has_bought_ || first_day_ > calibration_end_) {
        history_.refunded_only += has_bought_ ? 0 : 1;
        return;
    }
    const auto units = [this](std::chrono::days days) { return static_cast<double>(days.count()) / days_per_unit_; };
    PurchaseSummary& summary = history_.summary;
    summary.customer_id.push_back(customer_id_);
    summary.id_hash.push_back(customer_id_hash(customer_id_));
    summary.frequency.push_back(repeats_);
    summary.recency.push_back(units(last_calibration_day_ - first_day_));
    summary.age.push_back(units(calibration_end_ - first_day_));
    summary.monetary_value.push_back(repeats_ == 0 ? 0.0 : repeat_revenue_ / repeats_);
    if (history_.holdout) {
        history_.holdout->purchases.push_back(holdout_purchases_);
        history_.holdout->revenue.push_back(holdout_revenue_);
    }
}

PurchaseHistoryBuilder::DayTotals& PurchaseHistoryBuilder::Days::operator[](sys_days day) {
    if (totals_.empty()) {
        begin_ = first_used_ = day;
    }
    if (day < begin_) {
        // As many again in front, so that days that come backwards are not moved one by one.
        const auto missing = static_cast<std::size_t>((begin_ - day).count());
        const std::size_t more = std::max(missing, totals_.size());
        totals_.insert(totals_.begin(), more, DayTotals{});
        begin_ -= std::chrono::days(more);
    }
    first_used_ = std::min(first_used_, day);
    const auto index = static_cast<std::size_t>((day - begin_).count());
    if (index >= totals_.size()) {
        totals_.resize(index + 1);
    }
    return totals_[index];
}

DailyPurchases PurchaseHistoryBuilder::Days::daily(sys_days first_day, sys_days last_day) const {
    const auto count = static_cast<std::size_t>((last_day - first_day).count() + 1);
    DailyPurchases daily{first_day, std::vector<std::uint32_t>(count), std::vector<std::uint32_t>(count),
                         std::vector<double>(count)};
    for (std::size_t i = 0; i < totals_.size(); ++i) {
        const auto index = (begin_ - first_day).count() + static_cast<std::int64_t>(i);
        if (index >= 0 && index < static_cast<std::int64_t>(count)) {
            daily.first_purchases[static_cast<std::size_t>(index)] = totals_[i].first_purchases;
            daily.repeat_purchases[static_cast<std::size_t>(index)] = totals_[i].repeat_purchases;
            daily.repeat_revenue[static_cast<std::size_t>(index)] = totals_[i].repeat_revenue;
        }
    }
    return daily;
}

void PurchaseHistoryBuilder::check_hashes() const {
    const PurchaseSummary& summary = history_.summary;
    std::vector<std::size_t> rows(summary.size());
    std::iota(rows.begin(), rows.end(), std::size_t{0});
    std::ranges::sort(rows, {}, [&](std::size_t row) { return summary.id_hash[row]; });
    const auto same = std::ranges::adjacent_find(rows, {}, [&](std::size_t row) { return summary.id_hash[row]; });
    if (same == rows.end()) {
        return;
    }
    const std::string_view one = summary.customer_id[*same];
    const std::string_view other = summary.customer_id[*std::next(same)];
    throw InputError(one == other ? fmt::format("the purchases of customer '{}' do not stand together: sort them by "
                                                "customer and day",
                                                one)
                                  : fmt::format("customers '{}' and '{}' have the same 64-bit hash, so they would "
                                                "share their random numbers: rename one of them",
                                                one, other));
}

PurchaseHistory PurchaseHistoryBuilder::finish(Ids ids) && {
    close_customer();
    PurchaseSummary& summary = history_.summary;
    if (summary.size() == 0) {
        throw InputError(fmt::format("no customer bought anything up to {}: name a later {} or fit.observation_end",
                                     iso_date(calibration_end_), holdout_key_));
    }
    if (ids == Ids::to_check) {
        check_hashes();
    }
    summary.weight.assign(summary.size(), 1.0);
    summary.content_hash = content_hash(summary);
    history_.daily = days_.daily(days_.first_day(), calibration_end_);
    if (history_.holdout) {
        history_.holdout->daily = holdout_days_.daily(calibration_end_ + std::chrono::days(1), observation_end_);
    }
    return std::move(history_);
}

}  // namespace clv
