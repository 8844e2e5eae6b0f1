#include "clv/math/maximise.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <limits>
#include <nlopt.hpp>
#include <optional>
#include <utility>

#include "clv/core/progress.hpp"
#include "clv/math/cholesky.hpp"

namespace clv {
namespace {

/// A hill, and what climbing it threw: NLopt lets no exception through.
struct Climbed {
    const Hill& hill;
    std::exception_ptr thrown{};
};

/// In the shape NLopt asks for.
double objective(unsigned count, const double* point, double* gradient, void* data) {
    Climbed& climbed = *static_cast<Climbed*>(data);
    try {
        throw_if_interrupted();
        const Point at(point, point + count);
        if (gradient == nullptr) {
            return climbed.hill(at, nullptr);
        }
        Point slope;
        const double value = climbed.hill(at, &slope);
        std::ranges::copy(slope, gradient);
        return value;
    } catch (...) {
        climbed.thrown = std::current_exception();
        throw nlopt::forced_stop();
    }
}

/// The information matrix in factors, by one rule or the other.
class NewtonStep {
  public:
    explicit NewtonStep(NewtonRule rule) : rule_(rule) {}

    /// False if the matrix is not clearly positive definite.
    bool factorise_at(const Eigen::MatrixXd& information) {
        if (rule_ == NewtonRule::solve) {
            small_ = factorise_small(information);
            return small_.has_value();
        }
        const std::optional<Eigen::MatrixXd> factor = factorise(information);
        if (factor) {
            inverse_ = inverse_of(*factor);
        }
        return factor.has_value();
    }

    /// Where a step from `at` leads; nothing where it is not worth taking.
    [[nodiscard]] std::optional<Point> from(const Point& at, const Point& gradient, const Box& box) const {
        Point next = at;
        if (rule_ == NewtonRule::solve) {
            const SmallVector move = small_->solve(
                Eigen::Map<const SmallVector>(gradient.data(), static_cast<Eigen::Index>(gradient.size())));
            if (move.cwiseAbs().maxCoeff() < 1.0e-9) {
                return std::nullopt;
            }
            for (std::size_t i = 0; i < next.size(); ++i) {
                next[i] = std::clamp(next[i] + move[static_cast<Eigen::Index>(i)], box.low[i], box.high[i]);
            }
            return next;
        }
        double gain = 0.0;  // twice that of the quadratic
        for (std::size_t i = 0; i < next.size(); ++i) {
            for (std::size_t j = 0; j < next.size(); ++j) {
                const double entry = inverse_(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
                next[i] += entry * gradient[j];
                gain += gradient[i] * entry * gradient[j];
            }
            next[i] = std::clamp(next[i], box.low[i], box.high[i]);
        }
        return gain > 1.0e-12 ? std::optional(std::move(next)) : std::nullopt;
    }

    /// Whether a step to `value` is kept: by solving, one that loses no more than rounding; else one that gains.
    [[nodiscard]] bool keeps(double value, double before) const {
        return value > (rule_ == NewtonRule::solve ? before - 1.0e-12 * std::abs(before) : before);
    }

    [[nodiscard]] Eigen::MatrixXd covariance(std::size_t count) const {
        if (rule_ == NewtonRule::invert) {
            return inverse_;
        }
        const auto size = static_cast<Eigen::Index>(count);
        const SmallMatrix covariance = small_->solve(SmallMatrix::Identity(size, size));
        return covariance;
    }

  private:
    NewtonRule rule_;
    std::optional<Eigen::LLT<SmallMatrix>> small_;
    Eigen::MatrixXd inverse_;
};

FitStatus verdict(const Maximum& best, const Point& gradient, const Box& box, bool identified) {
    double steepest = 0.0;
    bool at_bound = false;
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        steepest = std::max(steepest, std::abs(gradient[i]));
        at_bound = at_bound || best.at[i] < box.low[i] + 0.01 || best.at[i] > box.high[i] - 0.01;
    }
    if (at_bound) {
        return FitStatus::at_bound;
    }
    if (!identified) {
        return FitStatus::not_identified;
    }
    return steepest < 1.0e-6 * std::max(1.0, std::abs(best.value)) ? FitStatus::converged : FitStatus::not_converged;
}

}  // namespace

Eigen::MatrixXd information_by_gradients(const Hill& hill, const Point& at) {
    constexpr double step = 1.0e-3;
    const auto count = static_cast<Eigen::Index>(at.size());
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(count, count);
    Point up;
    Point down;
    for (std::size_t i = 0; i < at.size(); ++i) {
        Point moved = at;
        moved[i] = at[i] + step;
        (void)hill(moved, &up);
        moved[i] = at[i] - step;
        (void)hill(moved, &down);
        for (std::size_t j = 0; j < at.size(); ++j) {
            const double half = 0.5 * (up[j] - down[j]) / (2.0 * step);
            result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) -= half;
            result(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(i)) -= half;
        }
    }
    return result;
}

Peak climb(const Hill& hill, const std::vector<Point>& starts, const Box& box, const ClimbSettings& settings) {
    Peak best;
    best.value = -std::numeric_limits<double>::infinity();
    for (const Point& start : starts) {
        nlopt::opt optimiser(nlopt::LD_LBFGS, static_cast<unsigned>(start.size()));
        Climbed climbed{hill};
        optimiser.set_max_objective(objective, &climbed);
        optimiser.set_lower_bounds(box.low);
        optimiser.set_upper_bounds(box.high);
        optimiser.set_xtol_rel(settings.least_step);
        optimiser.set_ftol_rel(settings.least_gain);
        optimiser.set_maxeval(settings.most_values);
        Peak reached{start, 0.0, false};
        for (std::size_t i = 0; i < start.size(); ++i) {
            reached.at[i] = std::clamp(start[i], box.low[i], box.high[i]);
        }
        try {
            reached.stopped_early = optimiser.optimize(reached.at, reached.value) == nlopt::MAXEVAL_REACHED;
        } catch (const std::exception&) {
            // NLopt's word for a line search without further gain; the point is as far as it came.
            if (climbed.thrown) {
                std::rethrow_exception(climbed.thrown);
            }
        }
        reached.value = hill(reached.at, nullptr);
        if (reached.value > best.value || best.at.empty()) {
            best = std::move(reached);
        }
    }
    return best;
}

Maximum maximise(const Hill& hill, const Information& information, const std::vector<Point>& starts, const Box& box,
                 const MaximiseSettings& settings) {
    Maximum best;
    best.at = climb(hill, starts, box, settings.climb).at;
    Point gradient;
    best.value = hill(best.at, &gradient);
    NewtonStep newton(settings.newton);
    bool identified = false;
    for (int step = 0; step < settings.newton_steps; ++step) {
        identified = newton.factorise_at(information(best.at));
        std::optional<Point> next = identified ? newton.from(best.at, gradient, box) : std::nullopt;
        if (!next) {
            break;
        }
        Point gradient_there;
        const double value = hill(*next, &gradient_there);
        if (!newton.keeps(value, best.value)) {
            break;
        }
        best.at = std::move(*next);
        best.value = value;
        gradient = std::move(gradient_there);
    }
    best.status = verdict(best, gradient, box, identified);
    if (best.status == FitStatus::converged) {
        best.covariance = newton.covariance(best.at.size());
    }
    return best;
}

}  // namespace clv
