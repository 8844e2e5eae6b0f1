#include "clv/output/documents/contract_file.hpp"

#include <cmath>
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
    return object;
}

ContractSegment segment_of(const Members& object, ContractLaw law, std::set<std::string>& names_before) {
    ContractSegment segment;
    segment.counts.segment = new_name(object, "segment", names_before);
    ContractFit& fit = segment.fit;
    fit.model.law = law;
    const auto names = law_parameters(law);
    const Members parameters = object.inner("parameters");
    for (std::size_t i = 0; i < names.size(); ++i) {
        fit.model.parameters[i] = parameters.number(names[i]);
        if (!is_parameter(fit.model.parameters[i])) {
            parameters.refuse(names[i], fmt::format("is {}: parameters lie between {} and {}", fit.model.parameters[i],
                                                    smallest_parameter, largest_parameter));
        }
        fit.standard_errors[i] = as_error(object.inner("standard_errors"), names[i], largest_parameter);
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
    return fits;
}

}  // namespace

std::string contracts_as_json(const ContractFits& fits) {
    ordered_json root;
    root["format"] = model_format;
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
