#include "load_purchases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/csv_reader.hpp"
#include "clv/data/filter.hpp"
#include "clv/data/parse_number.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/paths/purchase_posterior.hpp"

namespace clv {

namespace {

constexpr std::size_t parameter_draws = 64;

/// What the paths' draws of the parameters are.
std::vector<ModelDraw> model_draws(const FittedModel& model, const RunConfig& config) {
    const std::uint64_t seed = config.simulation.seed;
    const SpendParameters spend = model.spend ? model.spend->parameters : SpendParameters{};
    switch (config.fit.parameter_uncertainty) {
        case ParameterUncertainty::none:
            break;
        case ParameterUncertainty::bootstrap:
            if (model.bootstrap.empty()) {
                throw ConfigError(fmt::format(
                    "fit.parameter_uncertainty is \"bootstrap\", and {} has no bootstrap draws: fit it again with this "
                    "setting",
                    config.input.model));
            }
            return model.bootstrap;
        case ParameterUncertainty::laplace: {
            std::vector<ModelDraw> draws(parameter_draws);
            const auto of_purchase = draw_purchases(model.purchase, draws.size(), seed);
            const auto of_spend = model.spend ? draw_parameters(*model.spend, draws.size(), seed)
                                              : std::vector<SpendParameters>(draws.size(), spend);
            for (std::size_t k = 0; k < draws.size(); ++k) {
                draws[k] = {of_purchase[k], of_spend[k]};
            }
            return draws;
        }
    }
    const PurchaseFit& fit = model.purchase;
    return {{{fit.model.parameters, fit.covariates.rate, fit.covariates.dropout}, spend}};
}

std::vector<RetailDraw> draws_of(const FittedModel& model, const RunConfig& config, double horizon_weeks) {
    std::vector<RetailDraw> draws;
    for (const ModelDraw& of : model_draws(model, config)) {
        draws.push_back({of.purchase.parameters, of.spend, {}, of.purchase.rate_effects, of.purchase.dropout_effects});
    }
    if (model.calendar) {
        CalendarFit calendar =
            fit_calendar(model.calendar->weeks, static_cast<std::size_t>(std::ceil(horizon_weeks)), draws.size());
        for (std::size_t k = 0; k < draws.size(); ++k) {
            draws[k].calendar = std::move(calendar.draws[k]);
        }
    }
    return draws;
}

/// Columns that the model reads beside the history.
std::vector<std::string> covariate_names(const RunConfig& config) {
    return config.input.model.empty() ? config.fit.covariates
                                      : read_model(config.input.model).purchase.covariates.names;
}

FeatureColumn numeric(std::string name, const std::vector<double>& values) {
    FeatureColumn column;
    column.name = std::move(name);
    column.numbers = values;
    return column;
}

/// Names of columns in the actions' filters.
std::set<std::string> filtered_columns(const std::vector<Action>& actions) {
    std::set<std::string> names;
    for (const Action& action : actions) {
        try {
            for (std::string& name : Filter::parse(action.eligible).columns()) {
                names.insert(std::move(name));
            }
        } catch (const ConfigError&) {
            continue;  // eligible_actions() says what is wrong with it
        }
    }
    return names;
}

/// Who the customers are, with their histories as features that filters know. Of the others only the columns that
/// `actions` ask for are filled; all have their names.
CustomerTable customers_of(const PurchaseSummary& summary, const std::optional<PurchaseFeatures>& features,
                           const std::vector<Action>& actions) {
    CustomerTable customers;
    customers.customer_id = summary.customer_id;
    customers.segment = summary.segment;
    customers.segments = summary.segments;
    customers.content_hash = summary.content_hash;
    customers.features = {numeric("frequency", summary.frequency), numeric("recency", summary.recency),
                          numeric("T", summary.age)};
    if (!summary.monetary_value.empty()) {
        customers.features.push_back(numeric("monetary_value", summary.monetary_value));
    }
    customers.features.insert(customers.features.end(), summary.features.begin(), summary.features.end());
    if (!features) {
        return customers;
    }
    const std::set<std::string> wanted = filtered_columns(actions);
    for (const PurchaseFeature& feature : purchase_features()) {
        FeatureColumn& column = customers.features.emplace_back();
        column.name = feature.name;
        for (std::size_t i = 0; wanted.contains(feature.name) && i < features->size(); ++i) {
            column.numbers.push_back(feature(*features, i));
        }
    }
    FeatureColumn& cohort = customers.features.emplace_back();
    cohort.name = "cohort";
    cohort.categories = cohort_names(features->cohorts);
    for (std::size_t i = 0; i < features->size(); ++i) {
        cohort.codes.push_back(features->cohort(i));
    }
    return customers;
}

bool needs_features(const RunConfig& config, FeaturesFor use) {
    return use == FeaturesFor::files || (use == FeaturesFor::filters && !filtered_columns(config.actions).empty());
}

/// input.defaults.margin, or 1.
double margin_of(const RunConfig& config) {
    const auto found = config.input.defaults.find("margin");
    if (found == config.input.defaults.end()) {
        return 1.0;
    }
    const NumberCell number = parse_number(found->second);
    if (number.kind != CellKind::number || number.value < -1.0 || number.value > 1.0) {
        throw ConfigError(fmt::format("input.defaults.margin is '{}': give a number in [-1, 1]", found->second));
    }
    return number.value;
}

void check_segments(const PurchaseSummary& summary, const std::string& file) {
    if (std::ranges::find(summary.segments, portfolio_name) != summary.segments.end()) {
        throw InputError(fmt::format(
            "a segment is called '{}' ({}): that is the name of the sum over all segments, rename the segment",
            portfolio_name, file));
    }
}

void check_rows(const PurchaseSummary& summary, const FittedModel& model, const std::string& file) {
    check_segments(summary, file);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        if (!summary.weight.empty() && summary.weight[i] != 1.0) {
            throw InputError(
                fmt::format("row {} of the summary stands for {} customers ({}): a model can be fitted on "
                            "it, but to simulate give every customer a row",
                            i + 1, summary.weight[i], file));
        }
        const bool whole = summary.frequency[i] == std::floor(summary.frequency[i]) &&
                           summary.recency[i] == std::floor(summary.recency[i]) &&
                           summary.age[i] == std::floor(summary.age[i]);
        if (model.purchase.model.law == PurchaseLaw::bg_bb && !(whole && summary.frequency[i] <= summary.recency[i])) {
            throw InputError(
                fmt::format("customer '{}' has a fraction of an opportunity, or more purchases than "
                            "opportunities ({}): bg_bb counts opportunities, choose another fit.model",
                            summary.customer_id[i], file));
        }
    }
}

/// What the rules did, as notes.
void note_rules(ValidationReport& report) {
    const std::map<std::string_view, std::string_view> what{{"missing_customer", "without a customer"},
                                                            {"cancellations", "of cancelled invoices"},
                                                            {"returns", "of negative revenue"},
                                                            {"zero_revenue", "without revenue"},
                                                            {"duplicates", "that repeat another"}};
    for (const RuleCount& rule : report.rules) {
        if (rule.rows > 0) {
            report.notes.push_back(fmt::format("{} row{} {} {}{}", rule.rows, rule.rows == 1 ? "" : "s",
                                               what.at(rule.rule), rule.left_out ? "left out" : "kept",
                                               rule.key.empty() ? "" : fmt::format(" ({})", rule.key)));
        }
    }
}

template <class Names, class Values>
std::string listed(const Names& names, const Values& values, const Values& errors) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += fmt::format("{}{} {:.6g}", text.empty() ? "" : ", ", names[i], values[i]);
        text += std::isfinite(errors[i]) ? fmt::format(" (se {:.3g})", errors[i]) : std::string();
    }
    return text;
}

}  // namespace

