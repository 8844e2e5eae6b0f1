#include "clv/models/hazards.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/models/observed_churn.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

using SegmentCurves = std::map<std::string, std::vector<double>>;

float as_hazard(double hazard) {
    return static_cast<float>(std::min(hazard, double{certain_churn_hazard}));
}

/// Hazard of a month between whose ends survival falls from `before` to `after`.
float hazard_between(double before, double after) {
    return after > 0.0 ? as_hazard(-elementary::log(after / before)) : certain_churn_hazard;
}

std::size_t segment_count(const CustomerTable& customers) {
    return customers.segment.empty() ? 1 : customers.segments.size();
}

std::size_t segment_of(const CustomerTable& customers, std::size_t customer) {
    return customers.segment.empty() ? 0 : customers.segment[customer];
}

std::string segment_name(const CustomerTable& customers, std::size_t segment) {
    return customers.segment.empty() ? std::string("all") : customers.segments[segment];
}

/// A curve of life in the pool: its first month's entry, how many months it has, and what follows.
struct Curve {
    std::uint64_t start = 0;
    std::uint32_t length = 0;
    float tail = 0.0F;
    std::uint32_t observed = 0;  ///< months that rest on data
};

/// Gives the customer the part of the curve that is still ahead.
void continue_curve(SurvivalFit& fit, const Curve& curve, std::uint32_t lived, std::uint32_t horizon) {
    const std::uint32_t passed = std::min(lived, curve.length);
    fit.hazards.customers.push_back({curve.start + passed, std::min(curve.length - passed, horizon), curve.tail});
    fit.observed_months.push_back(std::min(curve.observed - std::min(lived, curve.observed), horizon));
}

void use_churn_probability(SurvivalFit& fit, const CustomerTable& customers, std::uint32_t horizon) {
    if (customers.churn_probability.empty()) {
        throw InputError(
            "survival.source = \"churn_probability\" needs a column that is missing (customers: churn_probability): "
            "name "
            "it in input.columns.churn_probability, give input.defaults.churn_probability, or choose another source");
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const double probability = customers.churn_probability[i];
        const float hazard = probability < 1.0 ? as_hazard(-elementary::log1p(-probability)) : certain_churn_hazard;
        fit.hazards.customers.push_back({0, 0, hazard});
    }
    fit.observed_months.assign(customers.size(), horizon);
}

void warn_of_short_curves(SurvivalFit& fit, std::size_t short_curves) {
    if (short_curves > 0) {
        fit.warnings.push_back(fmt::format(
            "survival curves end before the horizon for {} of {} customers: they continue with their last hazard",
            short_curves, fit.hazards.customers.size()));
    }
}

void use_own_curves(SurvivalFit& fit, const CustomerTable& customers, std::uint32_t horizon) {
    if (customers.survival_months == 0) {
        throw InputError(
            "survival.source = \"curve\" needs columns that are missing (customers: survival_1, survival_2, ..): add "
            "them, name a file of curves per segment in survival.curves, or choose another source");
    }
    const auto months = static_cast<std::uint32_t>(customers.survival_months);
    fit.hazards.pool.reserve(customers.size() * std::min(months, horizon));
    std::size_t short_curves = 0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const auto curve = std::span(customers.survival).subspan(i * months, months);
        const auto hazard = [&](std::uint32_t index) {
            return hazard_between(index == 0 ? 1.0 : double{curve[index - 1]}, double{curve[index]});
        };
        const std::uint32_t lived = months_lived(customers, i);
        const std::uint32_t first = std::min(lived, months);
        const std::uint32_t last = std::min(months - first, horizon) + first;
        const Curve ahead{fit.hazards.pool.size(), last - first, hazard(months - 1), last - first};
        for (std::uint32_t index = first; index < last; ++index) {
            fit.hazards.pool.push_back(hazard(index));
        }
        continue_curve(fit, ahead, 0, horizon);
        short_curves += last - first < horizon ? 1 : 0;
    }
    warn_of_short_curves(fit, short_curves);
}

