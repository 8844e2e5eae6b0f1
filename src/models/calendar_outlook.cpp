#include <algorithm>
#include <cstdint>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/models/calendar.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"
#include "clv/random/samplers.hpp"

namespace clv {
namespace {

/// Average factor of one walk of the calendar; `path` names its random numbers.
double walked_factor(const CalendarDraw& draw, std::uint32_t path, std::size_t weeks) {
    const PhiloxKey key = philox_key(0, 0);
    const auto normals = [&](std::uint32_t index) {
        const auto block = philox_paths<std::uint32_t>(draw_address(Purpose::calendar, index), path, 0, 0, key);
        return normal_pair<float>(block.word[0], block.word[1]);
    };
    const auto start = normals(0);
    const double deviation = draw.level_sd * double{start.first};
    double level = draw.level + deviation;
    double cycle = draw.cycle + draw.cycle_on_level * deviation + draw.cycle_sd * double{start.second};
    double sum = 0.0;
    for (std::size_t week = 0; week < weeks; ++week) {
        const auto step = normals(static_cast<std::uint32_t>(week) + 1);
        level += draw.level_step_sd * double{step.first};
        cycle = draw.persistence * cycle + draw.cycle_step_sd * double{step.second};
        const double seasonal = draw.seasonal.empty() ? 0.0 : draw.seasonal[std::min(week, draw.seasonal.size() - 1)];
        sum += elementary::exp(std::clamp(seasonal + level + cycle, -20.0, 20.0));
    }
    return sum / static_cast<double>(weeks);
}

}  // namespace

AverageFactor average_factor(const std::vector<CalendarDraw>& draws, std::size_t weeks) {
    constexpr std::size_t least_paths = 1'024;
    if (weeks == 0 || draws.empty()) {
        return {};
    }
    const std::size_t paths = (least_paths + draws.size() - 1) / draws.size() * draws.size();
    std::vector<double> factors;
    double sum = 0.0;
    for (std::size_t path = 0; path < paths; ++path) {
        throw_if_interrupted();
        factors.push_back(walked_factor(draws[path % draws.size()], static_cast<std::uint32_t>(path), weeks));
        sum += factors.back();
    }
    std::ranges::sort(factors);
    const auto at = [&](double level) { return factors[static_cast<std::size_t>(level * static_cast<double>(paths))]; };
    return {sum / static_cast<double>(paths), at(0.025), at(0.975)};
}

}  // namespace clv
