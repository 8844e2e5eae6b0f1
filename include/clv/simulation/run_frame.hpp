#pragma once
// What the figures of a run need to know of it, whatever the path law.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "clv/paths/action_law.hpp"
#include "clv/paths/path_tables.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/path_weights.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// [alternative]: scale of a customer's values.
using ValueScales = std::array<FixedPoint, max_alternatives>;

struct RunFrame {
    const SimulationPlan& plan;
    const std::vector<std::uint32_t>& segment;  ///< of every customer; empty: everybody is in segment 0
    std::size_t segments;                       ///< at least 1
    std::vector<double> annuity;                ///< [months]: present value of 1 in each of the first months
    FixedPoint total_scale;                     ///< of sums of values over all customers
    FixedPoint cash_scale;                      ///< of sums of one month's cash under none
    PathWeights weights;                        ///< of the plan's paths
    bool has_contracts = false;                 ///< the law knows which months a customer pays
    std::uint32_t segments_apart = 0;           ///< of the last ones: no part of the portfolio

    /// Alternatives of a customer, `none` aside: all actions, or the one that is assigned.
    [[nodiscard]] int action_count() const noexcept {
        return plan.assignment.empty() ? static_cast<int>(plan.actions.size()) : 1;
    }
    /// Index in the plan's actions of a customer's alternative (from 1).
    [[nodiscard]] std::size_t action_of(std::size_t customer, int alternative) const noexcept {
        return plan.assignment.empty() ? static_cast<std::size_t>(alternative) - 1 : plan.assignment[customer] - 1U;
    }
    [[nodiscard]] bool is_simulated(std::size_t customer) const noexcept {
        return plan.assignment.empty() || plan.assignment[customer] != 0;
    }
    /// Whether distributions of gains are taken: of every action, path by path, where everything is taken of values.
    [[nodiscard]] bool takes_gains() const noexcept {
        return plan.settings.uplift_distribution && !plan.actions.empty() && plan.assignment.empty() &&
               !plan.moments_only && weights.whole.empty();
    }
    /// Whether it is taken what actions add to the paid months.
    [[nodiscard]] bool takes_added_months() const noexcept {
        return has_contracts && !plan.actions.empty() && weights.whole.empty();
    }
    [[nodiscard]] std::uint32_t segment_of(std::size_t customer) const noexcept {
        return segment.empty() ? 0 : segment[customer];
    }
};

/// Present value today of 1 paid in month t = 1..horizon: (1+r)^-y with y by the timing.
[[nodiscard]] std::vector<double> discount_factors(const SimulationSettings& settings);

/// [months]: sums of the first discount factors.
[[nodiscard]] std::vector<double> annuity_of(const std::vector<double>& discount_factors);

/// Checks what holds for every law: actions, replicates, scenarios. Throws ConfigError.
void check_plan(const SimulationPlan& plan);

}  // namespace clv
