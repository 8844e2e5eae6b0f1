#include "make_population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/readers/segment_curves_reader.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/output/documents/contract_file.hpp"
#include "clv/output/documents/model_file.hpp"

namespace clv {

namespace {

/// Columns that the model reads beside the history.
std::vector<std::string> covariate_names(const RunConfig& config) {
    return config.input.model.empty() ? config.fit.covariates
                                      : read_model(config.input.model).purchase.covariates.names;
}

/// input.defaults.margin, or 1.
double margin_of(const InputSettings& input) {
    const auto found = input.defaults.find("margin");
    if (found == input.defaults.end()) {
        return 1.0;
    }
    const NumberCell number = parse_number(found->second);
    if (number.kind != CellKind::number || number.value < -1.0 || number.value > 1.0) {
        throw ConfigError(fmt::format("input.defaults.margin is '{}': give a number in [-1, 1]", found->second));
    }
    return number.value;
}

/// input.model, with the weeks of these histories.
FittedModel saved_model(const RunConfig& config, const PurchaseHistory& history) {
    FittedModel model = read_model(config.input.model);
    const TimeUnit unit = history.summary.time_unit;
    const TimeUnit of_model = model.purchase.model.time_unit;
    if (of_model != unit) {
        throw ConfigError(fmt::format("{} counts time in {}s, fit.time_unit in {}s: set fit.time_unit = \"{}\"",
                                      config.input.model, to_string(of_model), to_string(unit), to_string(of_model)));
    }
    if (!config.fit.calendar) {
        model.calendar.reset();
    } else if (auto calendar = fit_calendar(history, model.purchase.model)) {
        model.calendar = std::move(calendar);  // its weeks end with these histories, not with those that were fitted
    }
    return model;
}

/// fit_purchase_model(), of histories that say something about the future.
FittedModel model_for_simulation(const RunConfig& config, const PurchaseHistory& history) {
    FittedModel model = fit_purchase_model(config, history);
    if (std::ranges::all_of(history.summary.age, [](double time) { return time == 0.0; })) {
        throw ModelError(
            "no time has passed since anybody's first purchase, and a model fitted to that knows nothing of the "
            "future: observe for longer, or give input.model");
    }
    return model;
}

Population load_buyers(const RunConfig& config, Progress& progress, const RejectSink& reject,
                       const FitSink& fitted_here, const FittedModel* fitted_before) {
    const bool is_saved = !config.input.model.empty();
    const bool is_shown = fitted_here && !is_saved && fitted_before == nullptr;
    PurchasesRead read = read_sound_purchases(
        config, progress, reject, is_shown && config.fit.features ? FeaturesFor::files : FeaturesFor::filters);
    FittedModel model = fitted_before != nullptr ? *fitted_before
                        : is_saved               ? saved_model(config, read.history)
                                                 : model_for_simulation(config, read.history);
    check_rows(read.history.summary, model, read.report.file);
    if (is_shown) {
        fitted_here(read, model);
    }
    SimulationPlan plan = simulation_plan(config);
    plan.market = {};  // of customers with a contract
    return retail_population(std::move(read), std::move(model), std::move(plan), retail_settings(config));
}

void require_customers(const RunConfig& config, const SurvivalSettings& survival) {
    if (config.input.customers.empty()) {
        throw ConfigError(config.generate.kind.empty()
                              ? "no input is named: give input.customers in the configuration or --set "
                                "input.customers=FILE"
                              : "no input is named, and only clv run generates a world: use clv run, or give "
                                "input.customers");
    }
    if (config.fit.contract && !survival.source) {
        throw ConfigError(
            "fit.model is a model of contracts, which `clv fit` fits: name its model.json in input.model, or set "
            "survival.source = \"sbg\" to fit sbg here");
    }
}

}  // namespace

SurvivalSources survival_sources(const RunConfig& config) {
    SurvivalSources sources{config.survival};
    if (!sources.settings.source && !config.input.model.empty()) {
        sources.settings.source = SurvivalSource::model;
    }
    if (!config.survival.curves.empty()) {
        sources.curves = read_segment_curves(config.survival.curves);
    }
    if (sources.settings.source == SurvivalSource::model && !config.input.model.empty()) {
        sources.contracts = read_contracts(config.input.model);
    }
    return sources;
}

SimulationPlan simulation_plan(const RunConfig& config) {
    SimulationPlan plan;
    plan.settings = config.simulation;
    plan.market = config.market;
    plan.actions = config.actions;
    return plan;
}

PurchaseSources purchase_sources(const RunConfig& config, FeaturesFor use) {
    require_one_input(config.input);
    PurchaseSources sources{config.input, config.transactions, config.observation, covariate_names(config), false};
    sources.transactions.threads = config.execution.threads;
    sources.with_features = use == FeaturesFor::files || (use == FeaturesFor::filters && have_filters(config.actions));
    return sources;
}

PurchasesRead read_sound_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject,
                                   FeaturesFor use) {
    PurchasesRead read = read_purchases(purchase_sources(config, use), progress, reject);
    require_purchases(read, config.input.fault_rule());
    return read;
}

RetailSettings retail_settings(const RunConfig& config) {
    return {config.fit.parameter_uncertainty, config.simulation.seed, margin_of(config.input), config.input.model};
}

FittedModel fit_purchase_model(const RunConfig& config, const PurchaseHistory& history) {
    if (config.fit.contract) {
        throw ConfigError(
            "fit.model is a model of contracts: fit it with `clv fit` on a cohort table, and name its model.json in "
            "input.model beside input.customers");
    }
    if (!config.fit.model) {
        throw ConfigError("there is no purchase model: give input.model, or fit.model to fit one");
    }
    const int threads = config.execution.threads;
    FittedModel model =
        fit_model(history, *config.fit.model, config.fit.spend_model.has_value(), config.fit.covariates, threads);
    if (config.fit.parameter_uncertainty == ParameterUncertainty::bootstrap) {
        model.bootstrap = fit_bootstrap(history.summary, model.purchase, model.spend ? &*model.spend : nullptr,
                                        parameter_draws, config.simulation.seed, threads);
    }
    if (config.fit.calendar) {
        model.calendar = fit_calendar(history, model.purchase.model);
    }
    return model;
}

Population make_population(const RunConfig& config, Progress& progress, const RejectSink& reject,
                           const FitSink& fitted_here, const FittedModel* fitted_before) {
    if (config.input.has_purchases()) {
        return load_buyers(config, progress, reject, fitted_here, fitted_before);
    }
    SurvivalSettings survival = config.survival;
    if (!survival.source && !config.input.model.empty()) {
        survival.source = SurvivalSource::model;
    }
    require_customers(config, survival);
    CustomersRead read = read_customers(config.input, customer_requirements(survival), progress, reject);
    require_accepted(read.report, config.input.fault_rule());
    return subscription_population(std::move(read), survival_sources(config), simulation_plan(config));
}

}  // namespace clv
