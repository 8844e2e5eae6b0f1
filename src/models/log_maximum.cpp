#include "log_maximum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlopt.hpp>
#include <numbers>
#include <optional>

#include "clv/random/philox.hpp"

namespace clv {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct Problem {
    const std::function<double(const FourParameters&)>* likelihood;
    std::size_t count;

    [[nodiscard]] double operator()(const FourParameters& logs) const {
        FourParameters natural{};
        for (std::size_t i = 0; i < count; ++i) {
            natural[i] = std::exp(logs[i]);
        }
        const double value = (*likelihood)(natural);
        return std::isfinite(value) ? value : -1.0e300;
    }
    [[nodiscard]] double gradient(const FourParameters& logs, std::size_t i) const {
        constexpr double step = 1.0e-5;
        FourParameters up = logs;
        FourParameters down = logs;
        up[i] += step;
        down[i] -= step;
        return ((*this)(up) - (*this)(down)) / (2.0 * step);
    }
};

double objective(unsigned count, const double* point, double* gradient, void* data) {
    const Problem& problem = *static_cast<const Problem*>(data);
    FourParameters logs{};
    std::copy_n(point, count, logs.begin());
    if (gradient != nullptr) {
        for (std::size_t i = 0; i < count; ++i) {
            gradient[i] = problem.gradient(logs, i);
        }
    }
    return problem(logs);
}

/// Second differences of step h.
FourByFour curvature(const Problem& problem, const FourParameters& logs, double h) {
    FourByFour result{};
    const auto at = [&](std::size_t i, double a, std::size_t j, double b) {
        FourParameters point = logs;
        point[i] += a;
        point[j] += b;
        return problem(point);
    };
    const double middle = problem(logs);
    for (std::size_t i = 0; i < problem.count; ++i) {
        result[i][i] = (at(i, h, i, 0.0) - 2.0 * middle + at(i, -h, i, 0.0)) / (h * h);
        for (std::size_t j = 0; j < i; ++j) {
            result[i][j] = (at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h)) / (4.0 * h * h);
            result[j][i] = result[i][j];
        }
    }
    return result;
}

/// Information matrix: minus the curvature, its error of order h^2 extrapolated away.
FourByFour information(const Problem& problem, const FourParameters& logs) {
    constexpr double step = 2.0e-3;
    const FourByFour fine = curvature(problem, logs, step);
    const FourByFour coarse = curvature(problem, logs, 2.0 * step);
    FourByFour result{};
    for (std::size_t i = 0; i < problem.count; ++i) {
        for (std::size_t j = 0; j < problem.count; ++j) {
            result[i][j] = -(4.0 * fine[i][j] - coarse[i][j]) / 3.0;
        }
    }
    return result;
}

/// Lower triangular factor; nothing if the matrix is not clearly positive definite.
std::optional<FourByFour> cholesky(const FourByFour& matrix, std::size_t count) {
    FourByFour factor{};
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            double rest = matrix[i][j];
            for (std::size_t k = 0; k < j; ++k) {
                rest -= factor[i][k] * factor[j][k];
            }
            if (i != j) {
                factor[i][j] = rest / factor[j][j];
            } else if (rest > 1.0e-9 * matrix[i][i] && rest > 0.0) {
                factor[i][i] = std::sqrt(rest);
            } else {
                return std::nullopt;
            }
        }
    }
    return factor;
}

FourByFour inverse(const FourByFour& factor, std::size_t count) {
    FourByFour result{};
    for (std::size_t column = 0; column < count; ++column) {
        FourParameters y{};
        for (std::size_t i = 0; i < count; ++i) {
            double rest = i == column ? 1.0 : 0.0;
            for (std::size_t k = 0; k < i; ++k) {
                rest -= factor[i][k] * y[k];
            }
            y[i] = rest / factor[i][i];
        }
        for (std::size_t i = count; i-- > 0;) {
            for (std::size_t k = i + 1; k < count; ++k) {
                y[i] -= factor[k][i] * y[k];
            }
            y[i] /= factor[i][i];
            result[i][column] = y[i];
        }
    }
    return result;
}

}  // namespace

LogMaximum maximise(const std::function<double(const FourParameters&)>& likelihood, std::size_t count,
                    const FourParameters& scale, const std::vector<FourParameters>& starts) {
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
    std::optional<FourByFour> factor;
    for (int step = 0; step < 5; ++step) {  // Newton's steps from there
        factor = cholesky(information(problem, best_logs), count);
        if (!factor) {
            break;
        }
        const FourByFour covariance = inverse(*factor, count);
        FourParameters next = best_logs;
        for (std::size_t j = 0; j < count; ++j) {
            const double slope = problem.gradient(best_logs, j);
            for (std::size_t i = 0; i < count; ++i) {
                next[i] += covariance[i][j] * slope;
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            next[i] = std::clamp(next[i], low[i], high[i]);
        }
        const double value = problem(next);
        if (!(value > best.value)) {
            break;
        }
        best.value = value;
        best_logs = next;
    }
    bool at_bound = false;
    double steepest = 0.0;
    for (std::size_t i = 0; i < count; ++i) {
        best.parameters[i] = std::exp(best_logs[i]);
        at_bound = at_bound || best_logs[i] < low[i] + 0.01 || best_logs[i] > high[i] - 0.01;
        steepest = std::max(steepest, std::abs(problem.gradient(best_logs, i)));
    }
    factor = cholesky(information(problem, best_logs), count);
    if (at_bound) {
        best.status = FitStatus::at_bound;
    } else if (!factor) {
        best.status = FitStatus::not_identified;
    } else if (!(steepest < 1.0e-6 * std::max(1.0, std::abs(best.value)))) {
        best.status = FitStatus::not_converged;
    } else {
        best.status = FitStatus::converged;
        best.log_covariance = inverse(*factor, count);
        for (std::size_t i = 0; i < count; ++i) {
            best.standard_errors[i] = best.parameters[i] * std::sqrt(best.log_covariance[i][i]);
        }
    }
    return best;
}

std::vector<FourParameters> draw_around(const FourParameters& parameters, const FourByFour& log_covariance,
                                        std::size_t count, std::size_t draws, std::uint64_t seed) {
    std::vector<FourParameters> result(draws, parameters);
    const std::optional<FourByFour> factor = cholesky(log_covariance, count);
    if (!factor) {
        return result;
    }
    constexpr double unit = 0x1p-32;
    for (std::size_t k = 0; k < draws; ++k) {
        const std::uint32_t low = static_cast<std::uint32_t>(k);
        FourParameters normal{};
        for (std::uint32_t half = 0; half < 2; ++half) {
            const PhiloxBlock<std::uint32_t> block =
                philox<std::uint32_t>(draw_address(Purpose::parameters, half), low, 0, 0,
                                      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
            const double radius = std::sqrt(-2.0 * std::log((block.word[0] + 0.5) * unit));
            const double angle = 2.0 * std::numbers::pi * (block.word[1] + 0.5) * unit;
            normal[2 * half] = radius * std::cos(angle);
            normal[2 * half + 1] = radius * std::sin(angle);
        }
        for (std::size_t i = 0; i < count; ++i) {
            double deviation = 0.0;
            for (std::size_t j = 0; j <= i; ++j) {
                deviation += (*factor)[i][j] * normal[j];
            }
            result[k][i] *= std::exp(deviation);
        }
    }
    return result;
}

}  // namespace clv
