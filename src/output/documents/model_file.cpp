#include "clv/output/documents/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "model_json.hpp"
#include "model_parts.hpp"

namespace clv {
namespace {

using namespace model_json;

constexpr std::array units{TimeUnit::day, TimeUnit::week, TimeUnit::month, TimeUnit::year};

template <class Fit>
void write_fit(ordered_json& object, const Fit& fit, std::size_t count) {
    object["log_likelihood"] = number(fit.log_likelihood);
    object["aic"] = number(fit.aic);
    object["status"] = to_string(fit.status);
    object["customers"] = number(fit.customers);
    for (std::size_t i = 0; i < count; ++i) {
        ordered_json row;
        for (std::size_t j = 0; j < count; ++j) {
            row.push_back(number(fit.log_covariance[i][j]));
        }
        object["log_covariance"].push_back(row);
    }
    object["warnings"] = fit.warnings;
}

template <class Fit>
void read_fit(const Members& object, Fit& fit, std::size_t count) {
    fit.log_likelihood = as_number(object, "log_likelihood");
    fit.aic = as_number(object, "aic");
    fit.status = chosen<FitStatus>(statuses, object.text("status"), "status");
    fit.customers = object.has("customers") ? object.number_within("customers", 0.0, magnitudes::largest_total) : 0.0;
    if (object.has("log_covariance")) {
        const auto rows = as_covariance(object, "log_covariance", count);
        for (std::size_t i = 0; i < count; ++i) {
            std::ranges::copy(rows[i], fit.log_covariance[i].begin());
        }
    }
    fit.warnings = if_there(object, "warnings", &Members::texts).value_or(std::vector<std::string>{});
}

PurchaseParameters read_parameters(const Members& object, PurchaseLaw law, bool has_covariates) {
    const auto names = law_parameters(law);
    PurchaseParameters parameters{};
    for (std::size_t i = 0; i < names.size(); ++i) {
        const double value = as_number(object, names[i]);
        if (!is_parameter_or_limit(i, value, has_covariates)) {
            object.refuse(names[i], fmt::format("is {}: parameters lie between {} and {}", value, smallest_parameter,
                                                largest_parameter));
        }
        parameters[i] = value;
    }
    return parameters;
}

PurchaseFit read_purchase(const Members& object) {
    PurchaseFit fit;
    fit.model.law = law_named(object.text("model"));
    fit.model.time_unit = chosen<TimeUnit>(units, object.text("time_unit"), "time_unit");
    const auto names = law_parameters(fit.model.law);
    const bool has_covariates = object.has("covariates") && !object.list("covariates").empty();
    fit.model.parameters = read_parameters(object.inner("parameters"), fit.model.law, has_covariates);
    const double largest_error = has_covariates ? std::numeric_limits<double>::max() : largest_parameter;
    for (std::size_t i = 0; i < names.size(); ++i) {
        fit.standard_errors[i] = as_error(object.inner("standard_errors"), names[i], largest_error);
    }
    read_fit(object, fit, names.size());
    fit.covariates = read_covariates(object, fit.model);
    read_draws(object, fit);
    return fit;
}

SpendFit read_spend(const Members& object) {
    if (object.text("model") != "gamma_gamma") {
        object.refuse("model", "is an unknown model of spend");
    }
    SpendFit fit;
    const Members parameters = object.inner("parameters");
    for (std::size_t i = 0; i < spend_parameters.size(); ++i) {
        fit.parameters[i] = parameters.number(spend_parameters[i]);
        if (!is_parameter(fit.parameters[i])) {
            parameters.refuse(spend_parameters[i],
                              fmt::format("is {}: parameters lie between {} and {}", fit.parameters[i],
                                          smallest_parameter, largest_parameter));
        }
        fit.standard_errors[i] = as_error(object.inner("standard_errors"), spend_parameters[i], largest_parameter);
    }
    read_fit(object, fit, spend_parameters.size());
    read_draws(object, fit);
    return fit;
}

CalendarFit estimates_of(const WeeklyPurchases& weeks) {
    return fit_calendar(weeks, 0, 1);
}

void write_calendar(ordered_json& object, const CalendarFit& fit) {
    for (const Estimate* estimate : {&fit.persistence, &fit.cycle_sd, &fit.level_step_sd}) {
        object[estimate->name] = {{"mean", number(estimate->value)},
                                  {"sd", number(estimate->se)},
                                  {"low", number(estimate->low)},
                                  {"high", number(estimate->high)}};
    }
    object["status"] = to_string(fit.status);
    object["warnings"] = fit.warnings;
    if (const WeeklyPurchases& weeks = fit.weeks; !weeks.rhythm.empty() || !weeks.warning.empty()) {
        object["rhythm"] = {{"found", weeks.rhythm}, {"cell_weeks", weeks.cell_weeks}, {"warning", weeks.warning}};
    }
    object["actual"] = fit.weeks.actual;
    object["expected"] = fit.weeks.expected;
}

CalendarFit read_calendar(const Members& object) {
    const std::size_t count = object.list("actual").size();
    WeeklyPurchases weeks{as_numbers(object, "actual", count), as_numbers(object, "expected", count)};
    if (std::ranges::any_of(weeks.actual, [](double purchases) { return purchases < 0.0; })) {
        object.refuse("actual", "has a week of less than no purchases");
    }
    if (object.has("rhythm")) {
        const Members rhythm = object.inner("rhythm");
        weeks.rhythm = rhythm.text("found");
        weeks.warning = rhythm.text("warning");
        weeks.cell_weeks = rhythm.number("cell_weeks");
        if (!(weeks.cell_weeks >= 1.0 && weeks.cell_weeks <= most_calendar_weeks)) {
            rhythm.refuse("cell_weeks", "is no number of weeks: cells have at least one");
        }
    }
    return estimates_of(weeks);
}

FittedModel model_of(const Members& root) {
    if (root.has("contract")) {
        throw InputError("it holds a model of customers with a contract (name input.customers instead)");
    }
    FittedModel model{read_purchase(root.inner("purchase")), {}};
    if (root.has("spend")) {
        model.spend = read_spend(root.inner("spend"));
    }
    model.bootstrap = read_bootstrap(root, model);
    if (root.has("calendar")) {
        model.calendar = read_calendar(root.inner("calendar"));
    }
    return model;
}

}  // namespace

std::string model_as_json(const FittedModel& model) {
    ordered_json root;
    root["format"] = model_format;
    const PurchaseFit& fit = model.purchase;
    const auto names = law_parameters(fit.model.law);
    ordered_json& purchase = root["purchase"];
    purchase["model"] = law_name(fit.model.law);
    purchase["parameters"] = named(names, fit.model.parameters);
    purchase["standard_errors"] = named(names, fit.standard_errors);
    write_fit(purchase, fit, names.size());
    purchase["time_unit"] = to_string(fit.model.time_unit);
    add_covariates(purchase, fit.covariates);
    add_draws(purchase, fit);
    if (model.spend) {
        ordered_json& object = root["spend"];
        object["model"] = "gamma_gamma";
        object["parameters"] = named(spend_parameters, model.spend->parameters);
        object["standard_errors"] = named(spend_parameters, model.spend->standard_errors);
        write_fit(object, *model.spend, spend_parameters.size());
        add_draws(object, *model.spend);
    }
    if (model.calendar) {
        write_calendar(root["calendar"], *model.calendar);
    }
    add_bootstrap(root, model);
    return readable_text(root, &model_of);
}

FittedModel model_from_json(const std::string& text, const std::string& name) {
    return parsed(text, name, "`clv fit`", &model_of);
}

FittedModel read_model(const std::filesystem::path& file) {
    return model_from_json(text_of(file), file.string());
}

}  // namespace clv
