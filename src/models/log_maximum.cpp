#include "log_maximum.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <nlopt.hpp>
#include <numbers>
#include <optional>
#include <utility>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct Problem {
    const LogLikelihood* likelihood;
    std::size_t count;

    /// The gradient is by the logarithms, and 0 where the likelihood is no number.
    double operator()(const FourParameters& logs, FourParameters& gradient) const {
        FourParameters natural{};
        for (std::size_t i = 0; i < count; ++i) {
            natural[i] = std::exp(logs[i]);
        }
        const Slope slope = (*likelihood)(natural);
        gradient = {};
        if (!std::isfinite(slope.value)) {
            return -1.0e300;
        }
        for (std::size_t i = 0; i < count; ++i) {
            gradient[i] = slope.gradient[i] * natural[i];
        }
        return slope.value;
    }
};

double objective(unsigned count, const double* point, double* gradient, void* data) {
    FourParameters logs{};
    std::copy_n(point, count, logs.begin());
    FourParameters slopes{};
    const double value = (*static_cast<const Problem*>(data))(logs, slopes);
    if (gradient != nullptr) {
        std::copy_n(slopes.begin(), count, gradient);
    }
    return value;
}

/// Of up to four rows and columns, without memory from the heap.
using SmallMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor, 4, 4>;
using SmallVector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 4, 1>;

/// Information matrix: minus the differences of the gradient, their error of order h^2 extrapolated away.
SmallMatrix information(const Problem& problem, const FourParameters& logs) {
    constexpr double step = 2.0e-3;
    const auto count = static_cast<Eigen::Index>(problem.count);
    SmallMatrix result = SmallMatrix::Zero(count, count);
    for (const auto& [offset, weight] : {std::pair{step, -4.0 / 3.0}, std::pair{2.0 * step, 1.0 / 3.0}}) {
        for (std::size_t i = 0; i < problem.count; ++i) {
            FourParameters up = logs;
            FourParameters down = logs;
            up[i] += offset;
            down[i] -= offset;
            FourParameters rise{};
            FourParameters fall{};
            problem(up, rise);
            problem(down, fall);
            for (std::size_t j = 0; j < problem.count; ++j) {
                result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) +=
                    weight * (rise[j] - fall[j]) / (2.0 * offset);
            }
        }
    }
    return 0.5 * (result + result.transpose());
}

/// Nothing if the matrix is not clearly positive definite.
std::optional<Eigen::LLT<SmallMatrix>> factorise(const SmallMatrix& matrix) {
    Eigen::LLT<SmallMatrix> factor(matrix);
    const auto pivots = factor.matrixLLT().diagonal().array().square();
    if (factor.info() == Eigen::Success && (pivots > 1.0e-9 * matrix.diagonal().array()).all()) {
        return factor;
    }
    return std::nullopt;
}

}  // namespace

