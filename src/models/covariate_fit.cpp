#include "clv/models/covariate_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "clv/core/errors.hpp"
#include "clv/math/cholesky.hpp"
#include "clv/math/log_maximum.hpp"
#include "clv/math/maximise.hpp"
#include "clv/random/elementary.hpp"
#include "models/laws/purchase_law_traits.hpp"
#include "parameter_draws.hpp"
#include "purchase_problem.hpp"

namespace clv {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// The box is a factor of a million around the start, and effects from -30 to 30.
Maximum maximum_of(const PurchaseProblem& problem, const Point& start) {
    constexpr double log_range = 14.0;
    constexpr double largest_effect = 30.0;
    Box box{start, start};
    for (std::size_t i = 0; i < start.size(); ++i) {
        box.low[i] = i < problem.parameters() ? start[i] - log_range : -largest_effect;
        box.high[i] = i < problem.parameters() ? start[i] + log_range : largest_effect;
    }
    const Hill hill = [&](const Point& at, Point* gradient) {
        return gradient == nullptr ? problem.value(at) : problem.value(at, *gradient);
    };
    Maximum best = maximise(hill, [&](const Point& at) { return problem.information(at); }, {start}, box,
                            {{.least_gain = 1.0e-12, .most_values = 300}, NewtonRule::invert, 4});
    // Coordinates are logarithms, and effects over a standard deviation of their column.
    if (best.covariance.size() > 0 && best.covariance.diagonal().maxCoeff() > largest_log_sd * largest_log_sd) {
        best.covariance.resize(0, 0);
        best.status = FitStatus::not_identified;
    }
    return best;
}

double entry(const Eigen::MatrixXd& matrix, std::size_t i, std::size_t j) {
    return matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
}

double standard_error(const Eigen::MatrixXd& covariance, std::size_t i) {
    return covariance.size() == 0 ? undefined : std::sqrt(entry(covariance, i, i));
}

CovariateEffects effects_at(const Maximum& best, const PurchaseProblem& problem,
                            const std::vector<std::string>& names) {
    CovariateEffects effects;
    effects.names = names;
    const std::size_t rate = problem.parameters();
    const std::size_t dropout = rate + names.size();
    for (std::size_t j = 0; j < names.size(); ++j) {
        effects.rate.push_back(best.at[rate + j]);
        effects.rate_se.push_back(standard_error(best.covariance, rate + j));
        effects.dropout.push_back(problem.moves_dropout() ? best.at[dropout + j] : 0.0);
        effects.dropout_se.push_back(problem.moves_dropout() ? standard_error(best.covariance, dropout + j)
                                                             : undefined);
    }
    for (Eigen::Index i = 0; i < best.covariance.rows(); ++i) {
        const Eigen::VectorXd row = best.covariance.row(i);
        effects.covariance.emplace_back(row.begin(), row.end());
    }
    return effects;
}

Eigen::MatrixXd matrix_of(const std::vector<std::vector<double>>& rows) {
    const auto size = static_cast<Eigen::Index>(rows.size());
    Eigen::MatrixXd matrix(size, size);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        for (std::size_t j = 0; j < rows.size(); ++j) {
            matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = rows[i][j];
        }
    }
    return matrix;
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
    if (const auto& moved = traits_of(model.law).dropout_covariate) {
        double& parameter = own.parameters[moved->parameter];
        parameter = moved->sign > 0.0 ? parameter * dropout_factor : parameter / dropout_factor;
    }
    return own;
}

namespace {

void require_covariates(const PurchaseLawTraits& traits) {
    if (!traits.has_covariates) {
        throw InputError(
            fmt::format("{} has no covariates: leave out fit.covariates, or choose another fit.model", traits.name));
    }
}

}  // namespace

void check_covariates(const PurchaseSummary& customers, PurchaseLaw law, const std::vector<std::string>& names) {
    require_covariates(traits_of(law));
    static_cast<void>(covariate_data(customers, names));
}

PurchaseFit fit_with_covariates(const PurchaseSummary& customers, PurchaseLaw law,
                                const std::vector<std::string>& names, int threads) {
    require_covariates(traits_of(law));
    return fit_covariates_from(fit_purchases(customers, law), customers, names, threads);
}

