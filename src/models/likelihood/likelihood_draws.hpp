#pragma once
// What a likelihood leaves open of the parameters of a fit, where a normal distribution does not say it: a parameter at
// the end of its range, or one that the data bound from one side alone. Internal to the models.
//
// Coordinates are unbounded (see free_coordinates.hpp), and each has the standard logistic distribution as its prior:
// of a chance that is the uniform distribution, of a positive quantity that of u / (1 - u). It is what the draws follow
// where the data say nothing, and gives a likelihood that never falls an end.

#include <Eigen/Core>
#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "clv/math/maximise.hpp"

namespace clv {

/// A log-likelihood over free coordinates. Called by many threads at once.
using FreeLikelihood = std::function<double(const Point& at)>;

/// Draws, equally likely.
struct LikelihoodDraws {
    std::vector<Point> points;
    double effective = 0.0;  ///< independent draws that would be worth as much as the proposals they were chosen from
};

inline constexpr std::size_t likelihood_draw_count = 512;

/// likelihood_draw_count draws from likelihood and prior, in ascending order of `rank`, by importance resampling:
/// proposals from Student's t distribution around the maximum, thrice fitted to their own weights, then systematic
/// resampling in that order (Rubin 1988; Cappe, Guillin, Marin, Robert 2004, "Population Monte Carlo"). The same for
/// any number of `threads` (0: all).
[[nodiscard]] LikelihoodDraws draw_from_likelihood(const FreeLikelihood& likelihood, const Point& start,
                                                   const std::function<double(const Point&)>& rank, int threads);

/// Whether two standard deviations to either side of `at`, along every column of the covariance's factor, the
/// likelihood has fallen by what a normal distribution says, 2, or at least by 1 and at most by 3.
[[nodiscard]] bool is_near_normal(const FreeLikelihood& likelihood, const Point& at, const Eigen::MatrixXd& covariance);

/// An end of a coordinate that the data do not exclude.
struct OpenEnd {
    std::size_t coordinate;
    bool high;

    [[nodiscard]] bool operator==(const OpenEnd&) const = default;
};

/// What the likelihood may lose on the way to a limit that it does not exclude: half of 2.71, the 95% quantile of twice
/// the loss where the limit is at the edge of what is possible (Self, Liang 1987).
inline constexpr double largest_loss_at_limit = 1.353;

/// Ends of coordinates, a factor of a million away, at which the likelihood with all others free is no more than
/// largest_loss_at_limit below that at the maximum `at`; of a coordinate whose standard deviation is above
/// largest_log_sd one end at least. Coordinates that are well known by their curvature are not looked at; `covariance`
/// may be empty, and is found then.
[[nodiscard]] std::vector<OpenEnd> open_ends(const FreeLikelihood& likelihood, Point at, Eigen::MatrixXd covariance);

}  // namespace clv
