#include "day_spans.hpp"

#include <algorithm>

namespace clv {

namespace {

constexpr int span_bits = 9;
constexpr std::int32_t two_decades = 7'305;

std::chrono::sys_days day_of(std::int32_t day) {
    return std::chrono::sys_days(std::chrono::days(day));
}

}  // namespace

void DaySpans::add(const DaySpan& span) {
    const auto number = span.first_day >> span_bits;
    const auto is_same = [&](const DaySpan& known) { return known.first_day >> span_bits == number; };
    if (latest_ >= spans_.size() || !is_same(spans_[latest_])) {
        latest_ = static_cast<std::size_t>(std::ranges::find_if(spans_, is_same) - spans_.begin());
        if (latest_ == spans_.size()) {
            spans_.push_back(span);
            return;
        }
    }
    DaySpan& known = spans_[latest_];
    known.first_day = std::min(known.first_day, span.first_day);
    known.last_day = std::max(known.last_day, span.last_day);
    known.rows += span.rows;
}

void DaySpans::add(const DaySpans& piece, std::uint64_t lines_before) {
    for (DaySpan span : piece.spans_) {
        span.line += lines_before;
        add(span);
    }
}

std::optional<DaySpans::Far> DaySpans::far_from_the_rest() const {
    std::vector<DaySpan> sorted = spans_;
    std::ranges::sort(sorted, {}, &DaySpan::first_day);
    struct Part {
        std::size_t begin;
        std::size_t end;
        std::uint64_t rows;
    };
    std::vector<Part> parts;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i == 0 || sorted[i].first_day - sorted[i - 1].last_day > two_decades) {
            parts.push_back({i, i, 0});
        }
        parts.back().end = i + 1;
        parts.back().rows += sorted[i].rows;
    }
    if (parts.size() < 2) {
        return std::nullopt;
    }
    const Part most = *std::ranges::max_element(parts, {}, &Part::rows);
    Far far{0, {}, day_of(sorted[most.begin].first_day), day_of(sorted[most.end - 1].last_day)};
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        if (i >= most.begin && i < most.end) {
            continue;
        }
        far.first = far.rows == 0 || sorted[i].line < far.first.line ? sorted[i] : far.first;
        far.rows += sorted[i].rows;
    }
    return far;
}

}  // namespace clv
