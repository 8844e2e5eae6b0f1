#include "setup_parts.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <string_view>

#include "clv/core/errors.hpp"
#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/run_frame.hpp"

namespace clv {

namespace {

/// FNV-1a, 64 bit: the address of an action's uncertain effects.
std::uint64_t name_hash(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const char c : name) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
    }
    return hash;
}

MultiplierLaw multiplier_law(const UncertainMultiplier& multiplier) {
    return {multiplier.median, static_cast<float>(multiplier.log_sd * std::numbers::log2e),
            static_cast<float>(multiplier.customer_log_sd * std::numbers::log2e)};
}

}  // namespace

ActionLaw action_law(const Action& action, int horizon_months) {
    const std::uint64_t hash = name_hash(action.name);
    ActionLaw law{};
    law.acceptance_threshold = static_cast<std::uint64_t>(std::llrint(action.acceptance * 0x1p32));
    law.cost = action.cost;
    law.cost_if_accepted = action.cost_if_accepted;
    law.monthly_cost = action.monthly_cost;
    law.monthly_cost_share = action.monthly_cost_share;
    law.multipliers[static_cast<int>(MultiplierKind::hazard)] = multiplier_law(action.hazard_multiplier);
    law.multipliers[static_cast<int>(MultiplierKind::revenue)] = multiplier_law(action.revenue_multiplier);
    law.multipliers[static_cast<int>(MultiplierKind::price)] = multiplier_law(action.price_multiplier);
    law.inverse_hazard_multiplier = static_cast<float>(1.0 / action.hazard_multiplier.median);
    law.name_low = static_cast<std::uint32_t>(hash);
    law.name_high = static_cast<std::uint32_t>(hash >> 32);
    law.duration_months = std::min(action.duration_months.value_or(horizon_months), horizon_months);
    return law;
}

double nine_sigma(double log_variance) {
    const double s = std::min(std::sqrt(log_variance), 9.0);
    return elementary::exp(9.0 * s - 0.5 * s * s);
}

std::vector<double> discount_factors(const SimulationSettings& settings) {
    const double log_rate = elementary::log1p(settings.discount_rate.value);
    const double shift = settings.discount_timing == DiscountTiming::start ? 1.0
                         : settings.discount_timing == DiscountTiming::mid ? 0.5
                                                                           : 0.0;
    std::vector<double> factors;
    for (int month = 1; month <= settings.horizon_months; ++month) {
        const double years = (static_cast<double>(month) - shift) / months_per_year;
        factors.push_back(elementary::exp(-years * log_rate));
    }
    return factors;
}

std::vector<double> annuity_of(const std::vector<double>& discount_factors) {
    std::vector<double> annuity{0.0};
    for (const double factor : discount_factors) {
        annuity.push_back(annuity.back() + factor);
    }
    return annuity;
}

PathWeights weights_of(const SimulationPlan& plan) {
    const auto paths = static_cast<std::size_t>(plan.settings.paths);
    if (!plan.path_weights.empty() && plan.path_weights.size() != paths) {
        throw ConfigError(fmt::format("{} weights for {} paths (path_weights): give one for each path",
                                      plan.path_weights.size(), paths));
    }
    if (!plan.path_weights.empty() && (plan.settings.target || !plan.scenarios.empty())) {
        throw ConfigError("paths have weights (path_weights): leave out simulation.target_se and scenarios");
    }
    return whole_weights(plan.path_weights);
}

void check_plan(const SimulationPlan& plan) {
    const SimulationSettings& settings = plan.settings;
    if (plan.actions.size() > static_cast<std::size_t>(max_actions)) {
        throw ConfigError(fmt::format("{} actions are more than the {} that one run compares: split the run",
                                      plan.actions.size(), max_actions));
    }
    if (settings.has_replicates() && settings.paths % path_replicates != 0) {
        throw ConfigError(fmt::format("simulation.paths = {} does not divide into {} replicates: give a multiple of {}",
                                      settings.paths, path_replicates, path_replicates));
    }
    if (!plan.scenarios.empty() && !plan.actions.empty()) {
        throw ConfigError("scenarios are simulated without actions: leave out one of them");
    }
}

}  // namespace clv
