#include "model_parts.hpp"

#include <bit>
#include <utility>

#include "model_json.hpp"

namespace clv {

using namespace model_json;

namespace {

ordered_json numbers(std::span<const double> values) {
    ordered_json list = ordered_json::array();
    for (const double value : values) {
        list.push_back(number(value));
    }
    return list;
}

std::vector<double> as_numbers(const ordered_json& list) {
    std::vector<double> values;
    for (const ordered_json& value : list) {
        values.push_back(as_number(value));
    }
    return values;
}

}  // namespace

void add_covariates(ordered_json& purchase, const CovariateEffects& effects) {
    if (effects.size() == 0) {
        return;
    }
    ordered_json list = ordered_json::array();
    for (std::size_t j = 0; j < effects.size(); ++j) {
        ordered_json covariate;
        covariate["name"] = effects.names[j];
        covariate["rate"] = number(effects.rate[j]);
        covariate["rate_standard_error"] = number(effects.rate_se[j]);
        covariate["dropout"] = number(effects.dropout[j]);
        covariate["dropout_standard_error"] = number(effects.dropout_se[j]);
        list.push_back(std::move(covariate));
    }
    purchase["covariates"] = std::move(list);
    for (const std::vector<double>& row : effects.covariance) {
        purchase["covariance"].push_back(numbers(row));
    }
}

CovariateEffects read_covariates(const ordered_json& purchase) {
    CovariateEffects effects;
    if (!purchase.contains("covariates")) {
        return effects;
    }
    for (const ordered_json& covariate : purchase.at("covariates")) {
        effects.names.push_back(covariate.at("name").get<std::string>());
        effects.rate.push_back(as_number(covariate.at("rate")));
        effects.rate_se.push_back(as_number(covariate.at("rate_standard_error")));
        effects.dropout.push_back(as_number(covariate.at("dropout")));
        effects.dropout_se.push_back(as_number(covariate.at("dropout_standard_error")));
        if (!std::isfinite(effects.rate.back()) || !std::isfinite(effects.dropout.back())) {
            throw InputError(fmt::format("the effects of covariate {} are no numbers", effects.names.back()));
        }
    }
    if (purchase.contains("covariance")) {
        for (const ordered_json& row : purchase.at("covariance")) {
            effects.covariance.push_back(as_numbers(row));
        }
        for (const std::vector<double>& row : effects.covariance) {
            if (row.size() != effects.covariance.size()) {
                throw InputError("the covariance of parameters and effects is not square");
            }
        }
    }
    return effects;
}

void add_bootstrap(ordered_json& root, const FittedModel& model) {
    const std::size_t count = parameter_count(model.purchase.model.law);
    for (const ModelDraw& draw : model.bootstrap) {
        ordered_json entry;
        entry["purchase"] = numbers(std::span(draw.purchase.parameters).first(count));
        if (model.purchase.covariates.size() > 0) {
            entry["rate"] = numbers(draw.purchase.rate_effects);
            entry["dropout"] = numbers(draw.purchase.dropout_effects);
        }
        if (model.spend) {
            entry["spend"] = numbers(draw.spend);
        }
        root["bootstrap"].push_back(std::move(entry));
    }
}

std::vector<ModelDraw> read_bootstrap(const ordered_json& root, const FittedModel& model) {
    std::vector<ModelDraw> draws;
    if (!root.contains("bootstrap")) {
        return draws;
    }
    const auto take = [](const ordered_json& list, std::span<double> parameters) {
        std::size_t i = 0;
        for (double& parameter : parameters) {
            parameter = as_parameter(list.at(i++));
        }
    };
    const std::size_t covariates = model.purchase.covariates.size();
    for (const ordered_json& entry : root.at("bootstrap")) {
        ModelDraw draw;
        take(entry.at("purchase"),
             std::span(draw.purchase.parameters).first(parameter_count(model.purchase.model.law)));
        if (covariates > 0) {
            draw.purchase.rate_effects = as_numbers(entry.at("rate"));
            draw.purchase.dropout_effects = as_numbers(entry.at("dropout"));
        }
        if (draw.purchase.rate_effects.size() != covariates || draw.purchase.dropout_effects.size() != covariates) {
            throw InputError("a bootstrap draw has other covariates than the model");
        }
        if (model.spend) {
            take(entry.at("spend"), draw.spend);
        }
        draws.push_back(std::move(draw));
    }
    if (!std::has_single_bit(draws.size())) {
        throw InputError(fmt::format("it has {} bootstrap draws, which is no power of two", draws.size()));
    }
    return draws;
}

}  // namespace clv
