#include "clv/population/subscription_population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/paths/take_customers.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/closed_form.hpp"
#include "clv/simulation/portfolio.hpp"

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
        case SurvivalSource::learned:
            break;
        case SurvivalSource::sbg:
            requirements.tenure_months = !survival.alpha || !survival.beta;
            requirements.churned = requirements.tenure_months;
            break;
    }
    return requirements;
}

void warn_of_unused_sources(CustomersRead& read, const SurvivalSources& survival) {
    if (!survival.is_implied) {
        return;
    }
    const bool is_model = survival.settings.source == SurvivalSource::model;
    const bool is_learned = survival.settings.source == SurvivalSource::learned;
    const auto warn = [&](std::string_view unused, std::string_view source) {
        read.report.warnings.push_back(
            fmt::format("{0} is not used ({1}): {2} says how customers churn; survival.source = \"{3}\" takes {0}, "
                        "\"{4}\" confirms "
                        "that it is not meant",
                        unused, read.report.file,
                        is_learned ? "what was learned"
                        : is_model ? "input.model"
                                   : "survival.curves",
                        source,
                        is_learned ? "learned"
                        : is_model ? "model"
                                   : "curve"));
    };
    if (!read.table.churn_probability.empty()) {
        warn("churn_probability", "churn_probability");
    }
    if ((is_model || is_learned) && !survival.curves.empty()) {
        warn("survival.curves", "curve");
    } else if ((is_model || is_learned) && read.table.survival_months > 0) {
        warn("survival_1..", "curve");
    }
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
    if (customers.churned_apart) {
        columns.segments.resize(std::max<std::size_t>(1, columns.segments.size()));
        columns.segment.resize(customers.size(), 0);
        const auto apart = static_cast<std::uint32_t>(columns.segments.size());
        for (std::size_t i = 0; i < customers.size(); ++i) {
            columns.segment[i] = customers.is_apart(i) ? apart : columns.segment[i];
        }
        columns.segments.emplace_back(churned_name);
        columns.last_is_apart = true;
    }
    return columns;
}

namespace {

std::size_t count_churned(const CustomerTable& customers) {
    return static_cast<std::size_t>(std::ranges::count(customers.churned, std::uint8_t{1}));
}

/// Share of the portfolio's expected value that comes from months beyond each customer's data.
double tail_share(const CustomerTable& customers, const SubscriptionColumns& columns, const SurvivalFit& survival,
                  const SimulationSettings& settings) {
    const auto horizon = static_cast<std::uint32_t>(settings.horizon_months);
    if (std::all_of(survival.observed_months.begin(), survival.observed_months.end(),
                    [&](std::uint32_t months) { return months >= horizon; })) {
        return 0.0;
    }
    OrderFreeSum value;
    OrderFreeSum tail;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (customers.is_apart(i)) {
            continue;
        }
        const ExpectedValue expected =
            expected_value(columns, i, settings, nullptr, static_cast<int>(survival.observed_months[i]));
        value.add(expected.clv);
        tail.add(expected.tail_value);
    }
    return value.value() > 0.0 ? tail.value() / value.value() : 0.0;
}

void check_meaning(const CustomersRead& read, const SurvivalSettings& survival, ChurnedCustomers churned) {
    const std::size_t left = count_churned(read.table);
    check_segment_names(read.table.segments, read.report.file, churned == ChurnedCustomers::separate && left > 0);
    if (churned == ChurnedCustomers::exclude && left > 0 && left == read.table.size()) {
        throw InputError(
            fmt::format("every customer is marked as churned ({}), and customers.churned = \"exclude\" leaves out all "
                        "of them: set it to \"separate\" or \"include\"",
                        read.report.file));
    }
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

/// Hazards, with their spread where they were learned, or are those of a model with covariates.
LearnedHazards hazards_of(const CustomerTable& customers, const SurvivalSources& survival,
                          const SimulationSettings& settings) {
    const int horizon_months = settings.horizon_months;
    if (survival.settings.source == SurvivalSource::learned) {
        if (!survival.learner) {
            throw ConfigError(
                "survival.source = \"learned\" needs what was learned (input.learner): learn it by `clv learn --target "
                "churn`, and name its learner.json in input.learner, or name the outcome in learn.target_column");
        }
        return learned_hazards(*survival.learner, customers, horizon_months, survival.threads);
    }
    LearnedHazards hazards{fit(customers, survival, horizon_months), {}, 0, {}};
    if (survival.settings.source == SurvivalSource::model && survival.contracts->has_covariates() &&
        survival.share_out_draws) {
        hazards.factors = clv::share_out_draws(hazards.survival, *survival.contracts, customers, horizon_months,
                                               settings.seed, survival.threads);
        hazards.draws = hazards.factors.empty() ? 0 : contract_draws;
    }
    return hazards;
}

/// Drops what only the fit and the filters read.
void forget_inputs(CustomerTable& customers) {
    customers.churn_probability = {};
    customers.tenure_months = {};
    customers.observed_from_months = {};
    customers.survival = {};
    customers.features = {};
}

/// Paths live with one model of the hazards each, where several were learned or drawn.
void take_draws(LearnedHazards hazards, Population& population) {
    if (hazards.draws == 0) {
        return;
    }
    auto& columns = std::get<SubscriptionColumns>(population.columns);
    columns.hazard_draws = hazards.draws;
    columns.inverse_hazard_factor = std::move(hazards.factors);
    for (float& factor : columns.inverse_hazard_factor) {
        factor = 1.0F / factor;
    }
    population.plan.settings.shared_draws = SharedDraws::few;
}

/// Leaves out who is marked as churned.
void leave_out_churned(Population& population) {
    CustomerTable& customers = population.customers;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < customers.size(); ++i) {
        if (customers.churned[i] == 0) {
            kept.push_back(i);
        }
    }
    const auto keep = [&]<class T>(std::vector<T>& values) {
        for (std::size_t k = 0; !values.empty() && k < kept.size(); ++k) {
            values[k] = values[kept[k]];
        }
        values.resize(values.empty() ? 0 : kept.size());
    };
    IdColumn ids;
    for (const std::size_t customer : kept) {
        ids.push_back(customers.customer_id[customer]);
    }
    customers.customer_id = ids;
    keep(customers.segment);
    keep(customers.churned);
    keep(population.survival.observed_months);
    keep(population.churn_drivers);
    keep(population.plan.eligible);
    population.columns = take_customers(std::get<SubscriptionColumns>(population.columns), kept);
}

