#pragma once
// When purchases were, in spans of some 17 months: enough to see days that are decades away from all others.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace clv {

struct DaySpan {
    std::int32_t first_day = 0;  ///< since 1970-01-01
    std::int32_t last_day = 0;
    std::uint64_t rows = 0;
    std::uint64_t line = 0;  ///< of its first row
};

class DaySpans {
  public:
    void add(std::int32_t day, std::uint64_t line) { add({day, day, 1, line}); }
    /// Adds what a piece found, whose lines are counted from `lines_before`.
    void add(const DaySpans& piece, std::uint64_t lines_before);

    /// Rows that stand apart from the greater part by more than two decades without a purchase.
    struct Far {
        std::uint64_t rows = 0;
        DaySpan first;                ///< the span of the first of them
        std::chrono::sys_days begin;  ///< of the greater part
        std::chrono::sys_days end;
    };
    [[nodiscard]] std::optional<Far> far_from_the_rest() const;

  private:
    void add(const DaySpan& span);

    std::vector<DaySpan> spans_;  ///< in the order of their first rows
    std::size_t latest_ = 0;      ///< rows of a span often follow each other
};

}  // namespace clv
