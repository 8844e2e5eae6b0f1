#include "clv/models/covariate_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlopt.hpp>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"
#include "log_maximum.hpp"
#include "purchase_problem.hpp"

namespace clv {
namespace {

constexpr double no_figure = std::numeric_limits<double>::quiet_NaN();
double log_likelihood(unsigned count, const double* point, double* gradient, void* problem) {
    const PurchaseProblem& of = *static_cast<const PurchaseProblem*>(problem);
    const Point at(point, point + count);
    if (gradient == nullptr) {
        return of.value(at);
    }
    Point slope;
    const double value = of.value(at, slope);
    std::ranges::copy(slope, gradient);
    return value;
}

struct Maximum {
    Point at;
    double value = 0.0;
    FitStatus status = FitStatus::not_converged;
    Matrix covariance;  ///< empty unless converged
};

Maximum maximise(PurchaseProblem& problem, const Point& start, std::size_t parameters) {
    constexpr double log_range = 14.0;  // from the start: a factor of a million either way
    constexpr double largest_effect = 30.0;
    Point low = start;
    Point high = start;
    for (std::size_t i = 0; i < start.size(); ++i) {
        low[i] = i < parameters ? start[i] - log_range : -largest_effect;
        high[i] = i < parameters ? start[i] + log_range : largest_effect;
    }
    nlopt::opt optimiser(nlopt::LD_LBFGS, static_cast<unsigned>(start.size()));
    optimiser.set_max_objective(log_likelihood, &problem);
    optimiser.set_lower_bounds(low);
    optimiser.set_upper_bounds(high);
    optimiser.set_ftol_rel(1.0e-12);
    optimiser.set_maxeval(300);
    Maximum best;
    best.at = start;
    try {
        optimiser.optimize(best.at, best.value);
    } catch (const std::exception&) {
        // A line search without further gain ends in an exception; the gradient below judges the point.
    }
    Point slope;
    best.value = problem.value(best.at, slope);
    std::optional<Matrix> factor;
    for (int step = 0; step < 4; ++step) {  // Newton's steps from there
        factor = cholesky(problem.information(best.at));
        if (!factor) {
            break;
        }
        best.covariance = inverse_of(*factor);
        Point next = best.at;
        double gain = 0.0;  // twice that of the quadratic
        for (std::size_t i = 0; i < next.size(); ++i) {
            for (std::size_t j = 0; j < next.size(); ++j) {
                next[i] += best.covariance[i][j] * slope[j];
                gain += slope[i] * best.covariance[i][j] * slope[j];
            }
            next[i] = std::clamp(next[i], low[i], high[i]);
        }
        Point slope_there;
        const double value = gain > 1.0e-12 ? problem.value(next, slope_there) : best.value;
        if (!(value > best.value)) {
            break;
        }
        best.at = std::move(next);
        best.value = value;
        slope = std::move(slope_there);
    }
    double steepest = 0.0;
    bool at_bound = false;
    for (std::size_t i = 0; i < slope.size(); ++i) {
        steepest = std::max(steepest, std::abs(slope[i]));
        at_bound = at_bound || best.at[i] < low[i] + 0.01 || best.at[i] > high[i] - 0.01;
    }
    best.status = at_bound                                                     ? FitStatus::at_bound
                  : !factor                                                    ? FitStatus::not_identified
                  : !(steepest < 1.0e-6 * std::max(1.0, std::abs(best.value))) ? FitStatus::not_converged
                                                                               : FitStatus::converged;
    if (best.status != FitStatus::converged) {
        best.covariance.clear();
    }
    return best;
}

double standard_error(const Matrix& covariance, std::size_t i) {
    return covariance.empty() ? no_figure : std::sqrt(covariance[i][i]);
}

}  // namespace

std::vector<const std::vector<double>*> covariates_of(const PurchaseSummary& customers,
                                                      const std::vector<std::string>& names) {
    std::vector<const std::vector<double>*> columns;
    for (const std::string& name : names) {
        const auto found = std::ranges::find(customers.features, name, &FeatureColumn::name);
        if (found == customers.features.end() || found->numbers.size() != customers.frequency.size()) {
            throw InputError(fmt::format(
                "covariate {} is no column of numbers of the summary: add it, and for a category give one column of "
                "0 and 1 for each of its values but one",
                name));
        }
        columns.push_back(&found->numbers);
    }
    return columns;
}

double covariate_factor(const std::vector<const std::vector<double>*>& covariates, const std::vector<double>& effects,
                        std::size_t i) {
    double sum = 0.0;
    for (std::size_t j = 0; j < covariates.size(); ++j) {
        sum += effects[j] * (*covariates[j])[i];
    }
    return elementary::exp(sum);
}

PurchaseModel with_factors(const PurchaseModel& model, double rate_factor, double dropout_factor) {
    PurchaseModel own = model;
    own.parameters[1] /= rate_factor;
    if (model.law == PurchaseLaw::pareto_nbd) {
        own.parameters[3] /= dropout_factor;
    } else if (model.law != PurchaseLaw::nbd) {
        own.parameters[2] *= dropout_factor;
    }
    return own;
}

PurchaseFit fit_with_covariates(const PurchaseSummary& customers, PurchaseLaw law,
                                const std::vector<std::string>& names, int threads) {
    if (law == PurchaseLaw::bg_bb) {
        throw InputError("bg_bb has no covariates: leave out fit.covariates, or choose another fit.model");
    }
    PurchaseFit fit = fit_purchases(customers, law);
    fit.warnings.clear();
    const CovariateData data = covariate_data(customers, names);
    const bool drops_out = fit.model.has_dropout();
    const PurchaseLaw fitted = drops_out ? law : PurchaseLaw::nbd;
    const std::size_t parameters = parameter_count(fitted);
    PurchaseProblem problem(data, fitted, threads);
    Maximum best = maximise(problem, problem.standardised(fit), parameters);
    problem.to_natural(best.at, best.covariance);

    fit.customers = data.customers;
    fit.log_likelihood = best.value;
    fit.aic = 2.0 * static_cast<double>(parameter_count(law) + (law == PurchaseLaw::nbd ? 1 : 2) * names.size()) -
              2.0 * best.value;
    fit.status = drops_out || law == PurchaseLaw::nbd ? best.status : FitStatus::at_bound;
    fit.log_covariance = {};
    for (std::size_t i = 0; i < parameters; ++i) {
        fit.model.parameters[i] = std::exp(best.at[i]);
        fit.standard_errors[i] = fit.model.parameters[i] * standard_error(best.covariance, i);
        for (std::size_t j = 0; j < parameters && !best.covariance.empty(); ++j) {
            fit.log_covariance[i][j] = best.covariance[i][j];
        }
    }
    CovariateEffects effects;
    effects.names = names;
    for (std::size_t j = 0; j < names.size(); ++j) {
        effects.rate.push_back(best.at[parameters + j]);
        effects.rate_se.push_back(standard_error(best.covariance, parameters + j));
        const std::size_t dropout = parameters + names.size() + j;
        effects.dropout.push_back(fitted == PurchaseLaw::nbd ? 0.0 : best.at[dropout]);
        effects.dropout_se.push_back(fitted == PurchaseLaw::nbd ? no_figure : standard_error(best.covariance, dropout));
    }
    effects.covariance = std::move(best.covariance);
    fit.covariates = std::move(effects);
    if (!drops_out && law != PurchaseLaw::nbd) {
        fit.warnings.emplace_back(
            "dropout is not identified: the model is taken at the limit without it, and covariates move the purchase "
            "rate alone");
    } else if (fit.status != FitStatus::converged) {
        fit.warnings.push_back(
            fmt::format("the fit is {}: its standard errors are not given; covariates that say the same, or that set "
                        "few customers apart, are the usual reason",
                        to_string(fit.status)));
    }
    return fit;
}

std::vector<PurchaseDraw> draw_purchases(const PurchaseFit& fit, std::size_t count, std::uint64_t seed) {
    const CovariateEffects& effects = fit.covariates;
    std::vector<PurchaseDraw> draws(count, {fit.model.parameters, effects.rate, effects.dropout});
    if (effects.size() == 0) {
        const std::vector<PurchaseParameters> parameters = draw_parameters(fit, count, seed);
        for (std::size_t k = 0; k < count; ++k) {
            draws[k].parameters = parameters[k];
        }
        return draws;
    }
    const std::optional<Matrix> factor = effects.covariance.empty() ? std::nullopt : cholesky(effects.covariance);
    if (!factor) {
        return draws;
    }
    const std::size_t size = factor->size();
    const std::size_t parameters = size > 2 * effects.size() + 2 ? 4 : 2;
    for (std::size_t k = 0; k < count; ++k) {
        const std::vector<double> normal = parameter_normals(size, k, seed);
        for (std::size_t i = 0; i < size; ++i) {
            double deviation = 0.0;
            for (std::size_t j = 0; j <= i; ++j) {
                deviation += (*factor)[i][j] * normal[j];
            }
            if (i < parameters) {
                draws[k].parameters[i] *= std::exp(deviation);
            } else if (i < parameters + effects.size()) {
                draws[k].rate_effects[i - parameters] += deviation;
            } else {
                draws[k].dropout_effects[i - parameters - effects.size()] += deviation;
            }
        }
    }
    return draws;
}

}  // namespace clv