Curve add_segment_curve(SurvivalFit& fit, const std::string& segment, const std::vector<double>& survival) {
    Curve curve{fit.hazards.pool.size(), static_cast<std::uint32_t>(survival.size()), 0.0F,
                static_cast<std::uint32_t>(survival.size())};
    double before = 1.0;
    for (std::size_t month = 0; month < survival.size(); ++month) {
        const double after = survival[month];
        if (!(after >= 0.0 && after <= before)) {
            throw InputError(
                fmt::format("survival_{} is {} after {} (survival.curves, segment {}): survival lies between "
                            "0 and 1 and never rises",
                            month + 1, after, before, segment));
        }
        curve.tail = hazard_between(before, after);
        fit.hazards.pool.push_back(curve.tail);
        before = after;
    }
    return curve;
}

void use_segment_curves(SurvivalFit& fit, const CustomerTable& customers, std::uint32_t horizon,
                        const SegmentCurves& segment_curves) {
    if (customers.segment.empty()) {
        throw ConfigError(
            "survival.curves holds a curve per segment and the customers have no segments (survival.curves): name the "
            "segment columns in input.segment_by");
    }
    std::vector<Curve> curves;
    for (const std::string& segment : customers.segments) {
        const auto found = segment_curves.find(segment);
        if (found == segment_curves.end() || found->second.empty()) {
            throw InputError(fmt::format("no survival curve (survival.curves, segment {}): add its row", segment));
        }
        curves.push_back(add_segment_curve(fit, segment, found->second));
    }
    std::size_t short_curves = 0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const Curve& curve = curves[customers.segment[i]];
        continue_curve(fit, curve, months_lived(customers, i), horizon);
        short_curves += fit.observed_months.back() < horizon ? 1 : 0;
    }
    warn_of_short_curves(fit, short_curves);
}

/// Fills a table of observed churn per segment.
void observe(SurvivalFit& fit, const CustomerTable& customers, SurvivalSource source, int period_months) {
    for (const auto& [name, missing] : {std::pair{"churned", customers.churned.empty()},
                                        std::pair{"tenure_months", customers.tenure_months.empty()}}) {
        if (missing) {
            throw InputError(
                fmt::format("survival.source = \"{0}\" needs a column that is missing (customers: {1}): name "
                            "it in input.columns.{1}, or choose another source",
                            source == SurvivalSource::sbg ? "sbg" : "kaplan_meier", name));
        }
    }
    for (ObservedChurn& observed : observe_churn(customers, period_months, source == SurvivalSource::sbg)) {
        const std::vector<std::uint64_t>& churned = observed.estimate.churned;
        if (std::all_of(churned.begin(), churned.end(), [](std::uint64_t count) { return count == 0; })) {
            fit.warnings.push_back(fmt::format("no churn was observed in segment {} ({} customers): its hazard is 0",
                                               observed.segment, observed.customers));
        }
        fit.warnings.insert(fit.warnings.end(), observed.warnings.begin(), observed.warnings.end());
        fit.tables.push_back({std::move(observed.segment), period_months, std::move(observed.estimate), std::nullopt});
    }
}

void use_kaplan_meier(SurvivalFit& fit, const CustomerTable& customers, std::uint32_t horizon) {
    observe(fit, customers, SurvivalSource::kaplan_meier, 1);
    std::vector<Curve> curves;
    for (const SurvivalTable& table : fit.tables) {
        const auto months = static_cast<std::uint32_t>(table.observed.months());
        curves.push_back({fit.hazards.pool.size(), months, as_hazard(table.observed.tail_hazard), months});
        for (std::uint32_t month = 1; month <= months; ++month) {
            fit.hazards.pool.push_back(as_hazard(table.observed.hazard(month)));
        }
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        continue_curve(fit, curves[segment_of(customers, i)], months_lived(customers, i), horizon);
    }
}

