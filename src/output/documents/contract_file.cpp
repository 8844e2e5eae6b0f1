#include "clv/output/documents/contract_file.hpp"

#include "model_json.hpp"

namespace clv {
namespace {

using namespace model_json;

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
    object["at_risk"] = segment.counts.at_risk;
    object["churned"] = segment.counts.churned;
    object["warnings"] = fit.warnings;
    return object;
}

ContractSegment segment_from_json(const ordered_json& object, ContractLaw law) {
    ContractSegment segment;
    segment.counts.segment = object.at("segment").get<std::string>();
    ContractFit& fit = segment.fit;
    fit.model.law = law;
    const auto names = law_parameters(law);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string name(names[i]);
        fit.model.parameters[i] = as_parameter(object.at("parameters").at(name));
        if (!(fit.model.parameters[i] > 0.0 && std::isfinite(fit.model.parameters[i]))) {
            throw InputError(fmt::format("parameter {} of segment {} is not above 0", name, segment.counts.segment));
        }
        fit.standard_errors[i] = as_number(object.at("standard_errors").at(name));
    }
    fit.log_likelihood = as_number(object.at("log_likelihood"));
    fit.aic = as_number(object.at("aic"));
    fit.status = chosen<FitStatus>(statuses, object.at("status").get<std::string>(), "status");
    fit.customers = object.value("customers", std::uint64_t{0});
    segment.counts.at_risk = object.value("at_risk", std::vector<std::uint64_t>{});
    segment.counts.churned = object.value("churned", std::vector<std::uint64_t>{});
    fit.warnings = object.value("warnings", std::vector<std::string>{});
    return segment;
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
    return root.dump(2) + "\n";
}

ContractFits contracts_from_json(const std::string& text, const std::string& name) {
    return parsed(text, name, "`clv fit --model sbg` or `bdw`", [](const ordered_json& root) {
        if (!root.contains("contract")) {
            throw InputError("it holds no model of contracts (sbg or bdw)");
        }
        const ordered_json& contract = root.at("contract");
        const auto law = contract.at("model").get<std::string>();
        if (law != law_name(ContractLaw::sbg) && law != law_name(ContractLaw::bdw)) {
            throw InputError(fmt::format("contract model \"{}\" is unknown", law));
        }
        ContractFits fits;
        fits.law = law == law_name(ContractLaw::sbg) ? ContractLaw::sbg : ContractLaw::bdw;
        fits.period_months = contract.at("period_months").get<int>();
        for (const ordered_json& segment : contract.at("segments")) {
            fits.segments.push_back(segment_from_json(segment, fits.law));
        }
        if (fits.period_months < 1 || fits.segments.empty()) {
            throw InputError("it has no segment, or no period of at least a month");
        }
        return fits;
    });
}

ContractFits read_contracts(const std::filesystem::path& file) {
    return contracts_from_json(text_of(file), file.string());
}

}  // namespace clv