RetailColumns retail_columns(const PurchaseSummary& summary, const FittedModel& model, const RunConfig& config,
                             double horizon_weeks) {
    RetailColumns columns;
    columns.id_hash = summary.id_hash;
    columns.law = model.purchase.model.law;
    columns.time_unit = model.purchase.model.time_unit;
    columns.frequency = summary.frequency;
    columns.recency = summary.recency;
    columns.age = summary.age;
    columns.monetary_value = summary.monetary_value;
    columns.margin.assign(summary.size(), margin_of(config));
    columns.draws = draws_of(model, config, horizon_weeks);
    for (const std::vector<double>* covariate : covariates_of(summary, model.purchase.covariates.names)) {
        columns.covariates.push_back(*covariate);
    }
    columns.segment = summary.segment;
    columns.segments = summary.segments;
    return columns;
}

PurchasesRead scan_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject, FeaturesFor use) {
    const InputSettings& input = config.input;
    const int named =
        (input.customers.empty() ? 0 : 1) + (input.summary.empty() ? 0 : 1) + (input.transactions.empty() ? 0 : 1);
    if (named > 1) {
        throw ConfigError("more than one of input.customers, input.transactions and input.summary is given: name one");
    }
    if (named == 0) {
        throw ConfigError(
            "no input is named: give input.transactions or input.summary in the configuration or by --set");
    }
    PurchasesRead read;
    if (!input.summary.empty()) {
        if (config.observation.holdout) {
            throw ConfigError(
                "fit.holdout needs transactions, and a summary does not have them: name input.transactions");
        }
        CsvReader reader = open_csv(input.summary, input.tables);
        SummaryRead of_file =
            read_purchase_summary(reader, input.columns, config.observation.time_unit, reject, covariate_names(config));
        read.report = std::move(of_file.report);
        read.history.summary = std::move(of_file.summary);
    } else {
        if (!covariate_names(config).empty()) {
            throw ConfigError(
                "covariates are columns of a summary, and transactions do not have them: make summary.csv with `clv "
                "fit`, add the columns, and name it in input.summary");
        }
        const std::vector<std::filesystem::path> files(input.transactions.begin(), input.transactions.end());
        const bool wants_features = needs_features(config, use);
        PurchaseFeatureBuilder features(config.observation.time_unit);
        TransactionSettings settings = config.transactions;
        settings.threads = config.execution.threads;
        settings.tables = input.tables;
        TransactionsRead of_files = read_transactions(files, settings, config.observation, progress, reject,
                                                      wants_features ? &features : nullptr);
        read.report = std::move(of_files.report);
        read.history = std::move(of_files.history);
        if (wants_features && read.history.summary.size() > 0) {
            read.features = std::move(features).finish();
        }
        note_rules(read.report);
    }
    return read;
}

