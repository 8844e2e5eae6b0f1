#include "clv/models/purchase_fit.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <nlopt.hpp>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

constexpr double lowest_log = -14.0;
constexpr double highest_log = 14.0;

/// Customers with the same history.
struct Row {
    double x;
    double t_x;
    double T;
    double weight;
};

std::vector<Row> distinct_rows(const PurchaseSummary& summary) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < summary.size(); ++i) {
        const double weight = summary.weight.empty() ? 1.0 : summary.weight[i];
        if (weight > 0.0) {
            rows.push_back({summary.frequency[i], summary.recency[i], summary.age[i], weight});
        }
    }
    const auto key = [](const Row& row) { return std::array{row.x, row.t_x, row.T}; };
    std::ranges::sort(rows, {}, key);
    std::vector<Row> distinct;
    for (const Row& row : rows) {
        if (!distinct.empty() && key(distinct.back()) == key(row)) {
            distinct.back().weight += row.weight;
        } else {
            distinct.push_back(row);
        }
    }
    return distinct;
}

using Point = std::vector<double>;  ///< logarithms of parameters
using LogLikelihood = std::function<double(const Point&)>;

struct Maximum {
    Point point;
    double value = -std::numeric_limits<double>::infinity();
    bool converged = false;
};

double nlopt_objective(const std::vector<double>& point, std::vector<double>& /*gradient*/, void* data) {
    const double value = (*static_cast<const LogLikelihood*>(data))(point);
    return std::isfinite(value) ? value : -1e300;
}

