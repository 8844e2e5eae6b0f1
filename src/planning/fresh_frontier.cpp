#include "fresh_frontier.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

constexpr std::size_t most_bytes = std::size_t{192} << 20;

/// Indices of the points to value, rising.
std::vector<std::uint16_t> chosen_points(const std::vector<FrontierPoint>& points, std::size_t paths,
                                         std::optional<double> budget) {
    constexpr std::size_t copies = 3;  // of [point][path]: the sums, and those of a stage in the backend and here
    const std::size_t room = std::max<std::size_t>(2, most_bytes / (copies * sizeof(std::int64_t) * paths));
    const std::size_t last = points.size() - 1;
    std::set<std::uint16_t> chosen;
    const std::size_t count = std::min(points.size(), room);
    for (std::size_t k = 0; k < count; ++k) {
        chosen.insert(static_cast<std::uint16_t>(count == 1 ? 0 : k * last / (count - 1)));
    }
    const auto above = budget ? std::ranges::upper_bound(points, *budget, {}, &FrontierPoint::budget) : points.end();
    if (above != points.begin()) {
        chosen.insert(static_cast<std::uint16_t>(std::distance(points.begin(), above) - 1));
    }
    return {chosen.begin(), chosen.end()};
}

/// Sums over paths of what every chosen point changes, from who has what where.
class PointTotals {
  public:
    PointTotals(const PlanSimulator& simulator, std::vector<std::uint16_t> points)
        : simulator_(simulator), points_(std::move(points)) {}

    void add(const FrontierStage& stage) {
        // Customers come to their action at the first valued point from `from` on and leave it at that from `to` on;
        // what a point has is what has come so far minus what has left.
        const std::size_t customers = stage.action.size();
        std::vector<std::uint8_t> coming(customers, 0);
        std::vector<std::uint8_t> leaving(customers, 0);
        std::vector<std::uint32_t> first(customers, 0);
        std::vector<std::uint32_t> end(customers, 0);
        bool some_leave = false;
        for (std::size_t i = 0; i < customers; ++i) {
            const std::uint32_t from = position(stage.from[i]);
            const std::uint32_t to = position(stage.to[i]);
            if (stage.action[i] == 0 || from == to) {
                continue;
            }
            coming[i] = stage.action[i];
            first[i] = from;
            if (to < points_.size()) {
                leaving[i] = stage.action[i];
                end[i] = to;
                some_leave = true;
            }
        }
        accumulate(coming, std::move(first), 1);
        if (some_leave) {
            accumulate(leaving, std::move(end), -1);
        }
    }

    /// What the k-th point changes. Call it for k = 0, 1, ..
    PathTotals next(std::size_t k) {
        const std::size_t paths = changes_.paths;
        so_far_.resize(paths, 0);
        for (std::size_t path = 0; path < paths; ++path) {
            so_far_[path] += changes_.values[k * paths + path];
        }
        return {changes_.paths, 1, changes_.unit, so_far_};
    }

    [[nodiscard]] bool is_empty() const noexcept { return changes_.values.empty(); }

  private:
    [[nodiscard]] std::uint32_t position(std::uint16_t point) const {
        return static_cast<std::uint32_t>(std::ranges::lower_bound(points_, point) - points_.begin());
    }

    void accumulate(std::span<const std::uint8_t> action, std::vector<std::uint32_t> group, int sign) {
        PathTotals totals =
            simulator_.by_group(action, std::move(group), points_.size(), "simulating the frontier on fresh paths");
        if (changes_.values.empty()) {
            changes_ = std::move(totals);
            return;
        }
        if (totals.unit != changes_.unit || totals.values.size() != changes_.values.size()) {
            throw ModelError(
                "simulations of one population have sums of different units (frontier): report this fault");
        }
        std::ranges::transform(changes_.values, totals.values, changes_.values.begin(),
                               [sign](std::int64_t a, std::int64_t b) { return a + sign * b; });
    }

    const PlanSimulator& simulator_;
    std::vector<std::uint16_t> points_;
    PathTotals changes_;  ///< [point][path]: against the point before
    std::vector<std::int64_t> so_far_;
};

/// Profits of the chosen points; empty where no point changes anything.
std::vector<Estimate> fresh_profits(const std::vector<FrontierStage>& stages, const std::vector<std::uint16_t>& chosen,
                                    const PlanSimulator& simulator) {
    PointTotals totals(simulator, chosen);
    for (const FrontierStage& stage : stages) {
        totals.add(stage);
    }
    std::vector<Estimate> profits;
    for (std::size_t k = 0; k < chosen.size() && !totals.is_empty(); ++k) {
        profits.push_back(profit_on_paths(totals.next(k), simulator.settings()).mean);
    }
    return profits;
}

}  // namespace

std::vector<EvaluatedPoint> evaluated_frontier(const UpliftTable& table, std::size_t points,
                                               std::optional<double> budget, const PlanSimulator* simulator) {
    const Frontier frontier = efficient_frontier(table, points, simulator != nullptr);
    std::vector<EvaluatedPoint> evaluated;
    for (const FrontierPoint& point : frontier.points) {
        evaluated.push_back({point});
    }
    if (simulator == nullptr || evaluated.empty()) {
        return evaluated;
    }
    const std::vector<std::uint16_t> chosen =
        chosen_points(frontier.points, static_cast<std::size_t>(simulator->settings().paths), budget);
    const std::vector<Estimate> fresh = fresh_profits(frontier.stages, chosen, *simulator);
    for (std::size_t k = 0; k < fresh.size(); ++k) {
        evaluated[chosen[k]].fresh = fresh[k];
    }
    return evaluated;
}

}  // namespace clv
