#include "contract_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/digamma.hpp>
#include <cmath>
#include <map>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

/// What is left of covariate `j` when those before it are known: its variance, of 1. `orthogonal` holds these before
/// it, made orthogonal to each other, as [covariate][group].
double take_unsaid(std::vector<std::vector<double>>& orthogonal, std::vector<double> column,
                   const std::vector<double>& share) {
    const auto product = [&](const std::vector<double>& a, const std::vector<double>& b) {
        double sum = 0.0;
        for (std::size_t i = 0; i < share.size(); ++i) {
            sum += share[i] * a[i] * b[i];
        }
        return sum;
    };
    for (const std::vector<double>& before : orthogonal) {
        const double known = product(before, before);
        const double part = known > 0.0 ? product(column, before) / known : 0.0;
        for (std::size_t i = 0; i < column.size(); ++i) {
            column[i] -= part * before[i];
        }
    }
    orthogonal.push_back(std::move(column));
    return product(orthogonal.back(), orthogonal.back());
}

double usual_value(const std::vector<double>& column, const std::vector<double>& share) {
    std::map<double, double> share_of;
    for (std::size_t i = 0; i < column.size() && share_of.size() <= 2; ++i) {
        share_of[column[i]] += share[i];
    }
    if (share_of.size() > 2) {
        return 0.0;
    }
    return std::ranges::max_element(share_of, {}, [](const auto& value) { return value.second; })->first;
}

RenewalSlope sbg_slope(const ContractModel& model, const RenewalGroup& group) {
    const double alpha = model.parameters[0];
    const double beta = model.parameters[1];
    RenewalSlope slope;
    for (std::size_t t = 0; t < group.at_risk.size(); ++t) {
        const auto left = static_cast<double>(group.churned[t]);
        const double kept = beta + static_cast<double>(t);
        // both derivatives are this excess of churn, one up and one down
        const double excess = (left * kept - (group.at_risk[t] - left) * alpha) / (alpha + kept);
        slope.by_logs[0] += excess;
        slope.by_logs[1] -= excess * beta / kept;
    }
    return slope;
}

/// By the derivatives of -ln r_t, a difference of ln Gamma(z + alpha) / Gamma(z) between z = beta + (t - 1)^c and
/// beta + t^c.
RenewalSlope bdw_slope(const ContractModel& model, const RenewalGroup& group) {
    const auto [alpha, beta, c] = model.parameters;
    constexpr double most = 600.0;
    const auto rise = [&](double aged, double log_age) {
        const double high = boost::math::digamma(beta + aged + alpha);
        const double by_z = high - boost::math::digamma(beta + aged);
        return std::array{alpha * high, beta * by_z, aged == 0.0 ? 0.0 : c * log_age * aged * by_z};
    };
    RenewalSlope slope;
    std::array<double, 3> before = rise(0.0, 0.0);
    for (std::size_t t = 0; t < group.at_risk.size(); ++t) {
        const double log_age = elementary::log(static_cast<double>(t + 1));
        const std::array<double, 3> after = rise(elementary::exp(std::min(most, c * log_age)), log_age);
        const auto left = static_cast<double>(group.churned[t]);
        if (group.at_risk[t] > 0.0) {
            const double hazard = model.hazard(static_cast<int>(t + 1));
            const double weight = (left > 0.0 ? left / std::expm1(hazard) : 0.0) - (group.at_risk[t] - left);
            for (std::size_t i = 0; i < 3; ++i) {
                slope.by_logs[i] += weight * (after[i] - before[i]);
            }
        }
        before = after;
    }
    return slope;
}

/// No slope by what is held at its farthest.
RenewalSlope held(RenewalSlope slope, const ContractModel& model) {
    for (std::size_t i = 0; i < 2; ++i) {
        const bool is_inside = std::abs(elementary::log(model.parameters[i])) < farthest_log * (1.0 - 1.0e-12);
        slope.by_logs[i] = is_inside ? slope.by_logs[i] : 0.0;
    }
    return slope;
}

}  // namespace

StandardisedCovariates standardised_covariates(const RenewalGroups& renewals) {
    const std::vector<std::string> names = effect_names(renewals.columns);
    StandardisedCovariates standardised;
    standardised.z.resize(renewals.groups.size());
    double customers = 0.0;
    for (const RenewalGroup& group : renewals.groups) {
        customers += group.customers;
    }
    std::vector<double> share;
    for (const RenewalGroup& group : renewals.groups) {
        share.push_back(group.customers / customers);
    }
    std::vector<std::vector<double>> orthogonal;
    for (std::size_t j = 0; j < names.size(); ++j) {
        double mean = 0.0;
        double square = 0.0;
        for (std::size_t i = 0; i < share.size(); ++i) {
            mean += share[i] * renewals.groups[i].z[j];
        }
        for (std::size_t i = 0; i < share.size(); ++i) {
            square += share[i] * (renewals.groups[i].z[j] - mean) * (renewals.groups[i].z[j] - mean);
        }
        const double sd = std::sqrt(square);
        if (!(sd > 1.0e-9 * (1.0 + std::abs(mean)))) {
            throw InputError(
                fmt::format("covariate {} is {} for everybody: leave it out of fit.covariates", names[j], mean));
        }
        std::vector<double> column;
        for (std::size_t i = 0; i < share.size(); ++i) {
            column.push_back((renewals.groups[i].z[j] - mean) / sd);
            standardised.z[i].push_back(column.back());
        }
        standardised.usual.push_back(usual_value(column, share));
        constexpr double least_unsaid = 1.0e-8;
        if (take_unsaid(orthogonal, std::move(column), share) < least_unsaid) {
            throw InputError(
                fmt::format("covariate {} follows from those before it in fit.covariates: leave it out, or give "
                            "customers or groups that differ in it alone",
                            names[j]));
        }
        standardised.mean.push_back(mean);
        standardised.sd.push_back(sd);
    }
    return standardised;
}

