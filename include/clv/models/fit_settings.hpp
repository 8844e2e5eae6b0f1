#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clv/models/contract_law.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

enum class SpendModel { gamma_gamma };

/// How far fitted parameters may be from the truth, in draws that paths share out.
enum class ParameterUncertainty {
    none,       ///< all paths use the estimates
    laplace,    ///< normal around the estimates, on the scale of logarithms
    bootstrap,  ///< fits to customers drawn anew with replacement
};

/// Which models are fitted to purchases (config section [fit]).
struct FitSettings {
    std::optional<PurchaseLaw> model;       ///< absent: none
    std::optional<ContractLaw> contract;    ///< of customers with a contract; the key is fit.model too
    std::optional<SpendModel> spend_model;  ///< absent: none
    std::vector<std::string> covariates;    ///< columns of the summary that move the purchase rate and dropout
    ParameterUncertainty parameter_uncertainty = ParameterUncertainty::laplace;
    bool calendar = true;  ///< good and bad weeks that all customers share are estimated
    bool features = true;  ///< features.csv and cohorts.csv are written beside the model
};

}  // namespace clv