LogMaximum maximise(const LogLikelihood& likelihood, std::size_t count, const FourParameters& scale,
                    const std::vector<FourParameters>& starts) {
    Problem problem{&likelihood, count};
    std::vector<double> low(count);
    std::vector<double> high(count);
    for (std::size_t i = 0; i < count; ++i) {
        low[i] = std::log(1.0e-6 * scale[i]);
        high[i] = std::log(1.0e6 * scale[i]);
    }
    LogMaximum best;
    best.standard_errors.fill(undefined);
    best.value = -std::numeric_limits<double>::infinity();
    FourParameters best_logs{};
    for (const FourParameters& start : starts) {
        nlopt::opt optimiser(nlopt::LD_LBFGS, static_cast<unsigned>(count));
        optimiser.set_max_objective(objective, &problem);
        optimiser.set_lower_bounds(low);
        optimiser.set_upper_bounds(high);
        optimiser.set_xtol_rel(1.0e-9);
        optimiser.set_ftol_rel(1.0e-13);
        optimiser.set_maxeval(500);
        std::vector<double> point(count);
        for (std::size_t i = 0; i < count; ++i) {
            point[i] = std::clamp(std::log(start[i]), low[i], high[i]);
        }
        double value = 0.0;
        try {
            optimiser.optimize(point, value);
        } catch (const std::exception&) {
            // A line search without further gain ends in an exception; the gradient below judges the point.
        }
        value = objective(static_cast<unsigned>(count), point.data(), nullptr, &problem);
        if (value > best.value) {
            best.value = value;
            std::copy(point.begin(), point.end(), best_logs.begin());
        }
    }
    FourParameters gradient{};
    std::optional<Eigen::LLT<SmallMatrix>> factor;
    for (int step = 0; step < 5; ++step) {  // Newton's steps from there
        best.value = problem(best_logs, gradient);
        factor = factorise(information(problem, best_logs));
        if (!factor) {
            break;
        }
        const SmallVector move =
            factor->solve(Eigen::Map<const SmallVector>(gradient.data(), static_cast<Eigen::Index>(count)));
        if (move.cwiseAbs().maxCoeff() < 1.0e-9) {
            break;
        }
        FourParameters next = best_logs;
        for (std::size_t i = 0; i < count; ++i) {
            next[i] = std::clamp(next[i] + move[static_cast<Eigen::Index>(i)], low[i], high[i]);
        }
        FourParameters unused{};
        if (!(problem(next, unused) > best.value - 1.0e-12 * std::abs(best.value))) {  // not even up to rounding
            break;
        }
        best_logs = next;
    }
    best.value = problem(best_logs, gradient);
    bool at_bound = false;
    double steepest = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        best.parameters[i] = std::exp(best_logs[i]);
        at_bound = at_bound || best_logs[i] < low[i] + 0.01 || best_logs[i] > high[i] - 0.01;
        steepest = std::max(steepest, std::abs(gradient[i]));
    }
    if (at_bound) {
        best.status = FitStatus::at_bound;
    } else if (!factor) {
        best.status = FitStatus::not_identified;
    } else if (!(steepest < 1.0e-6 * std::max(1.0, std::abs(best.value)))) {
        best.status = FitStatus::not_converged;
    } else {
        best.status = FitStatus::converged;
        const auto size = static_cast<Eigen::Index>(count);
        const SmallMatrix covariance = factor->solve(SmallMatrix::Identity(size, size));
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                best.log_covariance[i][j] = covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
            }
            best.standard_errors[i] = best.parameters[i] * std::sqrt(best.log_covariance[i][i]);
        }
    }
    return best;
}

std::vector<double> parameter_normals(std::size_t count, std::size_t k, std::uint64_t seed) {
    constexpr double unit = 0x1p-32;
    std::vector<double> normal;
    for (std::uint32_t pair = 0; normal.size() < count; ++pair) {
        const PhiloxBlock<std::uint32_t> block =
            philox<std::uint32_t>(draw_address(Purpose::parameters, pair), static_cast<std::uint32_t>(k), 0, 0,
                                  static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        const double radius = std::sqrt(-2.0 * std::log((block.word[0] + 0.5) * unit));
        const double angle = 2.0 * std::numbers::pi * (block.word[1] + 0.5) * unit;
        normal.push_back(radius * std::cos(angle));
        normal.push_back(radius * std::sin(angle));
    }
    return normal;
}

std::vector<FourParameters> draw_around(const FourParameters& parameters, const FourByFour& log_covariance,
                                        std::size_t count, std::size_t draws, std::uint64_t seed) {
    std::vector<FourParameters> result(draws, parameters);
    using Whole = Eigen::Matrix<double, 4, 4, Eigen::RowMajor>;
    const auto size = static_cast<Eigen::Index>(count);
    const auto factor = factorise(Eigen::Map<const Whole>(log_covariance[0].data()).topLeftCorner(size, size));
    if (!factor) {
        return result;
    }
    const SmallMatrix root = factor->matrixL();
    for (std::size_t k = 0; k < draws; ++k) {
        const std::vector<double> normal = parameter_normals(count, k, seed);
        const SmallVector deviation = root * Eigen::Map<const SmallVector>(normal.data(), size);
        for (std::size_t i = 0; i < count; ++i) {
            result[k][i] *= std::exp(deviation[static_cast<Eigen::Index>(i)]);
        }
    }
    return result;
}

}  // namespace clv
