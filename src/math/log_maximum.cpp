#include "clv/math/log_maximum.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "clv/math/maximise.hpp"

namespace clv {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// The gradient is by the logarithms, and 0 where the likelihood is no number.
double over_logs(const LogLikelihood& likelihood, const Point& logs, Point* gradient) {
    FourParameters natural{};
    for (std::size_t i = 0; i < logs.size(); ++i) {
        natural[i] = std::exp(logs[i]);
    }
    const Slope slope = likelihood(natural);
    const bool sound = std::isfinite(slope.value);
    if (gradient != nullptr) {
        gradient->assign(logs.size(), 0.0);
        for (std::size_t i = 0; sound && i < logs.size(); ++i) {
            (*gradient)[i] = slope.gradient[i] * natural[i];
        }
    }
    return sound ? slope.value : -1.0e300;
}

/// Minus the differences of the gradient, their error of order h^2 extrapolated away.
Eigen::MatrixXd information_at(const Hill& hill, const Point& logs) {
    constexpr double step = 2.0e-3;
    const auto count = static_cast<Eigen::Index>(logs.size());
    Eigen::MatrixXd result = Eigen::MatrixXd::Zero(count, count);
    for (const auto& [offset, weight] : {std::pair{step, -4.0 / 3.0}, std::pair{2.0 * step, 1.0 / 3.0}}) {
        for (std::size_t i = 0; i < logs.size(); ++i) {
            Point up = logs;
            Point down = logs;
            up[i] += offset;
            down[i] -= offset;
            Point rise;
            Point fall;
            (void)hill(up, &rise);
            (void)hill(down, &fall);
            for (std::size_t j = 0; j < logs.size(); ++j) {
                result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) +=
                    weight * (rise[j] - fall[j]) / (2.0 * offset);
            }
        }
    }
    return 0.5 * (result + result.transpose());
}

}  // namespace

bool hold_unidentified(FourByFour& log_covariance, std::size_t count) {
    constexpr double rounding = 1.0e-12;
    bool held = false;
    for (std::size_t round = 0; round < count; ++round) {
        std::size_t f = 0;
        for (std::size_t i = 1; i < count; ++i) {
            f = log_covariance[i][i] > log_covariance[f][f] ? i : f;
        }
        const double variance = log_covariance[f][f];
        if (!(variance > largest_log_sd * largest_log_sd)) {
            break;
        }
        held = true;
        const FourByFour before = log_covariance;
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < count; ++j) {
                log_covariance[i][j] -= before[f][i] * before[f][j] / variance;
            }
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (i == f || !(log_covariance[i][i] > rounding * before[i][i])) {  // what goes with it is held too
                for (std::size_t j = 0; j < count; ++j) {
                    log_covariance[i][j] = log_covariance[j][i] = 0.0;
                }
            }
        }
    }
    return held;
}

LogMaximum maximise_logs(const LogLikelihood& likelihood, std::size_t count, const FourParameters& scale,
                         const std::vector<FourParameters>& starts) {
    Box box{Point(count), Point(count)};
    for (std::size_t i = 0; i < count; ++i) {
        box.low[i] = std::log(1.0e-6 * scale[i]);
        box.high[i] = std::log(1.0e6 * scale[i]);
    }
    std::vector<Point> log_starts;
    for (const FourParameters& start : starts) {
        Point& point = log_starts.emplace_back(count);
        for (std::size_t i = 0; i < count; ++i) {
            point[i] = std::log(start[i]);
        }
    }
    const Hill hill = [&](const Point& logs, Point* gradient) { return over_logs(likelihood, logs, gradient); };
    const Maximum best =
        maximise(hill, [&](const Point& logs) { return information_at(hill, logs); }, log_starts, box,
                 {{.least_step = 1.0e-9, .least_gain = 1.0e-13, .most_values = 500}, NewtonRule::solve, 5});
    LogMaximum result;
    result.value = best.value;
    result.status = best.status;
    result.standard_errors.fill(undefined);
    for (std::size_t i = 0; i < count; ++i) {
        result.parameters[i] = std::exp(best.at[i]);
        if (best.status != FitStatus::converged) {
            continue;
        }
        for (std::size_t j = 0; j < count; ++j) {
            result.log_covariance[i][j] = best.covariance(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
        }
        result.standard_errors[i] = result.parameters[i] * std::sqrt(result.log_covariance[i][i]);
    }
    if (hold_unidentified(result.log_covariance, count)) {
        result.status = FitStatus::not_identified;
        for (std::size_t i = 0; i < count; ++i) {
            const double variance = result.log_covariance[i][i];
            result.standard_errors[i] = variance > 0.0 ? result.parameters[i] * std::sqrt(variance) : undefined;
        }
    }
    return result;
}

}  // namespace clv
