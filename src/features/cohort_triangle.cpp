#include "clv/features/cohort_triangle.hpp"

#include <algorithm>
#include <utility>

namespace clv {

using std::chrono::sys_days;
using std::chrono::year_month_day;

int month_number(sys_days day) noexcept {
    const year_month_day date(day);
    return 12 * static_cast<int>(date.year()) + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
}

CohortTriangleBuilder::CohortTriangleBuilder(sys_days observation_end) : last_month_(month_number(observation_end)) {
    triangle_.last_month_is_complete = month_number(observation_end + std::chrono::days(1)) != last_month_;
}

void CohortTriangleBuilder::begin_customer(sys_days day, double revenue) {
    cohort_month_ = month_number(day);
    std::vector<Cohort>& cohorts = triangle_.cohorts;
    if (cohorts.empty()) {
        triangle_.first_month = cohort_month_;
    }
    const auto empty_cohort = [&](int month) {
        return Cohort{0, std::vector<CohortMonth>(static_cast<std::size_t>(last_month_ - month + 1))};
    };
    if (cohort_month_ < triangle_.first_month) {
        std::vector<Cohort> earlier;
        for (int month = cohort_month_; month < triangle_.first_month; ++month) {
            earlier.push_back(empty_cohort(month));
        }
        cohorts.insert(cohorts.begin(), earlier.begin(), earlier.end());
        triangle_.first_month = cohort_month_;
    }
    while (triangle_.first_month + static_cast<int>(cohorts.size()) <= cohort_month_) {
        cohorts.push_back(empty_cohort(triangle_.first_month + static_cast<int>(cohorts.size())));
    }
    ++cohorts[static_cast<std::size_t>(cohort_month_ - triangle_.first_month)].customers;
    active_month_ = cohort_month_ - 1;
    count(cohort_month_, revenue);
}

void CohortTriangleBuilder::add(sys_days day, double revenue) {
    count(month_number(day), revenue);
}

void CohortTriangleBuilder::add_refund(sys_days day, double revenue) {
    cell(std::max(month_number(day), cohort_month_)).revenue += revenue;
}

CohortMonth& CohortTriangleBuilder::cell(int month) {
    Cohort& cohort = triangle_.cohorts[static_cast<std::size_t>(cohort_month_ - triangle_.first_month)];
    return cohort.months[static_cast<std::size_t>(month - cohort_month_)];
}

void CohortTriangleBuilder::count(int month, double revenue) {
    CohortMonth& of_month = cell(month);
    of_month.active += month != active_month_ ? 1 : 0;
    ++of_month.purchases;
    of_month.revenue += revenue;
    active_month_ = month;
}

CohortTriangle CohortTriangleBuilder::finish() && {
    return std::move(triangle_);
}

}  // namespace clv
