#include "clv/output/documents/contract_file.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/json_text.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "model_json.hpp"

namespace clv {
namespace {

using namespace model_json;

/// Whole numbers without a decimal point.
ordered_json as_counts(const std::vector<double>& customers) {
    ordered_json list = ordered_json::array();
    for (const double count : customers) {
        if (count < 0x1p53 && count == std::floor(count)) {
            list.push_back(static_cast<std::uint64_t>(count));
        } else {
            list.push_back(count);
        }
    }
    return list;
}

ordered_json rows_as_json(const std::vector<std::vector<double>>& rows) {
    ordered_json list = ordered_json::array();
    for (const std::vector<double>& row : rows) {
        list.push_back(row);
    }
    return list;
}

void add_effects(ordered_json& object, const ContractEffects& effects) {
    const std::vector<std::string> names = effect_names(effects.columns);
    for (std::size_t j = 0; j < names.size(); ++j) {
        ordered_json covariate;
        covariate["name"] = names[j];
        covariate["alpha"] = effects.alpha[j];
        covariate["alpha_standard_error"] = number(effects.alpha_se[j]);
        covariate["beta"] = effects.beta[j];
        covariate["beta_standard_error"] = number(effects.beta_se[j]);
        object["covariates"].push_back(std::move(covariate));
    }
    for (const ContractColumn& column : effects.columns) {
        ordered_json own;
        own["name"] = column.name;
        if (!column.levels.empty()) {
            own["levels"] = column.levels;
        }
        object["columns"].push_back(std::move(own));
    }
    object["log_likelihood_without"] = number(effects.log_likelihood_without);
    if (!effects.covariance.empty()) {
        object["covariance"] = rows_as_json(effects.covariance);
    }
    if (!effects.draws.empty()) {
        object["draws"] = rows_as_json(effects.draws);
    }
}

ordered_json segment_as_json(const ContractSegment& segment) {
    const ContractFit& fit = segment.fit;
    const auto names = law_parameters(fit.model.law);
    ordered_json object;
    object["segment"] = segment.counts.segment;
    object["parameters"] = named(names, fit.model.parameters);
    object["standard_errors"] = named(names, fit.standard_errors);
    object["log_likelihood"] = number(fit.log_likelihood);
    object["aic"] = number(fit.aic);
    object["status"] = to_string(fit.status);
    object["customers"] = fit.customers;
    object["at_risk"] = as_counts(segment.counts.at_risk);
    object["churned"] = segment.counts.churned;
    object["warnings"] = fit.warnings;
    if (fit.effects.size() > 0) {
        add_effects(object, fit.effects);
    }
    return object;
}

std::vector<ContractColumn> contract_columns(const Members& segment) {
    std::vector<ContractColumn> columns;
    std::set<std::string> names;
    for (const Members& object : segment.objects("columns")) {
        ContractColumn column{new_name(object, "name", names)};
        if (object.has("levels")) {
            column.levels = object.texts("levels");
            const std::set<std::string> distinct(column.levels.begin(), column.levels.end());
            if (column.levels.size() < 2 || distinct.size() != column.levels.size()) {
                object.refuse("levels", "are not two or more different texts");
            }
        }
        columns.push_back(std::move(column));
    }
    return columns;
}

ContractEffects effects_of(const Members& segment, ContractLaw law) {
    ContractEffects effects;
    if (!segment.has("covariates")) {
        return effects;
    }
    constexpr double largest = std::numeric_limits<double>::max();  // per unit of the covariate, whatever that is
    effects.columns = contract_columns(segment);
    std::vector<std::string> names;
    for (const Members& covariate : segment.objects("covariates")) {
        names.push_back(covariate.text("name"));
        effects.alpha.push_back(covariate.number("alpha"));
        effects.alpha_se.push_back(as_error(covariate, "alpha_standard_error", largest));
        effects.beta.push_back(covariate.number("beta"));
        effects.beta_se.push_back(as_error(covariate, "beta_standard_error", largest));
    }
    if (names.empty() || names != effect_names(effects.columns)) {
        segment.refuse("covariates", "are not those of its columns, one of every level but the first");
    }
    const std::size_t count = parameter_count(law) + 2 * names.size();
    if (segment.has("covariance")) {
        effects.covariance = as_covariance(segment, "covariance", count);
    }
    if (segment.has("draws")) {
        for (const ordered_json& entry : segment.list("draws")) {
            auto draw = finite_numbers(entry, count);
            if (!draw) {
                segment.refuse("draws", fmt::format("has an entry that is no list of {} finite numbers", count));
            }
            effects.draws.push_back(*std::move(draw));
        }
    }
    effects.log_likelihood_without = as_number(segment, "log_likelihood_without");
    return effects;
}

ContractSegment segment_of(const Members& object, ContractLaw law, std::set<std::string>& names_before) {
    ContractSegment segment;
    segment.counts.segment = new_name(object, "segment", names_before);
    ContractFit& fit = segment.fit;
    fit.model.law = law;
    fit.effects = effects_of(object, law);
    const bool has_covariates = fit.effects.size() > 0;
    const double largest_error = has_covariates ? std::numeric_limits<double>::max() : largest_parameter;
    const auto names = law_parameters(law);
    const Members parameters = object.inner("parameters");
    for (std::size_t i = 0; i < names.size(); ++i) {
        fit.model.parameters[i] = parameters.number(names[i]);
        if (!is_parameter(fit.model.parameters[i], has_covariates)) {
            parameters.refuse(names[i], fmt::format("is {}: parameters lie between {} and {}", fit.model.parameters[i],
                                                    smallest_parameter, largest_parameter));
        }
        fit.standard_errors[i] = as_error(object.inner("standard_errors"), names[i], largest_error);
    }
    fit.log_likelihood = as_number(object, "log_likelihood");
    fit.aic = as_number(object, "aic");
    fit.status = chosen<FitStatus>(statuses, object.text("status"), "status");
    fit.customers = object.has("customers") ? object.whole("customers") : 0;
    segment.counts.at_risk = if_there(object, "at_risk", &Members::amounts).value_or(std::vector<double>{});
    segment.counts.churned = if_there(object, "churned", &Members::counts).value_or(std::vector<std::uint64_t>{});
    const std::vector<double>& at_risk = segment.counts.at_risk;
    if (segment.counts.churned.size() != at_risk.size() ||
        static_cast<double>(at_risk.size()) > longest_tenure_months) {
        object.refuse("churned", fmt::format("has {} periods, and at_risk {}: give as many, at most {}",
                                             segment.counts.churned.size(), at_risk.size(), longest_tenure_months));
    }
    for (std::size_t t = 0; t < at_risk.size(); ++t) {
        if (static_cast<double>(segment.counts.churned[t]) > at_risk[t]) {
            object.refuse("churned", fmt::format("has {} customers in period {}, and at_risk {}",
                                                 segment.counts.churned[t], t + 1, at_risk[t]));
        }
    }
    fit.warnings = if_there(object, "warnings", &Members::texts).value_or(std::vector<std::string>{});
    return segment;
}

ContractFits contracts_of(const Members& root) {
    if (!root.has("contract")) {
        throw InputError("it holds no model of contracts (sbg or bdw)");
    }
    const Members contract = root.inner("contract");
    const std::string law = contract.text("model");
    if (law != law_name(ContractLaw::sbg) && law != law_name(ContractLaw::bdw)) {
        contract.refuse("model", fmt::format("is \"{}\", which is unknown", law));
    }
    ContractFits fits;
    fits.law = law == law_name(ContractLaw::sbg) ? ContractLaw::sbg : ContractLaw::bdw;
    fits.period_months =
        static_cast<int>(contract.whole("period_months", 1, static_cast<std::uint64_t>(longest_tenure_months)));
    std::set<std::string> names;
    for (const Members& segment : contract.objects("segments")) {
        fits.segments.push_back(segment_of(segment, fits.law, names));
    }
    if (fits.segments.empty()) {
        contract.refuse("segments", "is empty");
    }
    const auto has_covariates = [](const ContractSegment& segment) { return segment.fit.effects.size() > 0; };
    if (fits.segments.size() > 1 && std::ranges::any_of(fits.segments, has_covariates)) {
        contract.refuse("segments", "has covariates beside other segments: they are fitted to all together");
    }
    return fits;
}

}  // namespace

std::string contracts_as_json(const ContractFits& fits) {
    ordered_json root;
    root["format"] = fits.has_covariates() ? covariate_contract_format : model_format;
    ordered_json& contract = root["contract"];
    contract["model"] = law_name(fits.law);
    contract["period_months"] = fits.period_months;
    contract["segments"] = ordered_json::array();
    for (const ContractSegment& segment : fits.segments) {
        contract["segments"].push_back(segment_as_json(segment));
    }
    return readable_text(root, &contracts_of);
}

ContractFits contracts_from_json(const std::string& text, const std::string& name) {
    return parsed(text, name, "`clv fit --model sbg` or `bdw`", &contracts_of);
}

ContractFits read_contracts(const std::filesystem::path& file) {
    return contracts_from_json(text_of(file), file.string());
}

}  // namespace clv