/// A curve of life long enough for everybody: no tail is ever used. Without a model nobody churns.
template <class Model>
Curve add_renewal_curve(SurvivalFit& fit, const std::optional<Model>& model, int period_months, std::uint32_t months,
                        std::uint32_t observed_months) {
    const Curve curve{fit.hazards.pool.size(), months, 0.0F, observed_months};
    const auto period = static_cast<std::uint32_t>(period_months);
    for (std::uint32_t month = 1; month <= months; ++month) {
        const bool renews = model.has_value() && month % period == 0;
        fit.hazards.pool.push_back(renews ? as_hazard(model->hazard(static_cast<int>(month / period))) : 0.0F);
    }
    return curve;
}

/// Months of the curve that the oldest customer needs.
std::uint32_t longest_life(const CustomerTable& customers, std::uint32_t horizon) {
    std::uint32_t oldest = 0;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        oldest = std::max(oldest, months_lived(customers, i));
    }
    return oldest + horizon;
}

void fit_sbg_tables(SurvivalFit& fit) {
    for (SurvivalTable& table : fit.tables) {
        const std::vector<std::uint64_t>& churned = table.observed.churned;
        if (std::all_of(churned.begin(), churned.end(), [](std::uint64_t count) { return count == 0; })) {
            continue;
        }
        table.sbg = fit_sbg(table.observed.at_risk, churned);
        if (table.sbg->status != FitStatus::converged) {
            fit.warnings.push_back(
                fmt::format("sBG fit of segment {}: {} (alpha {:.6g}, beta {:.6g}): churn beyond the {} "
                            "observed periods is not to be relied on",
                            table.segment, to_string(table.sbg->status), table.sbg->model.alpha, table.sbg->model.beta,
                            table.observed.months()));
        }
    }
}

void use_sbg(SurvivalFit& fit, const CustomerTable& customers, const SurvivalSettings& settings,
             std::uint32_t horizon) {
    if (settings.period_months < 1) {
        throw ConfigError(fmt::format("{} months between renewals (survival.period_months): give at least 1",
                                      settings.period_months));
    }
    if (settings.alpha.has_value() != settings.beta.has_value()) {
        throw ConfigError(
            "one parameter of sBG without the other (survival.alpha, survival.beta): give both or neither");
    }
    const std::uint32_t months = longest_life(customers, horizon);
    std::vector<Curve> curves;
    if (settings.alpha.has_value()) {
        const ShiftedBetaGeometric model{*settings.alpha, *settings.beta};
        if (!(model.alpha > 0.0 && model.beta > 0.0 && std::isfinite(model.alpha) && std::isfinite(model.beta))) {
            throw ConfigError(fmt::format("alpha {}, beta {} (survival.alpha, survival.beta): both lie above 0",
                                          model.alpha, model.beta));
        }
        curves.assign(segment_count(customers),
                      add_renewal_curve(fit, std::optional(model), settings.period_months, months, months));
    } else {
        observe(fit, customers, SurvivalSource::sbg, settings.period_months);
        fit_sbg_tables(fit);
        for (const SurvivalTable& table : fit.tables) {
            const auto observed = static_cast<std::uint32_t>(table.observed.months()) *
                                  static_cast<std::uint32_t>(settings.period_months);
            const auto model = table.sbg ? std::optional(table.sbg->model) : std::nullopt;
            curves.push_back(add_renewal_curve(fit, model, settings.period_months, months, observed));
        }
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        continue_curve(fit, curves[segment_of(customers, i)], months_lived(customers, i), horizon);
    }
}

