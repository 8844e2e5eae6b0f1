// Keys of [fit].

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "clv/config/config.hpp"
#include "clv/models/contract_law.hpp"
#include "clv/models/covariate_fit.hpp"
#include "clv/models/purchase_models.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::array contract_laws{ContractLaw::sbg, ContractLaw::bdw};

std::vector<std::string> model_names() {
    std::vector<std::string> names;
    for (const PurchaseLaw law : purchase_laws) {
        names.emplace_back(law_name(law));
    }
    for (const ContractLaw law : contract_laws) {
        names.emplace_back(law_name(law));
    }
    return names;
}

/// The law of that name, if it is one of `laws`.
template <class Laws>
auto law_in(const Laws& laws, const std::string& name) {
    const auto found = std::ranges::find(laws, name, [](auto law) { return law_name(law); });
    return found == laws.end() ? std::nullopt : std::optional(*found);
}

/// One key for models of purchases and of contracts: the later word counts.
void set_model(void* owner, std::string name) {
    FitSettings& fit = static_cast<RunConfig*>(owner)->fit;
    fit.model = law_in(purchase_laws, name);
    fit.contract = law_in(contract_laws, name);
}

std::optional<std::string> model(const void* owner) {
    const FitSettings& fit = static_cast<const RunConfig*>(owner)->fit;
    if (fit.contract) {
        return std::string(law_name(*fit.contract));
    }
    return fit.model ? std::optional<std::string>(law_name(*fit.model)) : std::nullopt;
}

}  // namespace

Section<RunConfig> fit_section() {
    using namespace kinds;
    using C = RunConfig;
    return {
        "fit",
        "Which models are fitted, and to which part of the purchases.",
        {
            word({.name = "fit.model",
                  .meaning = "model of purchases, or of contracts (sbg, bdw: clv fit alone); absent: none"},
                 MemberSlot<C, std::string>{{&set_model, &model}}, model_names()),
            choice({.name = "fit.spend_model", .meaning = "model of the spend of a purchase; absent: none"},
                   at<&C::fit, &FitSettings::spend_model>, {{"gamma_gamma", SpendModel::gamma_gamma}}),
            day({.name = "fit.observation_end",
                 .meaning = "last day of transactions that is used; absent: the last of the files"},
                at<&C::observation, &ObservationSettings::observation_end>),
            day({.name = "fit.holdout",
                 .meaning = "last day that is fitted on; what comes after it is compared with the forecast"},
                at<&C::observation, &ObservationSettings::holdout>),
            choice({.name = "fit.time_unit", .meaning = "what recency and T of a summary count"},
                   at<&C::observation, &ObservationSettings::time_unit>,
                   {{"day", TimeUnit::day},
                    {"week", TimeUnit::week},
                    {"month", TimeUnit::month},
                    {"year", TimeUnit::year}}),
            texts(
                {.name = "fit.covariates",
                 .meaning = fmt::format("columns that do not change in time. Of input.summary, numbers: each moves the "
                                        "purchase rate and dropout by a factor exp(effect x column) ({}). Of sbg and "
                                        "bdw columns of input.customers or input.summary, numbers or texts: each moves "
                                        "alpha and beta likewise, in one fit for all segments",
                                        laws_with_covariates())},
                at<&C::fit, &FitSettings::covariates>),
            choice_or_boolean(
                {.name = "fit.parameter_uncertainty",
                 .meaning = "whether all paths use the estimates, or share out draws of the fitted parameters: normal "
                            "ones, or fits to customers drawn anew with replacement, which model.json keeps; true is "
                            "laplace, false none. Of a model of contracts only one with covariates has draws, none by "
                            "bootstrap"},
                at<&C::fit, &FitSettings::parameter_uncertainty>,
                {{"none", ParameterUncertainty::none},
                 {"laplace", ParameterUncertainty::laplace},
                 {"bootstrap", ParameterUncertainty::bootstrap}},
                ParameterUncertainty::laplace, ParameterUncertainty::none),
            boolean(
                {.name = "fit.calendar",
                 .meaning = "whether good and bad weeks that all customers share are estimated and simulated; it needs "
                            "transactions, or a model.json made from them"},
                at<&C::fit, &FitSettings::calendar>),
            boolean(
                {.name = "fit.features",
                 .meaning =
                     "whether features.csv and cohorts.csv of transactions are written beside a model fitted on them",
                 .statistical = false},
                at<&C::fit, &FitSettings::features>),
        }};
}

}  // namespace clv
