#pragma once
// Maximum of a smooth function in a box: a climb along its gradient (L-BFGS; Nocedal 1980, "Updating quasi-Newton
// matrices with limited storage", as NLopt has it), then Newton's steps, then a verdict from gradient and curvature.

#include <Eigen/Core>
#include <functional>
#include <vector>

#include "clv/math/fit_status.hpp"

namespace clv {

using Point = std::vector<double>;

/// The value at a point, and there its gradient unless that is null; a gradient comes with as many entries as the
/// point.
using Hill = std::function<double(const Point& at, Point* gradient)>;

/// The information matrix at a point: minus the second derivatives.
using Information = std::function<Eigen::MatrixXd(const Point& at)>;

/// By central differences of the gradient.
[[nodiscard]] Eigen::MatrixXd information_by_gradients(const Hill& hill, const Point& at);

struct Box {
    Point low;
    Point high;
};

struct ClimbSettings {
    double least_step = 0.0;  ///< relative to the coordinates; 0: steps may get as small as they like
    double least_gain = 0.0;  ///< relative to the value
    int most_values = 0;      ///< from one start
};

struct Peak {
    Point at;
    double value = 0.0;
    bool stopped_early = false;  ///< after most_values
};

/// The highest point of climbs from all `starts`, the first of equals; a start outside the box is moved to its edge.
/// Where a line search finds no further gain the climb ends: whether that is the top is for the gradient to say.
[[nodiscard]] Peak climb(const Hill& hill, const std::vector<Point>& starts, const Box& box,
                         const ClimbSettings& settings);

/// Two ways to take Newton's step. They agree up to rounding; fits of each kind keep the bits of theirs.
enum class NewtonRule {
    solve,   ///< Eigen's LLT, up to four coordinates; until a step moves no coordinate by 1e-9, or loses
    invert,  ///< the inverse of the information matrix; until a step promises no gain of 1e-12, or does not gain
};

struct MaximiseSettings {
    ClimbSettings climb;
    NewtonRule newton = NewtonRule::solve;
    int newton_steps = 0;
};

struct Maximum {
    Point at;
    double value = 0.0;
    FitStatus status = FitStatus::not_converged;
    Eigen::MatrixXd covariance;  ///< the inverse of the information matrix; empty unless converged
};

/// at_bound within 0.01 of an edge of the box; not_identified where the information matrix is not clearly positive
/// definite; not_converged where a component of the gradient is above 1e-6 of the value (or of 1, if that is more).
[[nodiscard]] Maximum maximise(const Hill& hill, const Information& information, const std::vector<Point>& starts,
                               const Box& box, const MaximiseSettings& settings);

}  // namespace clv