/// The best of several starts, each followed by restarts of the simplex until it gains no more.
Maximum maximise(const LogLikelihood& log_likelihood, const std::vector<Point>& starts) {
    constexpr int most_restarts = 8;
    const auto climb = [&](const Point& start, double tolerance) {
        nlopt::opt optimiser(nlopt::LN_NELDERMEAD, static_cast<unsigned>(start.size()));
        optimiser.set_max_objective(nlopt_objective, const_cast<LogLikelihood*>(&log_likelihood));
        optimiser.set_lower_bounds(lowest_log);
        optimiser.set_upper_bounds(highest_log);
        optimiser.set_initial_step(0.3);
        optimiser.set_ftol_rel(tolerance);
        optimiser.set_xtol_abs(1e-9);
        optimiser.set_maxeval(4'000);
        Maximum found;
        found.point = start;
        try {
            found.converged = optimiser.optimize(found.point, found.value) != nlopt::MAXEVAL_REACHED;
        } catch (const std::exception&) {
            found.value = log_likelihood(found.point);  // round-off stopped it; the next start goes on
        }
        return found;
    };
    Maximum best;
    for (const Point& start : starts) {
        Maximum found = climb(start, 1e-8);
        if (found.value > best.value) {
            best = std::move(found);
        }
    }
    for (int restart = 0; restart < most_restarts; ++restart) {
        Maximum found = climb(best.point, 1e-14);
        const double gain = found.value - best.value;
        if (gain >= 0.0) {
            best = std::move(found);
        }
        if (gain < 1e-9) {
            break;
        }
    }
    return best;
}

/// Covariance of the logarithms: minus the inverse of the Hessian by central differences. Empty if it is not positive.
std::vector<double> covariance_at(const LogLikelihood& log_likelihood, const Point& point) {
    constexpr double step = 1e-3;
    const auto size = static_cast<Eigen::Index>(point.size());
    const auto shifted = [&](std::size_t i, double by_i, std::size_t j, double by_j) {
        Point moved = point;
        moved[i] += by_i;
        moved[j] += by_j;
        return log_likelihood(moved);
    };
    Eigen::MatrixXd information(size, size);
    for (Eigen::Index i = 0; i < size; ++i) {
        for (Eigen::Index j = 0; j <= i; ++j) {
            const auto a = static_cast<std::size_t>(i);
            const auto b = static_cast<std::size_t>(j);
            const double curvature = (shifted(a, step, b, step) - shifted(a, step, b, -step) -
                                      shifted(a, -step, b, step) + shifted(a, -step, b, -step)) /
                                     (4.0 * step * step);
            information(i, j) = -curvature;
            information(j, i) = -curvature;
        }
    }
    const Eigen::LLT<Eigen::MatrixXd> factor(information);
    if (factor.info() != Eigen::Success) {
        return {};
    }
    const Eigen::MatrixXd covariance = factor.solve(Eigen::MatrixXd::Identity(size, size));
    return {covariance.data(), covariance.data() + covariance.size()};
}

/// Fills figures from a maximum over the first `point.size()` of `parameters` parameters.
FitFigures figures_of(const LogLikelihood& log_likelihood, const Maximum& maximum, std::size_t parameters,
                      double customers) {
    const std::size_t free = maximum.point.size();
    FitFigures figures;
    figures.log_likelihood = maximum.value;
    figures.aic = 2.0 * static_cast<double>(free) - 2.0 * maximum.value;
    figures.customers = customers;
    figures.standard_errors.assign(parameters, std::numeric_limits<double>::quiet_NaN());
    figures.log_covariance.assign(parameters * parameters, 0.0);
    const std::vector<double> covariance = covariance_at(log_likelihood, maximum.point);
    const bool inside = std::ranges::all_of(
        maximum.point, [](double log) { return lowest_log + 0.01 < log && log < highest_log - 0.01; });
    if (covariance.empty()) {
        figures.status = inside ? FitStatus::not_identified : FitStatus::at_bound;
        figures.warnings.emplace_back(
            "the likelihood has no curvature at its maximum: the data do not say what all parameters are");
        return figures;
    }
    for (std::size_t i = 0; i < free; ++i) {
        figures.standard_errors[i] = std::exp(maximum.point[i]) * std::sqrt(covariance[i * free + i]);
        for (std::size_t j = 0; j < free; ++j) {
            figures.log_covariance[i * parameters + j] = covariance[i * free + j];
        }
    }
    figures.status = !inside             ? FitStatus::at_bound
                     : maximum.converged ? FitStatus::converged
                                         : FitStatus::not_converged;
    return figures;
}

double sum_over(const std::vector<Row>& rows, const PurchaseModel& model) {
    double sum = 0.0;
    for (const Row& row : rows) {
        sum += row.weight * model.log_likelihood(row.x, row.t_x, row.T);
    }
    return sum;
}

PurchaseParameters parameters_at(const Point& point, double scale, PurchaseLaw law) {
    PurchaseParameters parameters{};
    for (std::size_t i = 0; i < point.size(); ++i) {
        parameters[i] = std::exp(point[i]);
    }
    if (law != PurchaseLaw::bg_bb) {  // times in units of the longest age
        parameters[1] *= scale;
        parameters[3] *= law == PurchaseLaw::pareto_nbd ? scale : 1.0;
    }
    return parameters;
}

/// The law without dropout that a law tends to as dropout vanishes.
PurchaseParameters limit_of(PurchaseLaw law, const PurchaseParameters& nbd) {
    const double infinity = std::numeric_limits<double>::infinity();
    return {nbd[0], nbd[1], 0.0, law == PurchaseLaw::nbd ? 0.0 : infinity};
}

void warn_of_data(const std::vector<Row>& rows, PurchaseFit& fit) {
    double once = 0.0;
    double all = 0.0;
    for (const Row& row : rows) {
        all += row.weight;
        once += row.x == 0.0 ? row.weight : 0.0;
    }
    if (once == all) {
        fit.figures.warnings.emplace_back("nobody bought again: the data hold no repeat purchase to learn a rate from");
    } else if (fit.model.law == PurchaseLaw::bg_nbd && once > 0.0) {
        fit.figures.warnings.push_back(fmt::format(
            "bg_nbd takes all {:.0f} customers without a repeat purchase for alive; mbg_nbd and pareto_nbd do not",
            once));
    }
}

}  // namespace