void require_purchases(const RunConfig& config, const PurchasesRead& read) {
    require_accepted(read.report, config.input.fault_rule());
    if (read.history.summary.size() == 0) {
        throw InputError(fmt::format("the rules leave no purchase of {} rows ({}): see input.schema and input.keep_..",
                                     read.report.rows_read, read.report.file));
    }
}

void check_purchases(const RunConfig& config, const PurchasesRead& read) {
    require_purchases(config, read);
    check_segments(read.history.summary, read.report.file);
    static_cast<void>(
        eligible_actions(customers_of(read.history.summary, read.features, config.actions), config.actions));
}

PurchasesRead read_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject, FeaturesFor use) {
    PurchasesRead read = scan_purchases(config, progress, reject, use);
    require_purchases(config, read);
    return read;
}

FittedModel fitted_model(const RunConfig& config, const PurchaseHistory& history) {
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
        model.bootstrap = bootstrap_fits(history.summary, model.purchase, model.spend ? &*model.spend : nullptr,
                                         parameter_draws, config.simulation.seed, threads);
    }
    if (config.fit.calendar) {
        model.calendar = calendar_of(history, model.purchase.model);
    }
    return model;
}

FittedModel model_of(const RunConfig& config, const PurchaseHistory& history) {
    const PurchaseSummary& summary = history.summary;
    if (!config.input.model.empty()) {
        FittedModel model = read_model(config.input.model);
        if (model.purchase.model.time_unit != summary.time_unit) {
            throw ConfigError(fmt::format("{} counts time in {}s, fit.time_unit in {}s: set fit.time_unit = \"{}\"",
                                          config.input.model, to_string(model.purchase.model.time_unit),
                                          to_string(summary.time_unit), to_string(model.purchase.model.time_unit)));
        }
        if (!config.fit.calendar) {
            model.calendar.reset();
        } else if (auto calendar = calendar_of(history, model.purchase.model)) {
            model.calendar =
                std::move(calendar);  // its weeks end with these histories, not with those that were fitted
        }
        return model;
    }
    FittedModel model = fitted_model(config, history);
    const std::vector<double>& age = history.summary.age;
    if (std::ranges::all_of(age, [](double time) { return time == 0.0; })) {
        throw ModelError(
            "no time has passed since anybody's first purchase, and a model fitted to that knows nothing of the "
            "future: observe for longer, or give input.model");
    }
    return model;
}

