#include "clv/output/documents/model_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "clv/core/errors.hpp"
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
void read_fit(const ordered_json& object, Fit& fit, std::size_t count) {
    fit.log_likelihood = as_number(object.at("log_likelihood"));
    fit.aic = as_number(object.at("aic"));
    fit.status = chosen<FitStatus>(statuses, object.at("status").get<std::string>(), "status");
    fit.customers = object.contains("customers") ? as_number(object.at("customers")) : 0.0;
    if (object.contains("log_covariance")) {
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                fit.log_covariance[i][j] = as_number(object.at("log_covariance").at(i).at(j));
            }
        }
    }
    if (object.contains("warnings")) {
        fit.warnings = object.at("warnings").get<std::vector<std::string>>();
    }
}

PurchaseFit read_purchase(const ordered_json& object) {
    PurchaseFit fit;
    fit.model.law = law_named(object.at("model").get<std::string>());
    fit.model.time_unit = chosen<TimeUnit>(units, object.at("time_unit").get<std::string>(), "time_unit");
    const auto names = law_parameters(fit.model.law);
    const std::size_t count = names.size();
    for (std::size_t i = 0; i < count; ++i) {
        const std::string name(names[i]);
        fit.model.parameters[i] = as_parameter(object.at("parameters").at(name));
        fit.standard_errors[i] = as_number(object.at("standard_errors").at(name));
    }
    read_fit(object, fit, count);
    fit.covariates = read_covariates(object);
    return fit;
}

SpendFit read_spend(const ordered_json& object) {
    if (object.at("model") != "gamma_gamma") {
        throw InputError("the spend model is unknown");
    }
    SpendFit fit;
    for (std::size_t i = 0; i < spend_parameters.size(); ++i) {
        const std::string name(spend_parameters[i]);
        fit.parameters[i] = as_parameter(object.at("parameters").at(name));
        fit.standard_errors[i] = as_number(object.at("standard_errors").at(name));
    }
    read_fit(object, fit, spend_parameters.size());
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
    object["actual"] = fit.weeks.actual;
    object["expected"] = fit.weeks.expected;
}

CalendarFit read_calendar(const ordered_json& object) {
    return estimates_of(
        {object.at("actual").get<std::vector<double>>(), object.at("expected").get<std::vector<double>>()});
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
    if (model.spend) {
        ordered_json& object = root["spend"];
        object["model"] = "gamma_gamma";
        object["parameters"] = named(spend_parameters, model.spend->parameters);
        object["standard_errors"] = named(spend_parameters, model.spend->standard_errors);
        write_fit(object, *model.spend, spend_parameters.size());
    }
    if (model.calendar) {
        write_calendar(root["calendar"], *model.calendar);
    }
    add_bootstrap(root, model);
    return root.dump(2) + "\n";
}

FittedModel model_from_json(const std::string& text, const std::string& name) {
    return parsed(text, name, "`clv fit`", [](const ordered_json& root) {
        if (root.contains("contract")) {
            throw InputError("it holds a model of customers with a contract (name input.customers instead)");
        }
        FittedModel model{read_purchase(root.at("purchase")), {}};
        if (root.contains("spend")) {
            model.spend = read_spend(root.at("spend"));
        }
        model.bootstrap = read_bootstrap(root, model);
        if (root.contains("calendar")) {
            model.calendar = read_calendar(root.at("calendar"));
        }
        return model;
    });
}

FittedModel read_model(const std::filesystem::path& file) {
    return model_from_json(text_of(file), file.string());
}

}  // namespace clv
