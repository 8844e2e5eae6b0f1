#pragma once
// Cohorts of customers by the month of their first purchase, and what they did in the months after it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace clv {

/// Calendar months since year 0: differences are numbers of months.
[[nodiscard]] int month_number(std::chrono::sys_days day) noexcept;

/// A cohort in one month.
struct CohortMonth {
    std::uint32_t active = 0;     ///< customers who bought in it
    std::uint32_t purchases = 0;  ///< purchase days
    double revenue = 0.0;         ///< currency, less what was paid back
};

struct Cohort {
    std::uint32_t customers = 0;
    std::vector<CohortMonth> months;  ///< [calendar month after that of the first purchase], up to the last observed
};

struct CohortTriangle {
    int first_month = 0;  ///< month_number() of cohorts[0]
    /// By the month of the first purchase, without a gap: a month in which nobody came has a cohort without customers.
    std::vector<Cohort> cohorts;
    /// Whether the last month was observed to its end.
    bool last_month_is_complete = false;
};

/// Makes the triangle in one pass over purchase days. Memory is one entry per cohort and month.
class CohortTriangleBuilder {
  public:
    explicit CohortTriangleBuilder(std::chrono::sys_days observation_end);

    /// A customer's first purchase day.
    void begin_customer(std::chrono::sys_days day, double revenue);
    /// The next one of that customer, in the order of days.
    void add(std::chrono::sys_days day, double revenue);
    /// Money paid back to that customer, in any order; what comes before the cohort's month counts in that.
    void add_refund(std::chrono::sys_days day, double revenue);
    [[nodiscard]] CohortTriangle finish() &&;

  private:
    [[nodiscard]] CohortMonth& cell(int month);
    void count(int month, double revenue);

    int last_month_;
    CohortTriangle triangle_;
    int cohort_month_ = 0;
    int active_month_ = 0;  ///< of the customer at hand, the last in which it bought
};

}  // namespace clv
