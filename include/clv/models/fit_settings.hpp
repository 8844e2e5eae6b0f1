#pragma once

#include <optional>

#include "clv/paths/retail_columns.hpp"

namespace clv {

enum class SpendModel { gamma_gamma };

/// Which models are fitted to purchases (config section [fit]).
struct FitSettings {
    std::optional<PurchaseLaw> model;       ///< absent: none
    std::optional<SpendModel> spend_model;  ///< absent: none
    bool parameter_uncertainty = true;      ///< paths share out draws of the fitted parameters
    bool calendar = true;                   ///< good and bad weeks that all customers share are estimated
    bool features = true;                   ///< clv fit also writes features.csv and cohorts.csv
};

}  // namespace clv
