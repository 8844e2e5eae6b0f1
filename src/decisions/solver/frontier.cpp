#include "clv/decisions/solver/frontier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "hull.hpp"
#include "plan_problem.hpp"

namespace clv {

using namespace decisions;

namespace {

/// Steps of nearly the same efficiency, within a thousandth, share a bin; the best come first. All steps up to the end
/// of a bin are an optimum of the budget they spend, whatever their order within it.
struct Bins {
    static constexpr int mantissa_bits = 10;
    static constexpr int exponents = 64;  // 2^-32 .. 2^32
    static constexpr std::size_t count = std::size_t{exponents} << mantissa_bits;

    std::vector<Wide> profit = std::vector<Wide>(count, 0);  // units
    std::vector<Wide> cost = std::vector<Wide>(count, 0);

    static std::size_t of(double efficiency) {
        constexpr double lowest = 0x1p-32;
        constexpr double highest = 0x1.ffcp31;
        const auto bits = std::bit_cast<std::uint64_t>(std::clamp(efficiency, lowest, highest));
        constexpr std::uint64_t origin = std::bit_cast<std::uint64_t>(lowest) >> (52 - mantissa_bits);
        return count - 1 - ((bits >> (52 - mantissa_bits)) - origin);
    }
};

/// Points at ends of bins, by steps of budget as even as the bins allow; `point_of` [bin] gets the first point that
/// includes the bin.
std::vector<FrontierPoint> place_points(const Bins& bins, Totals start, const Scales& scales, std::size_t most,
                                        std::vector<std::uint16_t>& point_of) {
    Wide whole = 0;
    for (const Wide cost : bins.cost) {
        whole += cost;
    }
    const auto point = [&](Totals totals, double marginal_roi) {
        return FrontierPoint{scales.cost.money(totals.cost), scales.profit.money(totals.profit), marginal_roi};
    };
    std::vector<FrontierPoint> points{point(start, 0.0)};
    point_of.assign(Bins::count, 0);
    Totals totals = start;
    Wide waiting = 0;  // cost since the last point
    std::size_t last_bin = Bins::count;
    for (std::size_t bin = 0; bin < Bins::count; ++bin) {
        point_of[bin] = static_cast<std::uint16_t>(points.size());
        if (bins.cost[bin] == 0) {
            continue;
        }
        totals = totals + Totals{bins.profit[bin], bins.cost[bin]};
        waiting += bins.cost[bin];
        last_bin = bin;
        const double roi = scales.profit.money(bins.profit[bin]) / scales.cost.money(bins.cost[bin]);
        points.front().marginal_roi = points.front().marginal_roi == 0.0 ? roi : points.front().marginal_roi;
        if (static_cast<double>(waiting) * static_cast<double>(most - 1) >= static_cast<double>(whole) &&
            points.size() < most) {
            points.push_back(point(totals, roi));
            waiting = 0;
        }
    }
    if (waiting > 0) {  // the last point is the whole frontier's end
        const double roi = scales.profit.money(bins.profit[last_bin]) / scales.cost.money(bins.cost[last_bin]);
        if (points.size() == most && most > 1) {
            points.pop_back();
            for (std::uint16_t& entry : point_of) {
                entry = std::min(entry, static_cast<std::uint16_t>(points.size()));
            }
        }
        points.push_back(point(totals, roi));
    }
    return points;
}

std::vector<FrontierStage> stages_of(const Cells& cells, const std::vector<std::uint16_t>& point_of,
                                     std::size_t points) {
    std::vector<FrontierStage> stages;
    std::size_t stage = 0;
    const auto enter = [&](std::size_t customer, std::uint8_t action, std::size_t from) {
        if (stage == stages.size()) {
            stages.push_back({std::vector<std::uint8_t>(cells.customers, 0),
                              std::vector<std::uint16_t>(cells.customers, 0),
                              std::vector<std::uint16_t>(cells.customers, 0)});
        }
        stages[stage].action[customer] = action;
        stages[stage].from[customer] = static_cast<std::uint16_t>(from);
        stages[stage].to[customer] = static_cast<std::uint16_t>(points);
    };
    walk_hulls(
        cells,
        [&](std::size_t customer, std::uint8_t action) {
            stage = 0;
            enter(customer, action, 0);
        },
        [&](const Step& step) {
            const std::uint16_t from = point_of[Bins::of(step.efficiency)];
            FrontierStage& before = stages[stage];
            if (before.from[step.customer] != from) {  // else two steps lie between the same points
                before.to[step.customer] = from;
                ++stage;
            }
            enter(step.customer, step.to, from);
        });
    return stages;
}

}  // namespace

Frontier efficient_frontier(const UpliftTable& table, std::size_t points, bool with_stages) {
    return ActionPlanner(table).frontier(points, with_stages);
}

Frontier ActionPlanner::frontier(std::size_t points, bool with_stages) const {
    constexpr std::size_t fewest = 2;
    constexpr std::size_t most = 65'535;
    if (points < fewest || points > most) {
        throw ConfigError(fmt::format("a frontier of {} points: give a number from {} to {}", points, fewest, most));
    }
    Frontier frontier;
    if (table_.size() == 0) {
        return frontier;
    }
    const Cells& cells = prepared_->cells;
    const Scales& scales = prepared_->scales;
    Bins bins;
    Totals start;
    const auto profit = [&](std::size_t customer, std::uint8_t action) {
        return scales.profit.units(cells.profit[action][customer]);
    };
    const auto cost = [&](std::size_t customer, std::uint8_t action) {
        return scales.cost.units(cells.cost[action][customer]);
    };
    Totals here;  // of the customer at hand
    walk_hulls(
        cells,
        [&](std::size_t customer, std::uint8_t action) {
            here = {profit(customer, action), cost(customer, action)};
            start = start + here;
        },
        [&](const Step& step) {
            const Totals next{profit(step.customer, step.to), cost(step.customer, step.to)};
            const std::size_t bin = Bins::of(step.efficiency);
            bins.profit[bin] += next.profit - here.profit;
            bins.cost[bin] += next.cost - here.cost;
            here = next;
        });
    std::vector<std::uint16_t> point_of;
    frontier.points = place_points(bins, start, scales, points, point_of);
    if (with_stages) {
        frontier.stages = stages_of(cells, point_of, frontier.points.size());
    }
    return frontier;
}

}  // namespace clv
