#include "clv/steps/make_population.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/readers/segment_curves_reader.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/output/documents/contract_file.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/documents/model_file.hpp"

namespace clv {

namespace {

/// What the model asks of the histories: columns beside them, and how it counts time.
struct ModelNeeds {
    std::vector<std::string> covariates;
    HistoryTime time = HistoryTime::continuous;
};

ModelNeeds model_needs(const PopulationSettings& settings) {
    if (settings.input.model.empty()) {
        return {settings.fit.covariates,
                settings.fit.model ? history_time(*settings.fit.model) : HistoryTime::continuous};
    }
    const PurchaseFit purchase = read_model(settings.input.model).purchase;
    return {purchase.covariates.names, history_time(purchase.model.law)};
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

/// input.model, if it counts time as the histories do.
FittedModel model_in_unit(const PopulationSettings& settings, TimeUnit unit) {
    FittedModel model = read_model(settings.input.model);
    const TimeUnit of_model = model.purchase.model.time_unit;
    if (of_model != unit) {
        throw ConfigError(fmt::format("{} counts time in {}s, fit.time_unit in {}s: set fit.time_unit = \"{}\"",
                                      settings.input.model, to_string(of_model), to_string(unit), to_string(of_model)));
    }
    return model;
}

/// The same with the weeks of these histories.
FittedModel saved_model(const PopulationSettings& settings, const PurchaseHistory& history) {
    FittedModel model = model_in_unit(settings, history.summary.time_unit);
    if (!settings.fit.calendar) {
        model.calendar.reset();
    } else if (auto calendar = fit_calendar(history, model.purchase.model)) {
        model.calendar = std::move(calendar);  // its weeks end with these histories, not with those that were fitted
    }
    return model;
}

/// fit_purchase_model(), of histories that say something about the future.
FittedModel model_for_simulation(const PopulationSettings& settings, const PurchaseHistory& history) {
    FittedModel model = fit_purchase_model(settings, history);
    if (std::ranges::all_of(history.summary.age, [](double time) { return time == 0.0; })) {
        throw ModelError(
            "no time has passed since anybody's first purchase, and a model fitted to that knows nothing of the "
            "future: observe for longer, or give input.model");
    }
    return model;
}

Population load_buyers(const PopulationSettings& settings, Progress& progress, const PopulationSinks& sinks,
                       const FittedModel* fitted_before) {
    const bool is_saved = !settings.input.model.empty();
    const bool is_shown = sinks.fitted_here && !is_saved && fitted_before == nullptr;
    PurchasesRead read =
        read_sound_purchases(settings, progress, sinks.reject,
                             is_shown && settings.fit.features ? FeaturesFor::files : FeaturesFor::filters);
    FittedModel model = fitted_before != nullptr ? *fitted_before
                        : is_saved               ? saved_model(settings, read.history)
                                                 : model_for_simulation(settings, read.history);
    check_rows(read.history.summary, model, settings.plan.settings.horizon_months, read.report.file);
    if (is_shown) {
        sinks.fitted_here(read, model);
    }
    SimulationPlan plan = settings.plan;
    plan.market = {};  // of customers with a contract
    return retail_population(std::move(read), std::move(model), std::move(plan), retail_settings(settings));
}

void refuse_unfitted_contracts(const PopulationSettings& settings) {
    if (settings.fit.contract && !settings.survival.source && settings.input.model.empty()) {
        throw ConfigError(
            "fit.model is a model of contracts, which `clv fit` fits: name its model.json in input.model, or set "
            "survival.source = \"sbg\" to fit sbg here");
    }
}

}  // namespace

SurvivalSources survival_sources(const PopulationSettings& settings) {
    SurvivalSources sources{settings.survival};
    std::optional<SurvivalSource>& source = sources.settings.source;
    if (!source && (!settings.input.learner.empty() || learns(settings))) {
        source = SurvivalSource::learned;
    } else if (!source && !settings.input.model.empty()) {
        source = SurvivalSource::model;
    } else if (!source && !settings.survival.curves.empty()) {
        source = SurvivalSource::curve;
    }
    sources.is_implied = source != settings.survival.source;
    if (!settings.survival.curves.empty()) {
        sources.curves = read_segment_curves(settings.survival.curves);
    }
    if (source == SurvivalSource::model && !settings.input.model.empty()) {
        sources.contracts = read_contracts(settings.input.model);
        sources.share_out_draws = settings.fit.parameter_uncertainty != ParameterUncertainty::none;
        if (sources.contracts->has_covariates() &&
            settings.fit.parameter_uncertainty == ParameterUncertainty::bootstrap) {
            throw ConfigError(
                "fit.parameter_uncertainty = \"bootstrap\" is for models of purchases: set \"laplace\" or \"none\" for "
                "a "
                "model of contracts with covariates");
        }
    }
    if (source == SurvivalSource::learned && !settings.input.learner.empty()) {
        sources.learner = read_learner(settings.input.learner);
    }
    sources.threads = settings.threads;
    return sources;
}

PurchaseSources purchase_sources(const PopulationSettings& settings, FeaturesFor use) {
    require_one_input(settings.input);
    ModelNeeds needs = model_needs(settings);
    PurchaseSources sources{
        settings.input, settings.transactions, settings.observation, std::move(needs.covariates), false, needs.time};
    sources.transactions.threads = settings.threads;
    sources.with_features =
        use == FeaturesFor::files || (use == FeaturesFor::filters && have_filters(settings.plan.actions));
    return sources;
}

PurchasesRead read_sound_purchases(const PopulationSettings& settings, Progress& progress, const RejectSink& reject,
                                   FeaturesFor use) {
    const PurchaseSources sources = purchase_sources(settings, use);
    PurchasesRead read = read_purchases(sources, progress, reject);
    require_purchases(read, settings.input, sources.time);
    return read;
}

void check_purchases(const PopulationSettings& settings, const PurchasesRead& read) {
    const PurchaseSummary& summary = read.history.summary;
    const std::string& file = read.report.file;
    static_cast<void>(retail_settings(settings));
    if (settings.input.model.empty()) {
        check_segment_names(summary.segments, file);
        check_fit(read.history, settings.fit);
        return;
    }
    const FittedModel model = model_in_unit(settings, summary.time_unit);
    check_rows(summary, model, settings.plan.settings.horizon_months, file);
}

RetailSettings retail_settings(const PopulationSettings& settings) {
    return {settings.fit.parameter_uncertainty, settings.plan.settings.seed, settings.plan.settings.paths,
            margin_of(settings.input), settings.input.model};
}

FittedModel fit_purchase_model(const PopulationSettings& settings, const PurchaseHistory& history) {
    if (settings.fit.contract) {
        throw ConfigError(
            "fit.model is a model of contracts: fit it with `clv fit` on a cohort table, and name its model.json in "
            "input.model beside input.customers");
    }
    if (!settings.fit.model) {
        throw ConfigError("there is no purchase model: give input.model, or fit.model to fit one");
    }
    const int threads = settings.threads;
    FittedModel model =
        fit_model(history, *settings.fit.model, settings.fit.spend_model.has_value(), settings.fit.covariates, threads);
    if (settings.fit.parameter_uncertainty == ParameterUncertainty::bootstrap) {
        model.bootstrap = fit_bootstrap(history.summary, model.purchase, model.spend ? &*model.spend : nullptr,
                                        bootstrap_draws, settings.plan.settings.seed, threads);
    }
    if (settings.fit.calendar) {
        model.calendar = fit_calendar(history, model.purchase.model);
    }
    return model;
}

namespace {

/// Customers whose outcome is known to be yes have churned, where a target is named and the file has no other word.
void mark_churned(CustomerTable& customers, const LearnSettings& settings) {
    if (settings.target_column.empty() || !customers.churned.empty()) {
        return;
    }
    customers.churned.assign(customers.size(), 0);
    const Outcomes outcomes = churn_outcomes(customers, settings);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        customers.churned[i] = outcomes[i] == 1 ? 1 : 0;
    }
}

/// The same; customers who are scored by what others taught need not have the outcome.
void mark_churned(CustomersRead& read, const PopulationSettings& settings, const std::optional<Learner>& learner) {
    if (settings.learn.target_column.empty() && learner) {
        LearnSettings taught;
        taught.target_column = learner->target_column;
        taught.positive = learner->positive;
        if (has_column(read.table, taught.target_column)) {
            mark_churned(read.table, taught);
        }
        return;
    }
    mark_churned(read.table, settings.learn);
}

}  // namespace

Population make_population(const PopulationSettings& settings, Progress& progress, const PopulationSinks& sinks,
                           const MadeBefore& before) {
    if (settings.input.has_purchases()) {
        return load_buyers(settings, progress, sinks, before.fitted);
    }
    refuse_unfitted_contracts(settings);
    SurvivalSources survival = survival_sources(settings);
    CustomersRead read =
        read_customers(settings.input, customer_requirements(survival.settings), progress, sinks.reject);
    require_accepted(read.report, settings.input.fault_rule(), settings.input.max_rejected);
    if (before.learned != nullptr) {
        survival.learner = *before.learned;
    } else if (learns(settings)) {
        ChurnLearning learning = learn_churn(read.table, settings.learn, settings.threads, progress);
        if (sinks.learned_here) {
            sinks.learned_here(read, learning);
        }
        survival.learner = std::move(learning.learner);
    }
    mark_churned(read, settings, survival.learner);
    return subscription_population(std::move(read), survival, settings.plan, settings.customers.churned);
}

}  // namespace clv