PurchaseFit fit_covariates_from(PurchaseFit fit, const PurchaseSummary& customers,
                                const std::vector<std::string>& names, int threads) {
    const PurchaseLaw law = fit.model.law;
    const PurchaseLawTraits& traits = traits_of(law);
    fit.warnings.clear();
    const CovariateData data = covariate_data(customers, names);
    const bool drops_out = fit.model.has_dropout();
    const PurchaseProblem problem(data, law, drops_out, threads);
    Maximum best = maximum_of(problem, problem.standardised({fit.model.parameters, {}, {}}));
    problem.to_natural(best.at, best.covariance);

    fit.customers = data.customers;
    fit.log_likelihood = best.value;
    fit.aic = 2.0 * static_cast<double>(traits.parameter_count() + (traits.drops_out() ? 2 : 1) * names.size()) -
              2.0 * best.value;
    fit.status = drops_out || !traits.drops_out() ? best.status : FitStatus::at_bound;
    fit.log_covariance = {};
    for (std::size_t i = 0; i < problem.parameters(); ++i) {
        fit.model.parameters[i] = std::exp(best.at[i]);
        fit.standard_errors[i] = fit.model.parameters[i] * standard_error(best.covariance, i);
        for (std::size_t j = 0; j < problem.parameters() && best.covariance.size() > 0; ++j) {
            fit.log_covariance[i][j] = entry(best.covariance, i, j);
        }
    }
    fit.covariates = effects_at(best, problem, names);
    if (!drops_out && traits.drops_out()) {
        fit.warnings.emplace_back(
            "dropout is not identified: the model is taken at the limit without it, and covariates move the purchase "
            "rate alone");
    }
    return fit;
}

std::size_t free_parameters(const PurchaseModel& model, std::size_t covariates) {
    const bool drops_out = model.has_dropout();
    const bool moves_dropout = drops_out && traits_of(model.law).dropout_covariate.has_value();
    return (drops_out ? 4 : 2) + (moves_dropout ? 2 : 1) * covariates;
}

std::vector<std::string> unidentified_effects(const CovariateEffects& effects, const PurchaseSummary& customers) {
    std::vector<std::string> names;
    const std::size_t size = effects.covariance.size();
    const auto columns =
        size == 0 ? std::vector<const std::vector<double>*>{} : covariates_of(customers, effects.names);
    const std::size_t parameters = size > 2 * effects.size() + 2 ? 4 : 2;
    for (std::size_t j = 0; j < columns.size(); ++j) {
        const std::vector<double>& column = *columns[j];
        const auto count = static_cast<double>(column.size());
        const double mean = std::accumulate(column.begin(), column.end(), 0.0) / count;
        double square = 0.0;
        for (const double value : column) {
            square += (value - mean) * (value - mean) / count;
        }
        double variance = effects.covariance[parameters + j][parameters + j];
        if (const std::size_t dropout = parameters + effects.size() + j; dropout < size) {
            variance = std::max(variance, effects.covariance[dropout][dropout]);
        }
        if (variance * square > largest_log_sd * largest_log_sd) {
            names.push_back(effects.names[j]);
        }
    }
    return names;
}

std::string laws_with_covariates() {
    std::vector<std::string_view> both;
    std::vector<std::string_view> rate_alone;
    for (const PurchaseLaw law : purchase_laws) {
        if (traits_of(law).has_covariates) {
            (traits_of(law).dropout_covariate ? both : rate_alone).push_back(law_name(law));
        }
    }
    return fmt::format("{}; of {} the rate", fmt::join(both, ", "), fmt::join(rate_alone, ", "));
}

std::vector<PurchaseDraw> draw_purchases(const PurchaseFit& fit, std::size_t count, const DrawPoints& points) {
    const CovariateEffects& effects = fit.covariates;
    std::vector<PurchaseDraw> draws(count, {fit.model.parameters, effects.rate, effects.dropout});
    if (!fit.draws.empty()) {
        for (std::size_t k = 0; k < count; ++k) {
            draws[k] = fit.draws[place_among(fit.draws.size(), points, DrawStream::purchase, k)];
        }
        return draws;
    }
    if (effects.size() == 0) {
        const std::vector<PurchaseParameters> parameters = draw_parameters(fit, count, points);
        for (std::size_t k = 0; k < count; ++k) {
            draws[k].parameters = parameters[k];
        }
        return draws;
    }
    const std::size_t size = effects.covariance.size();
    const auto factor = size == 0 ? std::nullopt : factorise(matrix_of(effects.covariance));
    if (!factor) {
        return draws;
    }
    const std::size_t parameters = size > 2 * effects.size() + 2 ? 4 : 2;
    for (std::size_t k = 0; k < count; ++k) {
        const std::vector<double> normal = points.normals(DrawStream::purchase, k, size);
        for (std::size_t i = 0; i < size; ++i) {
            double deviation = 0.0;
            for (std::size_t j = 0; j <= i; ++j) {
                deviation += entry(*factor, i, j) * normal[j];
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
