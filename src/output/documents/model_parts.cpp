#include "model_parts.hpp"

#include <algorithm>
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

CovariateEffects read_covariates(const Members& purchase, const PurchaseModel& model) {
    CovariateEffects effects;
    if (!purchase.has("covariates")) {
        return effects;
    }
    constexpr double largest = std::numeric_limits<double>::max();  // per unit of the covariate, whatever that is
    std::set<std::string> names;
    for (const Members& covariate : purchase.objects("covariates")) {
        effects.names.push_back(new_name(covariate, "name", names));
        effects.rate.push_back(covariate.number("rate"));
        effects.rate_se.push_back(as_error(covariate, "rate_standard_error", largest));
        effects.dropout.push_back(covariate.number("dropout"));
        effects.dropout_se.push_back(as_error(covariate, "dropout_standard_error", largest));
    }
    if (purchase.has("covariance")) {
        effects.covariance = as_covariance(purchase, "covariance", free_parameters(model, effects.size()));
    }
    return effects;
}

void add_draws(ordered_json& object, const PurchaseFit& fit) {
    const std::size_t count = parameter_count(fit.model.law);
    for (const PurchaseDraw& draw : fit.draws) {
        std::vector<double> entry(draw.parameters.begin(),
                                  draw.parameters.begin() + static_cast<std::ptrdiff_t>(count));
        entry.insert(entry.end(), draw.rate_effects.begin(), draw.rate_effects.end());
        entry.insert(entry.end(), draw.dropout_effects.begin(), draw.dropout_effects.end());
        object["draws"].push_back(numbers(entry));
    }
}

void add_draws(ordered_json& object, const SpendFit& fit) {
    for (const SpendParameters& draw : fit.draws) {
        object["draws"].push_back(numbers(draw));
    }
}

namespace {

/// Draws of `count` parameters, then `effects`.
std::vector<std::vector<double>> lists_of_draws(const Members& object, std::size_t count, std::size_t effects) {
    std::vector<std::vector<double>> draws;
    if (!object.has("draws")) {
        return draws;
    }
    for (const ordered_json& entry : object.list("draws")) {
        auto values = finite_numbers(entry, count + effects);
        const auto possible = [&](double value) { return is_parameter(value, effects > 0); };
        if (!values || !std::ranges::all_of(std::span(*values).first(count), possible)) {
            object.refuse(
                "draws",
                effects > 0
                    ? fmt::format("has an entry that is none of {} parameters above 0 and {} effects", count, effects)
                    : fmt::format("has an entry that is none of {} parameters, which lie between {} and {}", count,
                                  smallest_parameter, largest_parameter));
        }
        draws.push_back(std::move(*values));
    }
    return draws;
}

}  // namespace

void read_draws(const Members& object, PurchaseFit& fit) {
    const std::size_t count = parameter_count(fit.model.law);
    const std::size_t effects = fit.covariates.size();
    for (const std::vector<double>& entry : lists_of_draws(object, count, 2 * effects)) {
        PurchaseDraw draw;
        const auto rate = entry.begin() + static_cast<std::ptrdiff_t>(count);
        const auto dropout = rate + static_cast<std::ptrdiff_t>(effects);
        std::copy(entry.begin(), rate, draw.parameters.begin());
        draw.rate_effects.assign(rate, dropout);
        draw.dropout_effects.assign(dropout, entry.end());
        fit.draws.push_back(std::move(draw));
    }
}

void read_draws(const Members& object, SpendFit& fit) {
    for (const std::vector<double>& entry : lists_of_draws(object, fit.parameters.size(), 0)) {
        if (!(entry[1] > 1.0)) {
            object.refuse("draws", fmt::format("has q = {}, so that mean spend is infinite", entry[1]));
        }
        fit.draws.push_back({entry[0], entry[1], entry[2]});
    }
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

std::vector<ModelDraw> read_bootstrap(const Members& root, const FittedModel& model) {
    std::vector<ModelDraw> draws;
    if (!root.has("bootstrap")) {
        return draws;
    }
    const std::size_t covariates = model.purchase.covariates.size();
    const std::size_t count = parameter_count(model.purchase.model.law);
    const auto take = [](const Members& entry, std::string_view member, std::span<double> parameters, auto possible) {
        const ordered_json& list = entry.list(member);
        bool is_sound = list.size() == parameters.size();
        for (std::size_t i = 0; is_sound && i < parameters.size(); ++i) {
            parameters[i] = list[i] == "infinity" ? std::numeric_limits<double>::infinity()
                            : list[i].is_number() ? list[i].get<double>()
                                                  : std::numeric_limits<double>::quiet_NaN();
            is_sound = possible(i, parameters[i]);
        }
        if (!is_sound) {
            entry.refuse(member, fmt::format("is no list of {} parameters, which lie between {} and {}",
                                             parameters.size(), smallest_parameter, largest_parameter));
        }
    };
    const auto of_purchase = [&](std::size_t i, double value) {
        return is_parameter_or_limit(i, value, covariates > 0);
    };
    const auto of_spend = [](std::size_t /*i*/, double value) { return is_parameter(value); };
    for (const Members& entry : root.objects("bootstrap")) {
        ModelDraw draw;
        take(entry, "purchase", std::span(draw.purchase.parameters).first(count), of_purchase);
        if (covariates > 0) {
            draw.purchase.rate_effects = as_numbers(entry, "rate", covariates);
            draw.purchase.dropout_effects = as_numbers(entry, "dropout", covariates);
        }
        if (model.spend) {
            take(entry, "spend", draw.spend, of_spend);
        }
        draws.push_back(std::move(draw));
    }
    if (!std::has_single_bit(draws.size())) {
        root.refuse("bootstrap", fmt::format("has {} draws, which is no power of two", draws.size()));
    }
    return draws;
}

}  // namespace clv
