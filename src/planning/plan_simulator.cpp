#include "clv/planning/plan_simulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <string>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/paths/take_customers.hpp"
#include "named_progress.hpp"

namespace clv {

namespace {

/// Puts groups in the place of a population's segments while it lives.
class GroupsForSegments {
  public:
    GroupsForSegments(LawColumns& columns, std::vector<std::uint32_t> group, std::size_t groups)
        : columns_(columns), group_(std::move(group)), names_(groups) {
        exchange();
    }
    ~GroupsForSegments() { exchange(); }
    GroupsForSegments(const GroupsForSegments&) = delete;
    GroupsForSegments& operator=(const GroupsForSegments&) = delete;

  private:
    void exchange() noexcept {
        std::visit(
            [this](auto& columns) {
                columns.segment.swap(group_);
                columns.segments.swap(names_);
                if constexpr (requires { columns.last_is_apart; }) {
                    std::swap(columns.last_is_apart, last_is_apart_);
                }
            },
            columns_);
    }

    LawColumns& columns_;
    std::vector<std::uint32_t> group_;
    std::vector<std::string> names_;
    bool last_is_apart_ = false;
};

template <class Plan, class Change>
void change_multipliers(Plan& plan, Change change) {
    for (auto& action : plan.actions) {
        change(action.hazard_multiplier);
        change(action.revenue_multiplier);
        change(action.price_multiplier);
    }
}

/// What every path takes of memory for good: totals of segments, their months, the market's tables and one customer's
/// values.
double bytes_per_path(const SimulationPlan& plan, std::size_t segments) {
    const auto months = static_cast<double>(plan.settings.horizon_months);
    const double totals = static_cast<double>(segments + 1) * (plan.settings.cashflow ? months + 1.0 : 1.0);
    const double values = static_cast<double>(plan.actions.size() + 1);
    return sizeof(double) * (totals + months + values);
}

}  // namespace

void throw_out_of_memory(const SimulationPlan& plan, std::size_t segments) {
    constexpr double much = 64e6;
    const SimulationSettings& settings = plan.settings;
    const double bytes = bytes_per_path(plan, segments) * static_cast<double>(settings.most_paths());
    if (bytes < much) {
        throw std::bad_alloc();
    }
    throw MemoryError(fmt::format(
        "out of memory: {} paths of {} segments take {:.1f} GB (simulation.paths): use fewer paths{}, or a machine or "
        "limit (ulimit -v) with more",
        settings.most_paths(), segments, bytes / 1e9, settings.cashflow ? ", leave simulation.cashflow out" : ""));
}

RunTotals simulate_on(const Backend& backend, const LawColumns& columns, const SimulationPlan& plan,
                      CustomerSink& figures, Progress& progress) {
    const auto run = [&](const auto& of_law) {
        try {
            return backend.run(of_law, plan, figures, progress);
        } catch (const std::bad_alloc&) {
            throw_out_of_memory(plan, of_law.segments.size());
        }
    };
    return std::visit(run, columns);
}

SimulationPlan PlanSimulator::plan_with(std::span<const std::uint8_t> action) const {
    SimulationPlan plan = population_.plan;
    plan.assignment.assign(action.begin(), action.end());
    plan.moments_only = true;
    return plan;
}

PathTotals PlanSimulator::run(const SimulationPlan& plan, std::string_view stage) const {
    NoFigures none;
    NamedProgress progress(progress_, stage);
    return simulate_on(backend_, population_.columns, plan, none, progress).totals;
}

PathTotals PlanSimulator::without_actions(std::string_view stage) const {
    if (without_actions_ != nullptr) {
        return *without_actions_;
    }
    SimulationPlan plan = population_.plan;
    plan.eligible.assign(population_.customers.size(), 0);  // rather than no actions: they have a say in the unit
    plan.settings.target.reset();
    plan.settings.cashflow = false;
    plan.moments_only = true;
    return run(plan, stage);
}

PathTotals PlanSimulator::on_same_paths(std::span<const std::uint8_t> action, std::string_view stage) const {
    return run(plan_with(action), stage);
}

std::vector<double> PlanSimulator::weighted_profit(std::span<const double> weights, std::string_view stage) const {
    SimulationPlan plan = population_.plan;
    plan.path_weights.assign(weights.begin(), weights.end());
    plan.settings.target.reset();
    plan.settings.cashflow = false;
    plan.moments_only = true;
    UpliftTableBuilder profits(population_.customers.customer_id, plan);
    NamedProgress progress(progress_, stage);
    static_cast<void>(simulate_on(backend_, population_.columns, plan, profits, progress));
    return std::move(profits).finish().expected_profit;
}

PathTotals PlanSimulator::on_fresh_paths(std::span<const std::uint8_t> action, std::string_view stage) const {
    SimulationPlan plan = plan_with(action);
    plan.first_path += static_cast<std::uint64_t>(plan.settings.paths);
    return run(plan, stage);
}

PathTotals PlanSimulator::on_fresh_paths_at_medians(std::span<const std::uint8_t> action,
                                                    std::string_view stage) const {
    SimulationPlan plan = plan_with(action);
    plan.first_path += static_cast<std::uint64_t>(plan.settings.paths);
    change_multipliers(plan, [](UncertainMultiplier& multiplier) { multiplier.log_sd = 0.0; });
    return run(plan, stage);
}

UpliftTable PlanSimulator::on_added_paths(std::span<const std::size_t> customers, std::int64_t paths,
                                          std::string_view stage) const {
    SimulationPlan plan = population_.plan;
    plan.first_path += added_paths_begin;
    plan.settings.paths = paths;
    plan.settings.target.reset();
    plan.settings.cashflow = false;
    plan.moments_only = true;
    IdColumn ids;
    for (const std::size_t customer : customers) {
        ids.push_back(population_.customers.customer_id[customer]);
    }
    if (!plan.eligible.empty()) {
        std::vector<std::uint8_t> eligible;
        for (const std::size_t customer : customers) {
            eligible.push_back(plan.eligible[customer]);
        }
        plan.eligible = std::move(eligible);
    }
    const LawColumns columns = std::visit(
        [&](const auto& of_all) { return LawColumns(take_customers(of_all, customers)); }, population_.columns);
    UpliftTableBuilder figures(ids, plan);
    NamedProgress progress(progress_, stage);
    static_cast<void>(simulate_on(backend_, columns, plan, figures, progress));
    return std::move(figures).finish();
}

PathTotals PlanSimulator::by_group(std::span<const std::uint8_t> action, std::vector<std::uint32_t> group,
                                   std::size_t groups, std::string_view stage) const {
    const GroupsForSegments grouped(population_.columns, std::move(group), groups);
    return on_fresh_paths(action, stage);
}

bool PlanSimulator::has_uncertain_effects() const {
    bool found = false;
    change_multipliers(population_.plan,
                       [&](const UncertainMultiplier& multiplier) { found = found || multiplier.log_sd != 0.0; });
    return found;
}

}  // namespace clv
