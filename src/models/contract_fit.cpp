#include "clv/models/contract_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/math/log_maximum.hpp"
#include "models/likelihood/free_coordinates.hpp"

namespace clv {
namespace {

using Customers = std::span<const double>;
using Counts = std::span<const std::uint64_t>;

ShiftedBetaGeometric sbg(const ContractParameters& at) {
    return {at[0], at[1]};
}
BetaDiscreteWeibull bdw(const ContractParameters& at) {
    return {at[0], at[1], at[2]};
}

void fit_bdw(ContractFit& fit, const SbgFit& plain, Customers at_risk, Counts churned) {
    const double alpha = std::clamp(plain.model.alpha, 1.0e-3, 1.0e3);
    const double beta = std::clamp(plain.model.beta, 1.0e-3, 1.0e3);
    const LogMaximum best = maximise_logs(
        [&](const FourParameters& at) {
            const auto value = [&](const FourParameters& by) {
                return bdw({by[0], by[1], by[2]}).log_likelihood(at_risk, churned);
            };
            constexpr double step = 1.0e-5;  // relative
            Slope slope{value(at), {}};
            for (std::size_t i = 0; i < 3; ++i) {
                FourParameters above = at;
                FourParameters below = at;
                above[i] *= 1.0 + step;
                below[i] *= 1.0 - step;
                slope.gradient[i] = (value(above) - value(below)) / (above[i] - below[i]);
            }
            return slope;
        },
        3, {1.0, 1.0, 1.0, 1.0}, {{alpha, beta, 1.0}, {0.5, 1.0, 1.5}, {2.0, 10.0, 0.7}, {5.0, 5.0, 1.0}});
    fit.model.parameters = {best.parameters[0], best.parameters[1], best.parameters[2]};
    fit.standard_errors = {best.standard_errors[0], best.standard_errors[1], best.standard_errors[2]};
    fit.log_likelihood = best.value;
    fit.status = best.status;
}

/// What the renewals leave open of a fit is not identified, and said.
void identify(ContractFit& fit, Customers at_risk, Counts churned) {
    const std::size_t count = parameter_count(fit.model.law);
    constexpr MixedPair chance{Mixture::beta};
    const FreeLikelihood likelihood = [&](const Point& at) {
        const auto [alpha, beta] = chance.parameters(at[0], at[1]);
        return count == 2 ? sbg({alpha, beta, 1.0}).log_likelihood(at_risk, churned)
                          : bdw({alpha, beta, std::exp(at[2])}).log_likelihood(at_risk, churned);
    };
    const auto pair = chance.coordinates(fit.model.parameters[0], fit.model.parameters[1]);
    Point at(pair.begin(), pair.end());
    std::vector<CoordinateWords> words{
        {"how likely customers are to leave (alpha, beta)", "nobody ever leaves", "all leave at once"},
        {"how much customers differ in how likely they are to leave (alpha, beta)",
         "some leave at once and the others never do", "all are equally likely to leave"}};
    if (count == 3) {
        at.push_back(std::log(fit.model.parameters[2]));
        words.push_back({"how a customer's own churn changes with time (c)", "nobody leaves after the first period",
                         "all leave in the second period"});
    }
    const std::vector<OpenEnd> ends = open_ends(likelihood, at, {});
    for (const OpenEnd& end : ends) {
        fit.standard_errors[end.coordinate] = std::numeric_limits<double>::quiet_NaN();
        if (end.coordinate < 2) {
            fit.standard_errors[1 - end.coordinate] = std::numeric_limits<double>::quiet_NaN();
        }
    }
    if (!ends.empty() && fit.status != FitStatus::at_bound) {
        fit.status = FitStatus::not_identified;
    }
    for (const std::string& sentence : said_of(ends, words)) {
        fit.warnings.push_back(
            fmt::format("{}. Churn beyond the {} observed periods is not to be relied on", sentence, at_risk.size()));
    }
}

}  // namespace

double ContractModel::hazard(int period) const {
    return law == ContractLaw::sbg ? sbg(parameters).hazard(period) : bdw(parameters).hazard(period);
}

double ContractModel::retention(int period) const {
    return law == ContractLaw::sbg ? sbg(parameters).retention(period) : bdw(parameters).retention(period);
}

double ContractModel::survival(int period) const {
    return law == ContractLaw::sbg ? sbg(parameters).survival(period) : bdw(parameters).survival(period);
}

double ContractModel::cumulative_hazard(int from, int to) const {
    const BetaDiscreteWeibull model = bdw(parameters);  // sbg is bdw with c = 1
    return std::max(0.0, model.log_survival(from) - model.log_survival(to));
}

double ContractModel::residual_lifetime(int renewal, double discount_rate) const {
    return law == ContractLaw::sbg ? sbg(parameters).residual_lifetime(renewal, discount_rate)
                                   : bdw(parameters).residual_lifetime(renewal, discount_rate);
}

ContractFit fit_contract(Customers at_risk, Counts churned, ContractLaw law) {
    const SbgFit plain = fit_sbg(at_risk, churned);  // checks the counts
    ContractFit fit;
    fit.model.law = law;
    fit.customers = static_cast<std::uint64_t>(at_risk.front());
    if (law == ContractLaw::sbg) {
        fit.model.parameters = {plain.model.alpha, plain.model.beta, 1.0};
        fit.standard_errors = {plain.alpha_se, plain.beta_se, 0.0};
        fit.log_likelihood = plain.log_likelihood;
        fit.status = plain.status;
    } else {
        fit_bdw(fit, plain, at_risk, churned);
    }
    const std::size_t count = parameter_count(law);
    fit.aic = 2.0 * static_cast<double>(count) - 2.0 * fit.log_likelihood;
    const auto observed =
        static_cast<std::size_t>(std::ranges::count_if(at_risk, [](double customers) { return customers > 0.0; }));
    if (observed < count) {
        fit.status = FitStatus::not_identified;
        fit.standard_errors.fill(std::numeric_limits<double>::quiet_NaN());
        fit.warnings.push_back(fmt::format("{} observed period{} cannot tell {} parameters: give at least {} periods",
                                           observed, observed == 1 ? "" : "s", count, count));
    }
    if (std::ranges::all_of(churned, [](std::uint64_t count_of) { return count_of == 0; })) {
        fit.warnings.emplace_back("nobody left: the data tell nothing of churn but that it is rare");
    }
    if (fit.warnings.empty()) {
        identify(fit, at_risk, churned);
    }
    if (fit.status != FitStatus::converged && fit.warnings.empty()) {
        fit.warnings.push_back(
            fmt::format("the fit is {}: its standard errors are not given, and churn beyond the {} observed periods is "
                        "not to be relied on",
                        to_string(fit.status), at_risk.size()));
    }
    return fit;
}

ContractFits fit_contracts(std::vector<RenewalCounts> segments, ContractLaw law, int period_months) {
    ContractFits fits{law, period_months, {}};
    for (RenewalCounts& counts : segments) {
        if (counts.at_risk.empty() || counts.at_risk.back() == 0.0) {
            throw InputError(fmt::format(
                "segment {} has no customer who was up for a renewal: leave it out, or give more periods of it",
                counts.segment));
        }
        ContractFit fit = fit_contract(counts.at_risk, counts.churned, law);
        fit.customers = counts.customers > 0 ? counts.customers : fit.customers;
        fit.warnings.insert(fit.warnings.end(), counts.warnings.begin(), counts.warnings.end());
        fits.segments.push_back({std::move(counts), std::move(fit)});
    }
    return fits;
}

}  // namespace clv
