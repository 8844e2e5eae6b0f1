#pragma once
// Log-likelihood of Gamma-Gamma over weighted rows. Internal to the models.

#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/math/log_maximum.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

/// x repeat purchases of a positive mean value.
struct SpendRow {
    double x;
    double mean;  ///< currency
    double weight;
};

/// What of a summary tells of spend, in ascending order.
struct SpendRows {
    std::vector<SpendRow> rows;
    double customers = 0.0;
    double mean = 0.0;           ///< currency: of their means
    double without_value = 0.0;  ///< customers with repeat purchases of no positive mean value, left out
};
/// Throws InputError for a mean that is no number.
[[nodiscard]] SpendRows spend_rows(const PurchaseSummary& customers);

/// Rows in ascending order of x: what depends on x alone is found once for all that share it.
[[nodiscard]] Slope spend_log_likelihood(const std::vector<SpendRow>& rows, const SpendParameters& at);

}  // namespace clv
