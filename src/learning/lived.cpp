#include "lived.hpp"

#include <algorithm>
#include <cmath>

namespace clv {

namespace {

/// Calls take(month index, length) for the months between two tenures.
template <class Take>
void for_each_month(const Lived& lived, Take take) {
    for (auto month = static_cast<std::size_t>(lived.from); static_cast<double>(month) < lived.until; ++month) {
        const double begin = std::max(lived.from, static_cast<double>(month));
        const double end = std::min(lived.until, static_cast<double>(month + 1));
        take(month, end - begin);
    }
}

/// Events over exposure of a month and as many of its neighbours on either side as it takes to see enough events: one
/// over the root of their number is the relative error of a hazard.
double pooled_hazard(const std::vector<double>& events, const std::vector<double>& exposure, std::size_t month) {
    constexpr double enough_events = 50.0;
    double seen = events[month];
    double lived = exposure[month];
    for (std::size_t reach = 1; seen < enough_events && reach < events.size(); ++reach) {
        for (const bool is_before : {true, false}) {
            if (is_before ? month >= reach : month + reach < events.size()) {
                const std::size_t neighbour = is_before ? month - reach : month + reach;
                seen += events[neighbour];
                lived += exposure[neighbour];
            }
        }
    }
    return seen / lived;
}

}  // namespace

Lived lived_through(double from, double tenure, bool left) {
    if (!left) {
        return {from, tenure, 0, false};
    }
    const bool is_whole = tenure == std::floor(tenure);
    const double until = is_whole ? std::max(0.5, tenure - 0.5) : tenure;
    return {is_whole ? std::min(from, std::floor(until)) : from, until, static_cast<std::uint32_t>(until), true};
}

BaselineHazard baseline_hazard(std::span<const Lived> lived, std::span<const double> rate) {
    std::vector<double> events;
    std::vector<double> exposure;
    const auto reach = [&](std::size_t month) {
        if (exposure.size() <= month) {
            exposure.resize(month + 1, 0.0);
            events.resize(month + 1, 0.0);
        }
    };
    for (std::size_t i = 0; i < lived.size(); ++i) {
        for_each_month(lived[i], [&](std::size_t month, double length) {
            reach(month);
            exposure[month] += rate[i] * length;
        });
        if (lived[i].left) {
            reach(lived[i].month);
            events[lived[i].month] += 1.0;
        }
    }
    BaselineHazard baseline;
    constexpr std::size_t tail_months = 12;
    const std::size_t months = exposure.size();
    double last_events = 0.0;
    double last_exposure = 0.0;
    for (std::size_t month = months > tail_months ? months - tail_months : 0; month < months; ++month) {
        last_events += events[month];
        last_exposure += exposure[month];
    }
    baseline.tail = last_exposure > 0.0 ? last_events / last_exposure : 0.0;
    for (std::size_t month = 0; month < months; ++month) {
        baseline.months.push_back(exposure[month] > 0.0 ? pooled_hazard(events, exposure, month) : -1.0);
    }
    double later = baseline.tail;  // of months in which nobody was observed
    for (std::size_t month = months; month-- > 0;) {
        later = baseline.months[month] >= 0.0 ? baseline.months[month] : later;
        baseline.months[month] = later;
    }
    return baseline;
}

double cumulative(const BaselineHazard& baseline, const Lived& lived) {
    double sum = 0.0;
    for_each_month(lived, [&](std::size_t month, double length) {
        sum += length * (month < baseline.months.size() ? baseline.months[month] : baseline.tail);
    });
    return sum;
}

}  // namespace clv
