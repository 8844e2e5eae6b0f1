#include "load_purchases.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/csv_reader.hpp"
#include "clv/data/parse_number.hpp"

namespace clv {

namespace {

constexpr std::size_t parameter_draws = 64;

std::vector<RetailDraw> draws_of(const FittedModel& model, const RunConfig& config) {
    std::vector<RetailDraw> draws(config.fit.parameter_uncertainty ? parameter_draws : 1);
    for (RetailDraw& draw : draws) {
        draw.purchase = model.purchase.model.parameters;
        draw.spend = model.spend ? model.spend->parameters : SpendParameters{};
    }
    if (draws.size() == 1) {
        return draws;
    }
    const std::uint64_t seed = config.simulation.seed;
    const auto purchase = draw_parameters(model.purchase, draws.size(), seed);
    const auto spend = model.spend ? draw_parameters(*model.spend, draws.size(), seed) : std::vector<SpendParameters>{};
    for (std::size_t k = 0; k < draws.size(); ++k) {
        draws[k].purchase = purchase[k];
        if (!spend.empty()) {
            draws[k].spend = spend[k];
        }
    }
    return draws;
}

FeatureColumn numeric(std::string name, const std::vector<double>& values) {
    FeatureColumn column;
    column.name = std::move(name);
    column.numbers = values;
    return column;
}

/// Who the customers are, with their histories as features that filters know.
CustomerTable customers_of(const PurchaseSummary& summary) {
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
    return customers;
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

RetailColumns columns_of(const PurchaseSummary& summary, const FittedModel& model, const RunConfig& config) {
    RetailColumns columns;
    columns.id_hash = summary.id_hash;
    columns.law = model.purchase.model.law;
    columns.time_unit = model.purchase.model.time_unit;
    columns.frequency = summary.frequency;
    columns.recency = summary.recency;
    columns.age = summary.age;
    columns.monetary_value = summary.monetary_value;
    columns.margin.assign(summary.size(), margin_of(config));
    columns.draws = draws_of(model, config);
    columns.segment = summary.segment;
    columns.segments = summary.segments;
    return columns;
}

void check_rows(const PurchaseSummary& summary, const FittedModel& model, const std::string& file) {
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

SummaryRead read_summary(const RunConfig& config, const RejectSink& reject) {
    if (!config.input.customers.empty()) {
        throw ConfigError(
            "input.customers and input.summary are both given: a run has customers with a contract or "
            "without, leave out one of them");
    }
    if (config.input.summary.empty()) {
        throw ConfigError("no input is named: give input.summary in the configuration or --set input.summary=FILE");
    }
    CsvReader reader{std::filesystem::path(config.input.summary)};
    SummaryRead read = read_purchase_summary(reader, config.input.columns, config.fit.time_unit, reject);
    require_accepted(read.report, config.input.on_fault);
    return read;
}

FittedModel model_of(const RunConfig& config, const PurchaseSummary& summary) {
    if (!config.input.model.empty()) {
        FittedModel model = read_model(config.input.model);
        if (model.purchase.model.time_unit != summary.time_unit) {
            throw ConfigError(fmt::format("{} counts time in {}s, fit.time_unit in {}s: set fit.time_unit = \"{}\"",
                                          config.input.model, to_string(model.purchase.model.time_unit),
                                          to_string(summary.time_unit), to_string(model.purchase.model.time_unit)));
        }
        return model;
    }
    if (!config.fit.model) {
        throw ConfigError("there is no purchase model: give input.model, or fit.model to fit one");
    }
    PurchaseHistory history;
    history.summary = summary;
    return fit_model(history, *config.fit.model, config.fit.spend_model.has_value());
}

Population load_purchases(const RunConfig& config, const RejectSink& reject) {
    Population population;
    SummaryRead read = read_summary(config, reject);
    population.report = std::move(read.report);
    FittedPurchases fitted;
    fitted.summary = std::move(read.summary);
    fitted.model = model_of(config, fitted.summary);
    check_rows(fitted.summary, fitted.model, config.input.summary);

    population.customers = customers_of(fitted.summary);
    population.plan.settings = config.simulation;
    population.plan.actions = config.actions;
    population.plan.eligible = eligible_actions(population.customers, config.actions);
    population.customers.features = {};
    population.columns = columns_of(fitted.summary, fitted.model, config);

    const PurchaseModel& purchase = fitted.model.purchase.model;
    const double horizon = config.simulation.horizon_months * days_per_month / days_per(purchase.time_unit);
    const PurchaseSummary& summary = fitted.summary;
    for (std::size_t i = 0; i < summary.size(); ++i) {
        fitted.p_alive.push_back(purchase.p_alive(summary.frequency[i], summary.recency[i], summary.age[i]));
        fitted.expected_purchases.push_back(
            purchase.conditional_expectation(summary.frequency[i], summary.recency[i], summary.age[i], horizon));
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
    constexpr std::array<std::string_view, 3> spend_names{"p", "q", "v"};
    terminal.message(
        fmt::format("{}: {}, log-likelihood {:.4f}, {}", law_name(purchase.model.law),
                    listed(law_parameters(purchase.model.law), purchase.model.parameters, purchase.standard_errors),
                    purchase.log_likelihood, to_string(purchase.status)));
    if (model.spend) {
        terminal.message(fmt::format("gamma_gamma: {}, log-likelihood {:.4f}, {}",
                                     listed(spend_names, model.spend->parameters, model.spend->standard_errors),
                                     model.spend->log_likelihood, to_string(model.spend->status)));
    }
    show_warnings(model, terminal);
}

void show_warnings(const FittedModel& model, Terminal& terminal) {
    for (const std::string& warning : model.purchase.warnings) {
        terminal.warning(warning);
    }
    for (const std::string& warning : model.spend ? model.spend->warnings : std::vector<std::string>{}) {
        terminal.warning(warning);
    }
}

}  // namespace clv
