#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "clv/decisions/table/certificate.hpp"
#include "clv/decisions/table/objectives.hpp"

namespace clv {

namespace {

std::string_view name(PlanStatus status) {
    return status == PlanStatus::optimal ? "optimal" : status == PlanStatus::bounded ? "bounded" : "infeasible";
}

OptimizerSettings settings_of(const Certificate& certificate) {
    OptimizerSettings settings;
    settings.budget = certificate.budget;
    settings.exact = certificate.exact;
    settings.customer_risk_weight = certificate.customer_risk_weight;
    settings.robustness = certificate.robustness;
    settings.switching_penalty = certificate.switching_penalty;
    for (std::size_t r = certificate.budget ? 1 : 0; r < certificate.limits.size(); ++r) {
        settings.limits.push_back(certificate.limits[r].limit);
    }
    return settings;
}

bool agree(double stated, double found) {
    constexpr double tolerance = 1.0e-9;
    return std::abs(stated - found) <= tolerance * std::max(std::abs(stated), std::abs(found));
}

}  // namespace

CertificateCheck check_planned_again(const UpliftTable& table, const Certificate& certificate,
                                     std::span<const std::uint8_t> current) {
    CertificateCheck check;
    if (certificate.objective_kind == Objective::mean_cvar) {
        check.not_recomputed.emplace_back(
            "objective with its risk_weight, objective_without, bounds and multipliers of a plan for mean and CVaR "
            "rest on paths");
        const bool is_closed = certificate.relative_gap == 0.0;
        if (is_closed != (certificate.status == PlanStatus::optimal)) {
            check.mismatches.push_back(fmt::format("status is stated as {}, but relative_gap is {:.3g}",
                                                   name(certificate.status), certificate.relative_gap));
        }
        return check;
    }
    const OptimizerSettings settings = settings_of(certificate);
    std::optional<UpliftTable> adjusted;
    if (has_adjustments(settings)) {
        adjusted = table;
        adjust_objective(*adjusted, settings, current);
    }
    const ActionPlan plan = plan_actions(adjusted ? *adjusted : table, settings);
    if (plan.status != certificate.status) {
        check.mismatches.push_back(fmt::format("status is stated as {}, but a plan made again is {}",
                                               name(certificate.status), name(plan.status)));
    }
    if (plan.status == PlanStatus::infeasible) {
        return check;
    }
    const Certificate again = certify(table, settings, plan, current);
    const auto compare = [&](const std::string& what, double stated, double found) {
        if (!agree(stated, found)) {
            check.mismatches.push_back(
                fmt::format("{} is stated as {}, but a plan made again has {}", what, stated, found));
        }
    };
    compare("objective", certificate.objective, again.objective);
    compare("upper_bound", certificate.upper_bound, again.upper_bound);
    for (std::size_t r = 0; r < certificate.limits.size(); ++r) {
        compare(fmt::format("the multiplier of {}", certificate.limits[r].limit.name), certificate.limits[r].multiplier,
                again.limits.at(r).multiplier);
    }
    if (check.mismatches.empty()) {
        check.checked.push_back(
            fmt::format("a plan made again is {}, with the same objective, bound and multipliers", name(plan.status)));
    }
    return check;
}

}  // namespace clv