/// Nobody who has left gets an action.
void close_to_churned(Population& population) {
    SimulationPlan& plan = population.plan;
    if (plan.eligible.empty() && !plan.actions.empty()) {
        plan.eligible.assign(population.customers.size(), std::uint8_t{0xff});
    }
    for (std::size_t i = 0; i < plan.eligible.size(); ++i) {
        plan.eligible[i] = population.customers.is_apart(i) ? std::uint8_t{0} : plan.eligible[i];
    }
}

std::string note_of_churned(std::size_t churned, ChurnedCustomers are) {
    const std::string who = churned == 1 ? std::string("1 customer is") : fmt::format("{} customers are", churned);
    switch (are) {
        case ChurnedCustomers::separate:
            return fmt::format(
                "{} marked as churned: flagged, without rank or action, and in the row {} of totals alone "
                "(customers.churned)",
                who, churned_name);
        case ChurnedCustomers::include:
            return fmt::format("{} marked as churned: simulated as if still customers, and flagged in clv.csv", who);
        case ChurnedCustomers::exclude:
            break;
    }
    return fmt::format("{} marked as churned: fitted on, and left out (customers.churned)", who);
}

std::vector<std::string> notes_of(const Population& population) {
    std::vector<std::string> notes;
    if (population.churned > 0) {
        notes.push_back(note_of_churned(population.churned, population.churned_are));
    }
    if (population.tail_share > 0.0) {
        notes.push_back(fmt::format(
            "{:.1f}% of the expected value comes from months beyond the survival data{}", 100.0 * population.tail_share,
            population.plan.market.hazard_sensitivity != 0.0 ? " (without market.hazard_sensitivity)" : ""));
    }
    return notes;
}

}  // namespace

void check_subscribers(const CustomersRead& read, const SurvivalSources& survival, const SimulationPlan& plan,
                       ChurnedCustomers churned) {
    check_meaning(read, survival.settings, churned);
    static_cast<void>(hazards_of(read.table, survival, plan.settings));
    static_cast<void>(eligible_actions(read.table, plan.actions));
}

Population subscription_population(CustomersRead read, const SurvivalSources& survival, SimulationPlan plan,
                                   ChurnedCustomers churned) {
    check_meaning(read, survival.settings, churned);
    warn_of_unused_sources(read, survival);
    Population population;
    population.customers = std::move(read.table);
    population.report = std::move(read.report);
    LearnedHazards hazards = hazards_of(population.customers, survival, plan.settings);
    population.survival = std::move(hazards.survival);
    population.plan = std::move(plan);
    population.plan.eligible = eligible_actions(population.customers, population.plan.actions);
    population.churned = count_churned(population.customers);
    population.churned_are = churned;
    population.customers.churned_apart = churned == ChurnedCustomers::separate && population.churned > 0;
    if (survival.settings.source == SurvivalSource::learned && !population.plan.actions.empty()) {
        population.churn_drivers = churn_drivers(*survival.learner, population.customers, survival.threads);
    }
    forget_inputs(population.customers);
    population.columns =
        take_subscription_columns(population.customers, std::exchange(population.survival.hazards, {}));
    take_draws(std::move(hazards), population);
    if (population.customers.churned_apart) {
        close_to_churned(population);
    } else if (churned == ChurnedCustomers::exclude && population.churned > 0) {
        leave_out_churned(population);
    }
    population.tail_share = tail_share(population.customers, std::get<SubscriptionColumns>(population.columns),
                                       population.survival, population.plan.settings);
    population.survival.observed_months = {};
    population.notes = notes_of(population);
    return population;
}

}  // namespace clv
