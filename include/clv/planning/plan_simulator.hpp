#pragma once
// What policies change: value with their actions minus value without, path by path.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// Where memory has run out: throws MemoryError if it is the paths that ask for so much, else std::bad_alloc.
[[noreturn]] void throw_out_of_memory(const SimulationPlan& plan, std::size_t segments);

/// Everything a run makes of its population, by whichever path law.
[[nodiscard]] RunTotals simulate_on(const Backend& backend, const LawColumns& columns, const SimulationPlan& plan,
                                    CustomerSink& figures, Progress& progress);

class PlanSimulator {
  public:
    /// All must outlive it. `without_actions`: the totals of the run, where they are known.
    PlanSimulator(Population& population, const Backend& backend, Progress& progress,
                  const PathTotals* without_actions = nullptr)
        : population_(population), backend_(backend), progress_(progress), without_actions_(without_actions) {}

    /// Value without any action on the paths that decisions are made on, by segment: the totals of the whole run,
    /// simulated where they are not known.
    [[nodiscard]] PathTotals without_actions(std::string_view stage) const;
    /// On the paths that decisions are made on, by segment. `action` is [customer], 0 = none; `stage` is what the
    /// user sees.
    [[nodiscard]] PathTotals on_same_paths(std::span<const std::uint8_t> action, std::string_view stage) const;
    /// Mean profit of every action under weights of the same paths: [action][customer] as in UpliftTable; NaN where the
    /// action is not open. `weights` is [path], at least 0, sum 1.
    [[nodiscard]] std::vector<double> weighted_profit(std::span<const double> weights, std::string_view stage) const;
    /// On as many paths that come after them, with market and effects of their own.
    [[nodiscard]] PathTotals on_fresh_paths(std::span<const std::uint8_t> action, std::string_view stage) const;
    /// The same if every effect were what is most likely: without the spread that all customers of a path share.
    [[nodiscard]] PathTotals on_fresh_paths_at_medians(std::span<const std::uint8_t> action,
                                                       std::string_view stage) const;
    /// What every action would bring and cost these customers, in this order, on `paths` paths from added_paths_begin
    /// on: none of them has a part in anything else.
    [[nodiscard]] UpliftTable on_added_paths(std::span<const std::size_t> customers, std::int64_t paths,
                                             std::string_view stage) const;
    /// On fresh paths, by `group` [customer], below `groups`, in place of segments.
    [[nodiscard]] PathTotals by_group(std::span<const std::uint8_t> action, std::vector<std::uint32_t> group,
                                      std::size_t groups, std::string_view stage) const;

    /// Whether an action has an effect whose spread all customers share.
    [[nodiscard]] bool has_uncertain_effects() const;
    [[nodiscard]] const SimulationSettings& settings() const noexcept { return population_.plan.settings; }

  private:
    [[nodiscard]] SimulationPlan plan_with(std::span<const std::uint8_t> action) const;
    [[nodiscard]] PathTotals run(const SimulationPlan& plan, std::string_view stage) const;

    Population& population_;
    const Backend& backend_;
    Progress& progress_;
    const PathTotals* without_actions_;
};

}  // namespace clv