Population load_purchases(const RunConfig& config, Progress& progress, const RejectSink& reject,
                          const FitSink& fitted_here) {
    const bool is_shown = fitted_here && config.input.model.empty();
    const FeaturesFor use = is_shown && config.fit.features ? FeaturesFor::files : FeaturesFor::filters;
    PurchasesRead read = read_purchases(config, progress, reject, use);
    FittedPurchases fitted;
    fitted.model = model_of(config, read.history);
    check_rows(read.history.summary, fitted.model, read.report.file);
    if (is_shown) {
        fitted_here(read, fitted.model);
    }
    Population population;
    population.report = std::move(read.report);
    fitted.summary = std::move(read.history.summary);

    population.customers = customers_of(fitted.summary, read.features, config.actions);
    read.features.reset();
    population.plan.settings = config.simulation;
    population.plan.actions = config.actions;
    population.plan.eligible = eligible_actions(population.customers, config.actions);
    population.customers.features = {};
    population.columns =
        retail_columns(fitted.summary, fitted.model, config, config.simulation.horizon_months * weeks_per_month);

    const PurchaseModel& purchase = fitted.model.purchase.model;
    const double horizon = config.simulation.horizon_months * days_per_month / days_per(purchase.time_unit);
    const PurchaseSummary& summary = fitted.summary;
    const CovariateEffects& effects = fitted.model.purchase.covariates;
    const auto covariates = covariates_of(summary, effects.names);
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const PurchaseModel own = covariates.empty()
                                      ? purchase
                                      : with_factors(purchase, covariate_factor(covariates, effects.rate, i),
                                                     covariate_factor(covariates, effects.dropout, i));
        fitted.p_alive.push_back(own.p_alive(summary.frequency[i], summary.recency[i], summary.age[i]));
        fitted.expected_purchases.push_back(
            own.conditional_expectation(summary.frequency[i], summary.recency[i], summary.age[i], horizon));
        const double mean = summary.monetary_value.empty() ? 0.0 : summary.monetary_value[i];
        fitted.expected_spend.push_back(
            fitted.model.spend ? expected_spend(fitted.model.spend->parameters, summary.frequency[i], mean) : 1.0);
    }
    if (!fitted.model.spend) {
        population.notes.emplace_back("there is no spend model: every purchase is worth 1, values are counts");
    }
    population.purchases = std::move(fitted);
    return population;
}

void show_fit(const FittedModel& model, Terminal& terminal) {
    const PurchaseFit& purchase = model.purchase;
    terminal.message(
        fmt::format("{}: {}, log-likelihood {:.4f}, {}", law_name(purchase.model.law),
                    listed(law_parameters(purchase.model.law), purchase.model.parameters, purchase.standard_errors),
                    purchase.log_likelihood, to_string(purchase.status)));
    if (model.spend) {
        terminal.message(fmt::format("gamma_gamma: {}, log-likelihood {:.4f}, {}",
                                     listed(spend_parameters, model.spend->parameters, model.spend->standard_errors),
                                     model.spend->log_likelihood, to_string(model.spend->status)));
    }
    if (const auto& calendar = model.calendar) {
        terminal.message(
            fmt::format("calendar of {} weeks: {}, cycle sd {:.2f} ({:.2f} from week to week), level step sd {:.3f}",
                        calendar->weeks.actual.size(), to_string(calendar->status), calendar->cycle_sd.value,
                        calendar->persistence.value, calendar->level_step_sd.value));
    }
    show_warnings(model, terminal);
}

void show_warnings(const FittedModel& model, Terminal& terminal) {
    const auto show = [&](const std::vector<std::string>& warnings) {
        for (const std::string& warning : warnings) {
            terminal.warning(warning);
        }
    };
    show(model.purchase.warnings);
    if (model.spend) {
        show(model.spend->warnings);
    }
    if (model.calendar) {
        show(model.calendar->warnings);
    }
}

}  // namespace clv
