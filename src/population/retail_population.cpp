#include "clv/population/retail_population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>
#include <span>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/paths/purchase_posterior.hpp"

namespace clv {

namespace {

/// What of the model the data do not identify, for these customers, and paths therefore hold; nothing where the fit has
/// draws of its own.
std::vector<std::string> unidentified(const PurchaseFit& fit, const PurchaseSummary& summary) {
    if (!fit.draws.empty()) {
        return {};
    }
    return fit.covariates.size() > 0 ? unidentified_effects(fit.covariates, summary) : unidentified_parameters(fit);
}

/// So many draws of the parameters, of each set of points. Where an effect of covariates is not identified, all are
/// held: nothing bounds what its draws would do to the others.
std::vector<ModelDraw> likely_draws(const PurchaseSummary& summary, const FittedModel& model,
                                    std::span<const DrawPoints> sets, std::size_t count) {
    PurchaseFit purchase = model.purchase;
    if (purchase.covariates.size() > 0 && !unidentified(purchase, summary).empty()) {
        purchase.covariates.covariance.clear();
    }
    std::vector<ModelDraw> draws;
    for (const DrawPoints& points : sets) {
        const auto of_purchase = draw_purchases(purchase, count, points);
        const auto of_spend = model.spend ? draw_parameters(*model.spend, count, points)
                                          : std::vector<SpendParameters>(count, SpendParameters{});
        for (std::size_t k = 0; k < count; ++k) {
            draws.push_back({of_purchase[k], of_spend[k]});
        }
    }
    return draws;
}

/// A warning where the weeks to come are far from those that closed forms go by.
std::optional<std::string> compared_with_closed_forms(const CalendarFit& calendar, const std::vector<RetailDraw>& draws,
                                                      double horizon_weeks) {
    std::vector<CalendarDraw> calendars;
    for (const RetailDraw& draw : draws) {
        calendars.push_back(draw.calendar);
    }
    const AverageFactor factor = average_factor(calendars, static_cast<std::size_t>(std::ceil(horizon_weeks)));
    // rate times time counts no dates, of which a short history on a grid has fewer than its time seems to hold
    if (!factor.contradicts_closed_forms(calendar.weeks.cell_weeks == 1.0 ? 1.5 : 1.05)) {
        return std::nullopt;
    }
    return fmt::format(
        "calendar: the weeks until the horizon are forecast at {:.2f} times the average of those fitted on (95%: "
        "{:.2f} "
        "to {:.2f}), and expected_purchases is at 1: values and closed form differ by that. Unless the trade has "
        "changed "
        "so much, see the weeks in model.json, or set fit.calendar = false",
        factor.mean, factor.low, factor.high);
}

/// What the bootstrap found.
const std::vector<ModelDraw>& bootstrap_fits(const FittedModel& model, const RetailSettings& settings) {
    if (model.bootstrap.empty()) {
        throw ConfigError(fmt::format(
            "fit.parameter_uncertainty is \"bootstrap\", and {} has no bootstrap draws: fit it again with this "
            "setting",
            settings.model_name));
    }
    return model.bootstrap;
}

/// Draws of everything that is uncertain, of one set of paths after the other (RetailColumns::draws_of).
struct AllDraws {
    std::vector<RetailDraw> draws;
    std::size_t in_a_set = 1;
};

AllDraws draws_of(const PurchaseSummary& summary, const FittedModel& model, const RetailSettings& settings,
                  double horizon_weeks) {
    std::vector<DrawPoints> sets{{settings.seed, 0}, {settings.seed, 1}, {settings.seed, 2}};
    AllDraws all;
    std::vector<ModelDraw> of_models;
    switch (settings.uncertainty) {
        case ParameterUncertainty::none: {
            const PurchaseFit& fit = model.purchase;
            all.in_a_set = model.calendar ? draws_for(settings.paths) : 1;
            sets.resize(model.calendar ? sets.size() : 1);
            of_models.assign(all.in_a_set * sets.size(),
                             {{fit.model.parameters, fit.covariates.rate, fit.covariates.dropout},
                              model.spend ? model.spend->parameters : SpendParameters{}});
            break;
        }
        case ParameterUncertainty::bootstrap:
            of_models = bootstrap_fits(model, settings);
            sets.resize(of_models.size() > 1 ? 2 : 1);
            all.in_a_set = of_models.size() / sets.size();
            break;
        case ParameterUncertainty::laplace:
            all.in_a_set = draws_for(settings.paths);
            of_models = likely_draws(summary, model, sets, all.in_a_set);
            break;
    }
    for (const ModelDraw& of : of_models) {
        all.draws.push_back(
            {of.purchase.parameters, of.spend, {}, of.purchase.rate_effects, of.purchase.dropout_effects});
    }
    if (model.calendar) {
        CalendarFit calendar =
            fit_calendar(model.calendar->weeks, static_cast<std::size_t>(std::ceil(horizon_weeks)), all.in_a_set, sets);
        for (std::size_t k = 0; k < all.draws.size(); ++k) {
            all.draws[k].calendar = std::move(calendar.draws[k]);
        }
    }
    return all;
}

/// How the paths of a run share what `columns` hold.
SharedDraws shared_draws(const RetailColumns& columns, ParameterUncertainty uncertainty) {
    return columns.draws.size() == 1                        ? SharedDraws::none
           : uncertainty == ParameterUncertainty::bootstrap ? SharedDraws::few
                                                            : SharedDraws::many;
}

/// What the models expect of every customer.
void fill_expectations(FittedPurchases& fitted, int horizon_months) {
    const double horizon = horizon_months * days_per_month / days_per(fitted.model.purchase.model.time_unit);
    PurchaseForecasts forecasts = forecasts_of(fitted.model, fitted.summary, horizon);
    fitted.p_alive = std::move(forecasts.p_alive);
    fitted.expected_purchases = std::move(forecasts.purchases);
    fitted.expected_spend = std::move(forecasts.spend);
}

/// Throws InputError for a customer of whom the model expects more purchases than a path has room for.
void check_rates(const PurchaseSummary& summary, const PurchaseFit& fit, int horizon_months, const std::string& file) {
    const PurchaseModel& model = fit.model;
    const double horizon = horizon_months * days_per_month / days_per(model.time_unit);
    const auto covariates = covariates_of(summary, fit.covariates.names);
    for (std::size_t i = 0; i < summary.size() && !has_opportunities(model.law); ++i) {
        const double factor = covariates.empty() ? 1.0 : covariate_factor(covariates, fit.covariates.rate, i);
        const double purchases =
            horizon * expected_rate(model.law, model.parameters, summary.frequency[i], summary.age[i], factor);
        if (std::isfinite(purchases) && purchases > most_expected_purchases) {
            throw InputError(
                fmt::format("the purchase model expects {:.3g} purchases of customer '{}' until the horizon, after {} "
                            "in {} {}s ({}): "
                            "check the row, and fit.time_unit; at most {:g} can be simulated",
                            purchases, summary.customer_id[i], summary.frequency[i], summary.age[i],
                            to_string(model.time_unit), file, most_expected_purchases));
        }
    }
}

}  // namespace

RetailDraw draw_at_estimates(const FittedModel& model) {
    const CovariateEffects& effects = model.purchase.covariates;
    return {model.purchase.model.parameters,
            model.spend ? model.spend->parameters : SpendParameters{},
            {},
            effects.rate,
            effects.dropout};
}

RetailColumns retail_columns(const PurchaseSummary& summary, const FittedModel& model, const RetailSettings& settings,
                             double horizon_weeks) {
    RetailColumns columns;
    columns.id_hash = summary.id_hash;
    columns.law = model.purchase.model.law;
    columns.time_unit = model.purchase.model.time_unit;
    columns.frequency = summary.frequency;
    columns.recency = summary.recency;
    columns.age = summary.age;
    columns.monetary_value = summary.monetary_value;
    columns.margin.assign(summary.size(), settings.margin);
    AllDraws all = draws_of(summary, model, settings, horizon_weeks);
    const auto own_end = all.draws.begin() + static_cast<std::ptrdiff_t>(all.in_a_set);
    columns.draws.assign(std::move_iterator(all.draws.begin()), std::move_iterator(own_end));
    columns.other_draws.assign(std::move_iterator(own_end), std::move_iterator(all.draws.end()));
    for (const std::vector<double>* covariate : covariates_of(summary, model.purchase.covariates.names)) {
        columns.covariates.push_back(*covariate);
    }
    columns.segment = summary.segment;
    columns.segments = summary.segments;
    return columns;
}

void check_rows(const PurchaseSummary& summary, const FittedModel& model, int horizon_months, const std::string& file) {
    check_segment_names(summary.segments, file);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        if (!summary.weight.empty() && summary.weight[i] != 1.0) {
            throw InputError(
                fmt::format("row {} of the summary stands for {} customers ({}): a model can be fitted on "
                            "it, but to simulate give every customer a row",
                            i + 1, summary.weight[i], file));
        }
    }
    check_histories(summary, history_time(model.purchase.model.law), file);
    check_rates(summary, model.purchase, horizon_months, file);
}