PurchaseFit fit_purchases(const PurchaseSummary& summary, PurchaseLaw law) {
    std::vector<Row> rows = distinct_rows(summary);
    if (rows.empty()) {
        throw InputError("there are no customers to fit a purchase model on: give at least one row");
    }
    double scale = 1.0;
    double customers = 0.0;
    for (const Row& row : rows) {
        scale = std::max(scale, row.T);
        customers += row.weight;
    }
    PurchaseFit fit;
    fit.model = {law, {}, summary.time_unit};
    const auto at = [&](PurchaseLaw which, const Point& point) {
        return sum_over(rows, {which, parameters_at(point, scale, which), summary.time_unit});
    };
    const LogLikelihood of_law = [&](const Point& point) { return at(law, point); };
    const LogLikelihood of_nbd = [&](const Point& point) { return at(PurchaseLaw::nbd, point); };

    Maximum best;
    if (law == PurchaseLaw::bg_bb) {
        best = maximise(of_law, {{0.0, 0.0, 0.0, 0.0}, {-1.0, -1.0, -1.0, 1.0}, {1.0, 1.0, -2.0, 1.0}});
    } else {
        const Maximum nbd = maximise(of_nbd, {{-1.0, -1.0}, {0.5, 0.0}, {-2.0, -2.5}});
        if (law == PurchaseLaw::nbd) {
            best = nbd;
        } else {
            const double r = nbd.point[0];
            const double alpha = nbd.point[1];
            const bool in_time = law == PurchaseLaw::pareto_nbd;
            const double second = in_time ? -1.0 : 1.0;
            best = maximise(
                of_law,
                {{r, alpha, -0.5, second}, {r, alpha, -2.0, second + 1.0}, {r - 0.5, alpha - 1.0, 0.5, second}});
            constexpr double worth_a_parameter = 1e-3;
            if (!(best.value > nbd.value + worth_a_parameter)) {
                fit.figures = figures_of(of_nbd, nbd, 4, customers);
                fit.model.parameters = limit_of(law, parameters_at(nbd.point, scale, PurchaseLaw::nbd));
                fit.figures.status = FitStatus::at_bound;
                fit.figures.warnings.emplace_back(
                    "dropout is not identified: the likelihood is highest where nobody drops out, and that limit is "
                    "what is fitted");
                warn_of_data(rows, fit);
                return fit;
            }
        }
    }
    fit.figures = figures_of(of_law, best, parameter_names(law).size(), customers);
    fit.model.parameters = parameters_at(best.point, scale, law);
    for (std::size_t i = 0; i < best.point.size(); ++i) {  // the scale of time belongs to the errors too
        fit.figures.standard_errors[i] *= fit.model.parameters[i] / std::exp(best.point[i]);
    }
    warn_of_data(rows, fit);
    return fit;
}

SpendFit fit_spend(const PurchaseSummary& summary) {
    struct Spend {
        double x;
        double mean;
        double weight;
    };
    std::vector<Spend> repeaters;
    double total = 0.0;
    double customers = 0.0;
    double purchases = 0.0;
    for (std::size_t i = 0; i < summary.size() && !summary.monetary_value.empty(); ++i) {
        if (summary.frequency[i] > 0.0 && summary.monetary_value[i] > 0.0) {
            const double weight = summary.weight.empty() ? 1.0 : summary.weight[i];
            repeaters.push_back({summary.frequency[i], summary.monetary_value[i], weight});
            total += weight * summary.monetary_value[i];
            purchases += weight * summary.frequency[i];
            customers += weight;
        }
    }
    if (repeaters.empty()) {
        throw InputError(
            "no customer has repeat purchases with a monetary_value above 0: there is nothing to fit a spend model on");
    }
    const double unit = total / customers;
    const auto parameters = [&](const Point& point) {
        return SpendParameters{std::exp(point[0]), std::exp(point[1]), std::exp(point[2]) * unit};
    };
    const LogLikelihood log_likelihood = [&](const Point& point) {
        const SpendModel model{parameters(point)};
        double sum = 0.0;
        for (const Spend& spend : repeaters) {
            sum += spend.weight * model.log_likelihood(spend.x, spend.mean);
        }
        return sum;
    };
    const Maximum best = maximise(log_likelihood, {{1.5, 1.0, 0.0}, {0.0, 0.5, 0.0}, {2.5, 2.0, 1.0}});
    SpendFit fit;
    fit.figures = figures_of(log_likelihood, best, 3, customers);
    fit.model.parameters = parameters(best.point);
    fit.figures.standard_errors[2] *= unit;
    if (fit.model.parameters[1] <= 1.0) {
        fit.figures.warnings.push_back(fmt::format(
            "q = {:.4g} is not above 1: mean spend of a new customer is infinite, and values cannot be simulated",
            fit.model.parameters[1]));
    }
    const double mean_x = purchases / customers;
    double cross = 0.0;
    double of_x = 0.0;
    double of_mean = 0.0;
    for (const Spend& spend : repeaters) {
        cross += spend.weight * (spend.x - mean_x) * (spend.mean - unit);
        of_x += spend.weight * (spend.x - mean_x) * (spend.x - mean_x);
        of_mean += spend.weight * (spend.mean - unit) * (spend.mean - unit);
    }
    constexpr double noteworthy = 0.2;
    const double correlation = of_x > 0.0 && of_mean > 0.0 ? cross / std::sqrt(of_x * of_mean) : 0.0;
    if (std::abs(correlation) > noteworthy) {
        fit.figures.warnings.push_back(
            fmt::format("spend and frequency have a correlation of {:.2f}; the spend model takes them for independent",
                        correlation));
    }
    return fit;
}

}  // namespace clv
