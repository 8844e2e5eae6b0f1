#include "clv/population/subscription_population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/closed_form.hpp"

namespace clv {

CustomerRequirements customer_requirements(const SurvivalSettings& survival) {
    CustomerRequirements requirements;
    if (!survival.source) {
        requirements.churn_probability_or_curve = true;
        return requirements;
    }
    switch (*survival.source) {
        case SurvivalSource::churn_probability:
            requirements.churn_probability = true;
            break;
        case SurvivalSource::curve:
            requirements.survival_curve = survival.curves.empty();
            break;
        case SurvivalSource::kaplan_meier:
            requirements.tenure_months = true;
            requirements.churned = true;
            break;
        case SurvivalSource::model:
            break;
        case SurvivalSource::sbg:
            requirements.tenure_months = !survival.alpha || !survival.beta;
            requirements.churned = requirements.tenure_months;
            break;
    }
    return requirements;
}

SubscriptionColumns take_subscription_columns(CustomerTable& customers, HazardCurves hazards) {
    const auto or_constant = [&](Column& column, double value) {
        Column taken = std::exchange(column, {});
        if (taken.empty()) {
            taken.assign(customers.size(), value);
        }
        return taken;
    };
    SubscriptionColumns columns;
    columns.id_hash = std::exchange(customers.id_hash, {});
    columns.monthly_revenue = std::exchange(customers.monthly_revenue, {});
    columns.margin = or_constant(customers.margin, 1.0);
    columns.retention_cost = or_constant(customers.retention_cost, 0.0);
    columns.acquisition_cost = or_constant(customers.acquisition_cost, 0.0);
    columns.revenue_growth = or_constant(customers.revenue_growth, 0.0);
    columns.revenue_volatility = or_constant(customers.revenue_volatility, 0.0);
    columns.market_beta = or_constant(customers.market_beta, 1.0);
    columns.hazards = std::move(hazards);
    columns.segment = customers.segment;
    columns.segments = customers.segments;
    return columns;
}

namespace {

/// Share of the portfolio's expected value that comes from months beyond each customer's data.
double tail_share(const SubscriptionColumns& columns, const SurvivalFit& survival, const SimulationSettings& settings) {
    const auto horizon = static_cast<std::uint32_t>(settings.horizon_months);
    if (std::all_of(survival.observed_months.begin(), survival.observed_months.end(),
                    [&](std::uint32_t months) { return months >= horizon; })) {
        return 0.0;
    }
    OrderFreeSum value;
    OrderFreeSum tail;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ExpectedValue expected =
            expected_value(columns, i, settings, nullptr, static_cast<int>(survival.observed_months[i]));
        value.add(expected.clv);
        tail.add(expected.tail_value);
    }
    return value.value() > 0.0 ? tail.value() / value.value() : 0.0;
}

void check_meaning(const CustomersRead& read, const SurvivalSettings& survival) {
    check_segment_names(read.table.segments, read.report.file);
    if (!survival.source && !read.table.churn_probability.empty() && read.table.survival_months > 0) {
        throw InputError(
            fmt::format("both churn_probability and survival_1.. are given ({}): say which one counts with "
                        "survival.source = \"churn_probability\" or \"curve\"",
                        read.report.file));
    }
}

SurvivalFit fit(const CustomerTable& customers, const SurvivalSources& survival, int horizon_months) {
    return fit_survival(customers, survival.settings, horizon_months, survival.curves,
                        survival.contracts ? &*survival.contracts : nullptr);
}

/// Drops what only the fit and the filters read.
void forget_inputs(CustomerTable& customers) {
    customers.churn_probability = {};
    customers.tenure_months = {};
    customers.survival = {};
    customers.features = {};
}

std::vector<std::string> notes_of(const Population& population) {
    std::vector<std::string> notes;
    const auto churned = std::count(population.customers.churned.begin(), population.customers.churned.end(), 1);
    if (churned > 0) {
        notes.push_back(
            fmt::format("{} marked as churned: simulated as if still customers, and flagged in clv.csv",
                        churned == 1 ? std::string("1 customer is") : fmt::format("{} customers are", churned)));
    }
    if (population.tail_share > 0.0) {
        notes.push_back(fmt::format(
            "{:.1f}% of the expected value comes from months beyond the survival data{}", 100.0 * population.tail_share,
            population.plan.market.hazard_sensitivity != 0.0 ? " (without market.hazard_sensitivity)" : ""));
    }
    return notes;
}

}  // namespace

void check_subscribers(const CustomersRead& read, const SurvivalSources& survival, const SimulationPlan& plan) {
    check_meaning(read, survival.settings);
    static_cast<void>(fit(read.table, survival, plan.settings.horizon_months));
    static_cast<void>(eligible_actions(read.table, plan.actions));
}

Population subscription_population(CustomersRead read, const SurvivalSources& survival, SimulationPlan plan) {
    check_meaning(read, survival.settings);
    Population population;
    population.customers = std::move(read.table);
    population.report = std::move(read.report);
    population.survival = fit(population.customers, survival, plan.settings.horizon_months);
    population.plan = std::move(plan);
    population.plan.eligible = eligible_actions(population.customers, population.plan.actions);
    forget_inputs(population.customers);
    SubscriptionColumns columns =
        take_subscription_columns(population.customers, std::exchange(population.survival.hazards, {}));
    population.tail_share = tail_share(columns, population.survival, population.plan.settings);
    population.columns = std::move(columns);
    population.survival.observed_months = {};
    population.notes = notes_of(population);
    return population;
}

}  // namespace clv
