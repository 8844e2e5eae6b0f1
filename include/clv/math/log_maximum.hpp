#pragma once
// Maximum of a likelihood over the logarithms of up to four parameters.

#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "clv/math/fit_status.hpp"

namespace clv {

using FourParameters = std::array<double, 4>;
using FourByFour = std::array<std::array<double, 4>, 4>;

struct LogMaximum {
    FourParameters parameters{};       ///< natural scale
    FourParameters standard_errors{};  ///< natural scale; NaN unless identified
    FourByFour log_covariance{};       ///< 0 unless converged or not identified, and of what is held
    double value = 0.0;
    FitStatus status = FitStatus::not_converged;
};

/// A log-likelihood, and its derivatives by the parameters.
struct Slope {
    double value = 0.0;
    FourParameters gradient{};
};
using LogLikelihood = std::function<Slope(const FourParameters&)>;

/// The largest standard deviation of a logarithm with which the data still say something of a parameter.
inline constexpr double largest_log_sd = 3.0;

/// Holds the first `count` parameters at their estimates where that is exceeded: their rows and columns become 0, and
/// the rest is the covariance given them. Returns whether any is held.
bool hold_unidentified(FourByFour& log_covariance, std::size_t count);

/// As maximise(), and not identified where a parameter is held. Every parameter is sought from 1e-6 to 1e6 times its
/// `scale`, from all starts.
[[nodiscard]] LogMaximum maximise_logs(const LogLikelihood& likelihood, std::size_t count, const FourParameters& scale,
                                       const std::vector<FourParameters>& starts);

/// Evenly spaced over the weight of all rows: `size` of them, each with the weight of those it stands for.
template <class Row>
[[nodiscard]] std::vector<Row> systematic_sample(const std::vector<Row>& rows, double size) {
    double weights = 0.0;
    for (const Row& row : rows) {
        weights += row.weight;
    }
    std::vector<Row> sample;
    double reached = 0.0;
    double taken = 0.0;
    for (const Row& row : rows) {
        reached += row.weight;
        const double points = std::floor(reached / weights * size + 0.5) - taken;
        if (points > 0.0) {
            sample.push_back(row);
            sample.back().weight = points;
            taken += points;
        }
    }
    return sample;
}

/// The maximum over many rows: `likelihood_of` makes a LogLikelihood from a vector of them, which must outlive it.
/// Where a sample fits well, all starts are tried on it, and the whole begins at its maximum.
template <class Row, class LikelihoodOf>
[[nodiscard]] LogMaximum maximise_over(const std::vector<Row>& rows, LikelihoodOf likelihood_of, std::size_t count,
                                       const FourParameters& scale, std::vector<FourParameters> starts) {
    constexpr std::size_t enough = 10'000;
    if (rows.size() > 2 * enough) {
        const LogMaximum first =
            maximise_logs(likelihood_of(systematic_sample(rows, static_cast<double>(enough))), count, scale, starts);
        if (first.status == FitStatus::converged) {
            starts = {first.parameters};
        }
    }
    return maximise_logs(likelihood_of(rows), count, scale, starts);
}

}  // namespace clv
