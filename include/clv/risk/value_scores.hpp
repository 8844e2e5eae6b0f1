#pragma once
// How good predicted values are beside the actual ones: how near, in which order, and how much of the total they find.
//
//   r2                  1 - (sum of squared errors) / (sum of squares about the mean of the actual values)
//   rmse, mae           root mean squared and mean absolute error
//   spearman            correlation of the ranks, of ties the mean rank; undefined where all predictions are equal
//   gini                Gini coefficient of the actual values in the order of the predicted ones, over that in their
//   own
//                       order: 1 is the best order, 0 none. Averaged over all orders of equal predictions, which is to
//                       give each their mean rank, since the coefficient is linear in ranks
//   top_decile_capture  share of the actual total that the tenth with the highest predictions holds
//   total_ratio         predicted total over actual total
//
// Shares of a total, lift and gain are undefined where the actual total is not positive. Errors: risk/resampled.hpp.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/risk/resampled.hpp"

namespace clv {

enum class ValueScore : std::size_t { r2, rmse, mae, spearman, gini, top_decile_capture, total_ratio };
inline constexpr std::size_t value_score_count = 7;

struct ValueScores {
    std::size_t customers = 0;
    std::array<Estimate, value_score_count> estimates;  ///< in the order of ValueScore, and named as there
    std::vector<Decile> deciles;                        ///< ten, from the highest prediction

    [[nodiscard]] const Estimate& operator[](ValueScore score) const {
        return estimates[static_cast<std::size_t>(score)];
    }
};

/// Scores predictions, one per customer, beside actual values in the same `unit`. The order of customers does not
/// matter. Throws InputError where all actual values are equal or a value is not finite, and std::invalid_argument for
/// spans of different lengths.
[[nodiscard]] ValueScores score_predictions(std::span<const double> predicted, std::span<const double> actual,
                                            std::span<const std::uint64_t> id_hash, const BootstrapSettings& settings,
                                            std::string_view unit = "currency");

}  // namespace clv
