#include "clv/pipeline/population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/csv_reader.hpp"
#include "clv/data/filter.hpp"
#include "clv/data/parse_number.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/contract_file.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/simulation/closed_form.hpp"
#include "load_purchases.hpp"

namespace clv {

SurvivalSettings survival_settings(const RunConfig& config) {
    SurvivalSettings settings = config.survival;
    if (!settings.source && !config.input.model.empty()) {
        settings.source = SurvivalSource::model;
    }
    return settings;
}

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

PathColumns take_path_columns(CustomerTable& customers, HazardCurves hazards) {
    const auto or_constant = [&](Column& column, double value) {
        Column taken = std::exchange(column, {});
        if (taken.empty()) {
            taken.assign(customers.size(), value);
        }
        return taken;
    };
    PathColumns columns;
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

std::map<std::string, std::vector<double>> read_segment_curves(const std::filesystem::path& file) {
    CsvReader reader(file);
    const auto refuse = [&](const std::string& problem, const std::string& remedy) {
        const std::uint64_t line = reader.size() > 0 ? reader.line() : 1;
        return InputError(fmt::format("{} ({}, line {}): {}", problem, file.string(), line, remedy));
    };
    std::map<std::string, std::vector<double>> curves;
    bool is_header = true;
    std::size_t columns = 0;
    while (reader.next()) {
        if (is_header) {
            columns = reader.size();
            bool sound = columns >= 2 && reader[0] == "segment";
            for (std::size_t month = 1; sound && month < columns; ++month) {
                sound = reader[month] == fmt::format("survival_{}", month);
            }
            if (!sound) {
                throw refuse("the header is not that of survival curves",
                             "name the columns segment, survival_1, survival_2, ..");
            }
            is_header = false;
            continue;
        }
        if (reader.size() != columns) {
            throw refuse(fmt::format("{} fields where the header has {}", reader.size(), columns), "complete the row");
        }
        std::vector<double> curve;
        for (std::size_t month = 1; month < columns; ++month) {
            const NumberCell number = parse_number(reader[month]);
            if (number.kind != CellKind::number || number.value < 0.0 || number.value > 1.0) {
                throw refuse(fmt::format("survival_{} is '{}'", month, shortened(reader[month])),
                             "give a number between 0 and 1");
            }
            if (number.value > (curve.empty() ? 1.0 : curve.back())) {
                throw refuse(fmt::format("survival_{} is higher than the month before", month),
                             "survival cannot increase");
            }
            curve.push_back(number.value);
        }
        if (!curves.emplace(reader[0], std::move(curve)).second) {
            throw refuse(fmt::format("segment '{}' has two curves", reader[0]), "keep one");
        }
    }
    if (reader.fault()) {
        throw InputError(fmt::format("{}: {}", file.string(), to_string(*reader.fault())));
    }
    if (curves.empty()) {
        throw InputError(fmt::format("there are no survival curves ({}): give one row per segment", file.string()));
    }
    return curves;
}

std::vector<std::uint8_t> eligible_actions(const CustomerTable& customers, const std::vector<Action>& actions) {
    if (std::all_of(actions.begin(), actions.end(), [](const Action& action) { return action.eligible.empty(); })) {
        return {};
    }
    std::vector<std::uint8_t> bits(customers.size(), 0);
    for (std::size_t a = 0; a < actions.size(); ++a) {
        std::vector<std::uint8_t> open(customers.size(), 1);
        if (!actions[a].eligible.empty()) {
            try {
                open = Filter::parse(actions[a].eligible).evaluate(customers);
            } catch (const ConfigError& error) {
                throw ConfigError(fmt::format("actions, {}, eligible: {}", actions[a].name, error.what()));
            }
        }
        for (std::size_t i = 0; i < open.size(); ++i) {
            bits[i] = static_cast<std::uint8_t>(bits[i] | (open[i] != 0 ? 1U << a : 0U));
        }
    }
    return bits;
}

namespace {

/// Share of the portfolio's expected value that comes from months beyond each customer's data.
double tail_share(const PathColumns& columns, const SurvivalFit& survival, const SimulationSettings& settings) {
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

void check_meaning(const RunConfig& config, const CustomerTable& customers) {
    if (std::ranges::count(customers.segments, portfolio_name) > 0) {
        throw InputError(fmt::format(
            "a segment is called '{}' ({}): that is the name of the sum over all segments, rename the segment",
            portfolio_name, config.input.customers));
    }
    if (!survival_settings(config).source && !customers.churn_probability.empty() && customers.survival_months > 0) {
        throw InputError(
            fmt::format("both churn_probability and survival_1.. are given ({}): say which one counts with "
                        "survival.source = \"churn_probability\" or \"curve\"",
                        config.input.customers));
    }
}

SurvivalFit fit(const RunConfig& config, const CustomerTable& customers) {
    std::map<std::string, std::vector<double>> curves;
    if (!config.survival.curves.empty()) {
        curves = read_segment_curves(config.survival.curves);
    }
    std::optional<ContractFits> contracts;
    const SurvivalSettings survival = survival_settings(config);
    if (survival.source == SurvivalSource::model && !config.input.model.empty()) {
        contracts = read_contracts(config.input.model);
    }
    return fit_survival(customers, survival, config.simulation.horizon_months, curves,
                        contracts ? &*contracts : nullptr);
}

/// Drops what only the fit and the filters read.
void forget_inputs(CustomerTable& customers) {
    customers.churn_probability = {};
    customers.tenure_months = {};
    customers.survival = {};
    customers.features = {};
}

}  // namespace

void check_population(const RunConfig& config, const CustomerTable& customers) {
    check_meaning(config, customers);
    static_cast<void>(fit(config, customers));
    static_cast<void>(eligible_actions(customers, config.actions));
}

Population load_population(const RunConfig& config, Progress& progress, const RejectSink& reject,
                           const FitSink& fitted_here) {
    if (config.input.has_purchases()) {
        return load_purchases(config, progress, reject, fitted_here);
    }
    if (config.input.customers.empty()) {
        throw ConfigError(config.generate.kind.empty()
                              ? "no input is named: give input.customers in the configuration or --set "
                                "input.customers=FILE"
                              : "no input is named, and only clv run generates a world: use clv run, or give "
                                "input.customers");
    }
    if (config.fit.contract && !survival_settings(config).source) {
        throw ConfigError(
            "fit.model is a model of contracts, which `clv fit` fits: name its model.json in input.model, or set "
            "survival.source = \"sbg\" to fit sbg here");
    }
    Population population;
    CustomersRead read =
        read_customers(config.input, customer_requirements(survival_settings(config)), progress, reject);
    require_accepted(read.report, config.input.fault_rule());
    population.customers = std::move(read.table);
    check_meaning(config, population.customers);
    population.report = std::move(read.report);

    population.survival = fit(config, population.customers);
    population.plan.settings = config.simulation;
    population.plan.market = config.market;
    population.plan.actions = config.actions;
    population.plan.eligible = eligible_actions(population.customers, config.actions);
    forget_inputs(population.customers);
    PathColumns columns = take_path_columns(population.customers, std::exchange(population.survival.hazards, {}));
    population.tail_share = tail_share(columns, population.survival, config.simulation);
    population.columns = std::move(columns);
    population.survival.observed_months = {};
    const auto churned = std::count(population.customers.churned.begin(), population.customers.churned.end(), 1);
    if (churned > 0) {
        population.notes.push_back(
            fmt::format("{} marked as churned: simulated as if still customers, and flagged in clv.csv",
                        churned == 1 ? std::string("1 customer is") : fmt::format("{} customers are", churned)));
    }
    if (population.tail_share > 0.0) {
        population.notes.push_back(fmt::format(
            "{:.1f}% of the expected value comes from months beyond the survival data{}", 100.0 * population.tail_share,
            config.market.hazard_sensitivity != 0.0 ? " (without market.hazard_sensitivity)" : ""));
    }
    return population;
}

}  // namespace clv