Population retail_population(PurchasesRead read, FittedModel model, SimulationPlan plan,
                             const RetailSettings& settings) {
    check_rows(read.history.summary, model, plan.settings.horizon_months, read.report.file);
    FittedPurchases fitted{std::move(read.history.summary), std::move(model), {}, {}, {}};
    Population population;
    population.report = std::move(read.report);
    population.customers = customers_of(fitted.summary, read.features, plan.actions);
    read.features.reset();
    population.plan = std::move(plan);
    population.plan.eligible = eligible_actions(population.customers, population.plan.actions);
    population.customers.features = {};
    const int horizon_months = population.plan.settings.horizon_months;
    RetailColumns columns = retail_columns(fitted.summary, fitted.model, settings, horizon_months * weeks_per_month);
    population.plan.settings.shared_draws = shared_draws(columns, settings.uncertainty);
    fill_expectations(fitted, horizon_months);
    if (fitted.model.calendar) {
        const double horizon_weeks = horizon_months * weeks_per_month;
        if (auto warning = compared_with_closed_forms(*fitted.model.calendar, columns.draws, horizon_weeks)) {
            population.report.warnings.push_back(std::move(*warning));
        }
    }
    population.columns = std::move(columns);
    if (!fitted.model.spend) {
        population.notes.emplace_back("there is no spend model: every purchase is worth 1, values are counts");
    }
    if (const auto names = unidentified(fitted.model.purchase, fitted.summary);
        !names.empty() && settings.uncertainty == ParameterUncertainty::laplace) {
        population.notes.push_back(fmt::format(
            "the data that the model was fitted to do not identify {}: paths hold {} at the estimates, and bands leave "
            "that uncertainty out",
            fmt::join(names, ", "), fitted.model.purchase.covariates.size() > 0 ? "all parameters" : "them"));
    }
    population.purchases = std::move(fitted);
    return population;
}

}  // namespace clv