RenewalSlope renewal_slope(const ContractModel& model, const RenewalGroup& group) {
    const auto [alpha, beta, c] = model.parameters;
    const bool is_sbg = model.law == ContractLaw::sbg;
    RenewalSlope slope = is_sbg ? sbg_slope(model, group) : bdw_slope(model, group);
    slope.value = is_sbg ? ShiftedBetaGeometric{alpha, beta}.log_likelihood(group.at_risk, group.churned)
                         : BetaDiscreteWeibull{alpha, beta, c}.log_likelihood(group.at_risk, group.churned);
    return slope;
}

ContractProblem::ContractProblem(const RenewalGroups& renewals, ContractLaw law, int threads)
    : renewals_(renewals),
      law_(law),
      threads_(threads),
      covariates_of_(standardised_covariates(renewals)),
      parameters_(parameter_count(law)),
      covariates_(covariates_of_.mean.size()) {}

ContractModel ContractProblem::own(const Point& at, std::size_t group) const {
    return contract_at(law_, at, covariates_of_.z[group]);
}

void ContractProblem::add_group(const Point& at, std::size_t group, bool with_gradient, double* sums) const {
    const RenewalGroup& of = renewals_.groups[group];
    const ContractModel model = own(at, group);
    const auto [alpha, beta, c] = model.parameters;
    if (!with_gradient) {
        sums[0] += law_ == ContractLaw::sbg
                       ? ShiftedBetaGeometric{alpha, beta}.log_likelihood(of.at_risk, of.churned)
                       : BetaDiscreteWeibull{alpha, beta, c}.log_likelihood(of.at_risk, of.churned);
        return;
    }
    const std::vector<double>& z = covariates_of_.z[group];
    const RenewalSlope slope = held(renewal_slope(model, of), model);
    sums[0] += slope.value;
    double* const gradient = sums + 1;
    for (std::size_t i = 0; i < parameters_; ++i) {
        gradient[i] += slope.by_logs[i];
    }
    for (std::size_t j = 0; j < covariates_; ++j) {
        gradient[parameters_ + j] += slope.by_logs[0] * z[j];
        gradient[parameters_ + covariates_ + j] += slope.by_logs[1] * z[j];
    }
}

/// Blocks are added up in their order, whoever took them.
double ContractProblem::value(const Point& at, Point* gradient) const {
    constexpr std::size_t block_groups = 256;
    const std::size_t groups = renewals_.groups.size();
    const std::size_t blocks = (groups + block_groups - 1) / block_groups;
    const std::size_t entries = gradient == nullptr ? 1 : 1 + size();
    std::vector<double> sums(blocks * entries, 0.0);
    const auto take = [&](std::size_t /*slot*/, std::size_t block) {
        throw_if_interrupted();
        for (std::size_t i = block * block_groups; i < std::min(groups, (block + 1) * block_groups); ++i) {
            add_group(at, i, gradient != nullptr, sums.data() + block * entries);
        }
    };
    if (blocks == 1) {
        take(0, 0);
    } else {
        for_each_block(threads_, blocks, take);
    }
    std::vector<double> total(entries, 0.0);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        total[i % entries] += sums[i];
    }
    const bool is_finite = std::ranges::all_of(total, [](double value) { return std::isfinite(value); });
    if (gradient != nullptr) {
        gradient->assign(size(), 0.0);
        for (std::size_t i = 1; is_finite && i < entries; ++i) {
            (*gradient)[i - 1] = total[i];
        }
    }
    return is_finite ? total[0] : -1.0e300;
}

void ContractProblem::to_natural(Point& at, Eigen::MatrixXd& covariance) const {
    const auto count = static_cast<Eigen::Index>(size());
    Eigen::MatrixXd map = Eigen::MatrixXd::Identity(count, count);
    for (const std::size_t moved : {std::size_t{0}, std::size_t{1}}) {
        for (std::size_t j = 0; j < covariates_; ++j) {
            const auto effect = static_cast<Eigen::Index>(parameters_ + moved * covariates_ + j);
            map(effect, effect) = 1.0 / covariates_of_.sd[j];
            map(static_cast<Eigen::Index>(moved), effect) = -covariates_of_.mean[j] / covariates_of_.sd[j];
        }
    }
    const Eigen::VectorXd natural = map * Eigen::Map<const Eigen::VectorXd>(at.data(), count);
    at.assign(natural.begin(), natural.end());
    if (covariance.size() > 0) {
        const Eigen::MatrixXd mapped = map * covariance * map.transpose();
        covariance = 0.5 * (mapped + mapped.transpose());
    }
}

}  // namespace clv
