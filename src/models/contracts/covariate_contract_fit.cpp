// The maximum of the likelihood of renewals with covariates.

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/math/log_maximum.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/random/elementary.hpp"
#include "contract_problem.hpp"
#include "free_contracts.hpp"

namespace clv {
namespace {

/// From the fit without covariates, which may take for differences among customers what covariates say of them: from
/// the same odds with more alike customers too.
std::vector<Point> starts_of(const ContractModel& without, const ContractProblem& problem) {
    const double alpha = std::clamp(without.parameters[0], 1.0e-3, 1.0e3);
    const double beta = std::clamp(without.parameters[1], 1.0e-3, 1.0e3);
    std::vector<Point> starts;
    for (const double alike : {1.0, 10.0}) {
        Point start(problem.size(), 0.0);
        start[0] = elementary::log(alpha * alike);
        start[1] = elementary::log(beta * alike);
        if (problem.law() == ContractLaw::bdw) {
            start[2] = elementary::log(std::clamp(without.parameters[2], 0.1, 10.0));
        }
        starts.push_back(std::move(start));
    }
    return starts;
}

Hill hill_of(const ContractProblem& problem) {
    return [&problem](const Point& at, Point* gradient) { return problem.value(at, gradient); };
}

/// The inverse of the curvature, where what the data leave open has a standard deviation of `open_sd`.
Eigen::MatrixXd bounded_covariance(const Eigen::MatrixXd& information) {
    constexpr double open_sd = 12.0;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> axes(information);
    const Eigen::VectorXd variances = axes.eigenvalues().cwiseMax(1.0 / (open_sd * open_sd)).cwiseInverse();
    return axes.eigenvectors() * variances.asDiagonal() * axes.eigenvectors().transpose();
}

/// The box is a factor of a million around the first start, and effects from -30 to 30.
Maximum maximum_of(const ContractProblem& problem, const std::vector<Point>& starts) {
    constexpr double log_range = 14.0;
    constexpr double largest_effect = 30.0;
    Box box{starts.front(), starts.front()};
    for (std::size_t i = 0; i < problem.size(); ++i) {
        const double range = i < problem.parameters() ? log_range : largest_effect;
        box.low[i] -= range;
        box.high[i] += range;
    }
    const Hill hill = hill_of(problem);
    Maximum best = maximise(hill, [&](const Point& at) { return information_by_gradients(hill, at); }, starts, box,
                            {{.least_gain = 1.0e-12, .most_values = 500}, NewtonRule::invert, 8});
    // Coordinates are logarithms, and effects over a standard deviation of their column.
    if (best.covariance.size() > 0 && best.covariance.diagonal().maxCoeff() > largest_log_sd * largest_log_sd) {
        best.covariance.resize(0, 0);
        best.status = FitStatus::not_identified;
    }
    return best;
}

/// Parameters at z = 0 and effects per unit; errors where the data say them.
void take(ContractFit& fit, Point natural, Eigen::MatrixXd covariance, const ContractProblem& problem) {
    const std::size_t parameters = problem.parameters();
    problem.to_natural(natural, covariance);
    const auto error = [&](std::size_t i, double unit) {
        const auto index = static_cast<Eigen::Index>(i);
        const double sd = std::sqrt(covariance(index, index));
        return sd * unit <= largest_log_sd ? sd : std::numeric_limits<double>::quiet_NaN();
    };
    for (std::size_t i = 0; i < parameters; ++i) {
        fit.model.parameters[i] = elementary::exp(natural[i]);
        fit.standard_errors[i] = fit.model.parameters[i] * error(i, 1.0);
    }
    ContractEffects& effects = fit.effects;
    for (std::size_t j = 0; j < problem.covariates(); ++j) {
        const std::size_t of_alpha = parameters + j;
        const std::size_t of_beta = of_alpha + problem.covariates();
        effects.alpha[j] = natural[of_alpha];
        effects.beta[j] = natural[of_beta];
        effects.alpha_se[j] = error(of_alpha, problem.spread(j));
        effects.beta_se[j] = error(of_beta, problem.spread(j));
    }
    for (Eigen::Index i = 0; fit.status == FitStatus::converged && i < covariance.rows(); ++i) {
        const Eigen::VectorXd row = covariance.row(i);
        effects.covariance.emplace_back(row.begin(), row.end());
    }
}

}  // namespace

std::vector<double> parameters_and_effects(const ContractFit& fit) {
    std::vector<double> all;
    for (std::size_t i = 0; i < parameter_count(fit.model.law); ++i) {
        all.push_back(elementary::log(fit.model.parameters[i]));
    }
    all.insert(all.end(), fit.effects.alpha.begin(), fit.effects.alpha.end());
    all.insert(all.end(), fit.effects.beta.begin(), fit.effects.beta.end());
    return all;
}

ContractModel contract_at(ContractLaw law, std::span<const double> parameters_and_effects, std::span<const double> z) {
    const std::size_t parameters = parameter_count(law);
    ContractModel model{law, {1.0, 1.0, 1.0}};
    for (std::size_t i = 0; i < parameters; ++i) {
        double log = parameters_and_effects[i];
        for (std::size_t j = 0; i < 2 && j < z.size(); ++j) {
            log += parameters_and_effects[parameters + i * z.size() + j] * z[j];
        }
        model.parameters[i] = elementary::exp(i < 2 ? std::clamp(log, -farthest_log, farthest_log) : log);
    }
    return model;
}

std::vector<double> mean_survival(const ContractFit& fit, const RenewalGroups& renewals, int periods) {
    const std::vector<double> at = parameters_and_effects(fit);
    std::vector<double> mean(static_cast<std::size_t>(periods), 0.0);
    double customers = 0.0;
    for (const RenewalGroup& group : renewals.groups) {
        const ContractModel model = contract_at(fit.model.law, at, group.z);
        double hazard = 0.0;
        for (int period = 1; period <= periods; ++period) {
            hazard += model.hazard(period);
            mean[static_cast<std::size_t>(period - 1)] += group.customers * elementary::exp(-hazard);
        }
        customers += group.customers;
    }
    for (double& survival : mean) {
        survival /= customers;
    }
    return mean;
}

ContractFit fit_contract(const RenewalGroups& renewals, ContractLaw law, int threads) {
    std::vector<RenewalCounts> groups;
    for (const RenewalGroup& group : renewals.groups) {
        groups.push_back({"", group.at_risk, group.churned, static_cast<std::uint64_t>(group.customers)});
    }
    const RenewalCounts pooled = pooled_renewals(groups);
    ContractFit fit = fit_contract(pooled.at_risk, pooled.churned, law);
    const ContractProblem problem(renewals, law, threads);
    const std::size_t covariates = problem.covariates();
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    fit.customers = pooled.customers;
    fit.effects.columns = renewals.columns;
    fit.effects.log_likelihood_without = fit.log_likelihood;
    fit.effects.alpha.assign(covariates, 0.0);
    fit.effects.beta.assign(covariates, 0.0);
    fit.effects.alpha_se.assign(covariates, undefined);
    fit.effects.beta_se.assign(covariates, undefined);
    fit.aic += 4.0 * static_cast<double>(covariates);
    const bool nobody_left = std::ranges::all_of(pooled.churned, [](std::uint64_t left) { return left == 0; });
    if (nobody_left || pooled.at_risk.size() < parameter_count(law)) {
        return fit;  // its warnings say why, and effects are not sought
    }
    fit.warnings.clear();
    const Maximum best = maximum_of(problem, starts_of(fit.model, problem));
    const Eigen::MatrixXd covariance = best.covariance.size() > 0
                                           ? best.covariance
                                           : bounded_covariance(information_by_gradients(hill_of(problem), best.at));
    fit.log_likelihood = best.value;
    fit.aic = 2.0 * static_cast<double>(problem.size()) - 2.0 * best.value;
    fit.status = best.status;
    take(fit, best.at, covariance, problem);
    identify(fit, problem, best.at, covariance, static_cast<int>(pooled.at_risk.size()));
    return fit;
}

}  // namespace clv