void use_contracts(SurvivalFit& fit, const CustomerTable& customers, std::uint32_t horizon,
                   const ContractFits* contracts) {
    if (contracts == nullptr || contracts->segments.empty()) {
        throw ConfigError(
            "survival.source = \"model\" needs a model of contracts (input.model): fit one by `clv fit --model sbg` or "
            "`bdw`, and name its model.json in input.model");
    }
    if (contracts->has_covariates()) {
        use_covariates(fit, customers, *contracts, static_cast<int>(horizon));
        return;
    }
    const std::uint32_t months = longest_life(customers, horizon);
    const std::vector<ContractSegment>& segments = contracts->segments;
    std::map<std::string_view, const ContractSegment*> by_name;
    for (const ContractSegment& segment : segments) {
        by_name.emplace(segment.counts.segment, &segment);
    }
    std::vector<Curve> curves;
    for (std::size_t segment = 0; segment < segment_count(customers); ++segment) {
        throw_if_interrupted();
        const std::string name = segment_name(customers, segment);
        const auto known = by_name.find(name);
        const ContractSegment* found = known != by_name.end() ? known->second
                                       : segments.size() == 1 ? &segments.front()
                                                              : nullptr;
        if (found == nullptr) {
            throw InputError(fmt::format(
                "the model of contracts has no segment {} (input.model): its segments begin with {}; give customers "
                "those names in input.segment_by, or fit the model without segments",
                name, segments.front().counts.segment));
        }
        const auto observed = static_cast<std::uint32_t>(found->counts.at_risk.size()) *
                              static_cast<std::uint32_t>(contracts->period_months);
        curves.push_back(
            add_renewal_curve(fit, std::optional(found->fit.model), contracts->period_months, months, observed));
    }
    for (std::size_t i = 0; i < customers.size(); ++i) {
        continue_curve(fit, curves[segment_of(customers, i)], months_lived(customers, i), horizon);
    }
}

SurvivalSource resolve_source(const CustomerTable& customers, const SurvivalSettings& settings,
                              const SegmentCurves& segment_curves) {
    if (settings.source.has_value()) {
        return *settings.source;
    }
    if (!segment_curves.empty()) {
        return SurvivalSource::curve;
    }
    if (!customers.churn_probability.empty()) {
        return SurvivalSource::churn_probability;
    }
    if (customers.survival_months > 0) {
        return SurvivalSource::curve;
    }
    throw InputError(
        "nothing says how customers churn (customers: no churn_probability, no survival_1): add one of them, name it "
        "in "
        "input.columns, or set survival.source to \"kaplan_meier\" or \"sbg\"");
}

}  // namespace

std::uint32_t months_lived(const CustomerTable& customers, std::size_t customer) {
    if (customers.tenure_months.empty()) {
        return 0;
    }
    const double tenure = customers.tenure_months[customer];
    if (!(tenure >= 0.0 && tenure <= longest_tenure_months)) {
        throw InputError(fmt::format("tenure_months is {} (customer {}): give months between 0 and {}", tenure,
                                     customers.customer_id[customer], longest_tenure_months));
    }
    return static_cast<std::uint32_t>(std::floor(tenure));
}

SurvivalFit fit_survival(const CustomerTable& customers, const SurvivalSettings& settings, int horizon_months,
                         const SegmentCurves& segment_curves, const ContractFits* contracts) {
    if (horizon_months < 1) {
        throw ConfigError(
            fmt::format("horizon of {} months (simulation.horizon_months): give at least 1", horizon_months));
    }
    const auto horizon = static_cast<std::uint32_t>(horizon_months);
    SurvivalFit fit;
    fit.source = resolve_source(customers, settings, segment_curves);
    fit.hazards.customers.reserve(customers.size());
    fit.observed_months.reserve(customers.size());
    switch (fit.source) {
        case SurvivalSource::churn_probability:
            use_churn_probability(fit, customers, horizon);
            break;
        case SurvivalSource::curve:
            if (segment_curves.empty()) {
                use_own_curves(fit, customers, horizon);
            } else {
                use_segment_curves(fit, customers, horizon, segment_curves);
            }
            break;
        case SurvivalSource::kaplan_meier:
            use_kaplan_meier(fit, customers, horizon);
            break;
        case SurvivalSource::sbg:
            use_sbg(fit, customers, settings, horizon);
            break;
        case SurvivalSource::model:
            use_contracts(fit, customers, horizon, contracts);
            break;
        case SurvivalSource::learned:
            throw std::logic_error("a learner, and not fit_survival(), says what was learned");
    }
    return fit;
}

}  // namespace clv
