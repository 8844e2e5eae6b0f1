#pragma once
// Log-likelihood of Gamma-Gamma over weighted rows. Internal to the models.

#include <vector>

#include "clv/math/log_maximum.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

/// x repeat purchases of a positive mean value.
struct SpendRow {
    double x;
    double mean;  ///< currency
    double weight;
};

/// Rows in ascending order of x: what depends on x alone is found once for all that share it.
[[nodiscard]] Slope spend_log_likelihood(const std::vector<SpendRow>& rows, const SpendParameters& at);

}  // namespace clv
