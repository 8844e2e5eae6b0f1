#include "clv/models/sbg.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/math/maximise.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

using Customers = std::span<const double>;
using Counts = std::span<const std::uint64_t>;

struct Renewals {
    Customers at_risk;
    Counts churned;
};

constexpr double smallest_parameter = 1.0e-6;
constexpr double largest_parameter = 1.0e6;
constexpr std::array<std::array<double, 2>, 5> starts{{{1.0, 1.0}, {0.5, 2.0}, {2.0, 20.0}, {0.1, 1.0}, {30.0, 300.0}}};

struct Derivatives {
    double alpha = 0.0;
    double beta = 0.0;
    double alpha_alpha = 0.0;
    double alpha_beta = 0.0;
    double beta_beta = 0.0;
};

Derivatives derivatives(const ShiftedBetaGeometric& model, const Renewals& renewals) {
    Derivatives sum;
    for (std::size_t t = 0; t < renewals.at_risk.size(); ++t) {
        const double n = renewals.at_risk[t];
        const auto d = static_cast<double>(renewals.churned[t]);
        const double kept = model.beta + static_cast<double>(t);
        const double all = model.alpha + kept;
        sum.alpha += d / model.alpha - n / all;
        sum.beta += (n - d) / kept - n / all;
        sum.alpha_alpha += n / (all * all) - d / (model.alpha * model.alpha);
        sum.alpha_beta += n / (all * all);
        sum.beta_beta += n / (all * all) - (n - d) / (kept * kept);
    }
    return sum;
}

/// Log-likelihood over (ln alpha, ln beta).
double log_likelihood(const Point& logs, Point* gradient, const Renewals& renewals) {
    const ShiftedBetaGeometric model{elementary::exp(logs[0]), elementary::exp(logs[1])};
    if (gradient != nullptr) {
        const Derivatives slope = derivatives(model, renewals);
        *gradient = {slope.alpha * model.alpha, slope.beta * model.beta};
    }
    return model.log_likelihood(renewals.at_risk, renewals.churned);
}

/// Fills the standard errors from the curvature at the maximum, and says whether there is a single peak at all.
void judge(SbgFit& fit, const Renewals& renewals) {
    constexpr double undefined = std::numeric_limits<double>::quiet_NaN();
    fit.alpha_se = undefined;
    fit.beta_se = undefined;
    const auto near_bound = [](double value) {
        return value < smallest_parameter * 1.01 || value > largest_parameter / 1.01;
    };
    if (near_bound(fit.model.alpha) || near_bound(fit.model.beta)) {
        fit.status = FitStatus::at_bound;
        return;
    }
    const Derivatives at = derivatives(fit.model, renewals);
    const double determinant = at.alpha_alpha * at.beta_beta - at.alpha_beta * at.alpha_beta;
    if (!(at.alpha_alpha < 0.0) || !(determinant > 1.0e-9 * at.alpha_alpha * at.beta_beta)) {
        fit.status = FitStatus::not_identified;
        return;
    }
    if (fit.status == FitStatus::converged) {
        fit.alpha_se = std::sqrt(-at.beta_beta / determinant);
        fit.beta_se = std::sqrt(-at.alpha_alpha / determinant);
    }
}

void check(const Renewals& renewals) {
    if (renewals.at_risk.empty() || renewals.at_risk.size() != renewals.churned.size()) {
        throw InputError(fmt::format("{} periods at risk but {} of churn (sBG): give both for every period",
                                     renewals.at_risk.size(), renewals.churned.size()));
    }
    for (std::size_t t = 0; t < renewals.at_risk.size(); ++t) {
        const bool is_last = t + 1 == renewals.at_risk.size();
        if ((renewals.at_risk[t] == 0.0 && is_last) || static_cast<double>(renewals.churned[t]) > renewals.at_risk[t]) {
            throw InputError(
                fmt::format("{} of {} customers churned (sBG, period {}): leave out the last periods if they have no "
                            "customers, and count nobody twice",
                            renewals.churned[t], renewals.at_risk[t], t + 1));
        }
    }
}

}  // namespace

double ShiftedBetaGeometric::retention(int period) const noexcept {
    const double kept = beta + static_cast<double>(period - 1);
    return kept / (alpha + kept);
}

double ShiftedBetaGeometric::hazard(int period) const {
    return elementary::log1p(alpha / (beta + static_cast<double>(period - 1)));
}

double ShiftedBetaGeometric::survival(int period) const noexcept {
    double product = 1.0;
    for (int t = 1; t <= period; ++t) {
        product *= retention(t);
    }
    return product;
}

double ShiftedBetaGeometric::residual_lifetime(int renewal, double discount_rate) const {
    constexpr double least_rate = 1.0e-6;  // the sum has some 30 / rate terms
    if (renewal < 1 || !(discount_rate == 0.0 || discount_rate >= least_rate)) {
        throw ModelError(fmt::format(
            "residual lifetime at renewal {} and discount rate {} (sBG): count renewals from 1, and give a rate "
            "of 0 or at least {}",
            renewal, discount_rate, least_rate));
    }
    if (discount_rate == 0.0) {
        const double kept = beta + static_cast<double>(renewal - 1);
        return alpha > 1.0 ? kept / (alpha - 1.0) : std::numeric_limits<double>::infinity();
    }
    // The ratio of successive terms grows towards the discount factor, so what is left after a term lies between two
    // geometric series; their middle is added once they agree.
    constexpr double tolerance = 1.0e-13;
    const double discount = 1.0 / (1.0 + discount_rate);
    double kept = beta + static_cast<double>(renewal - 1);
    double term = kept / (alpha + kept);
    double sum = term;
    const double most_terms = 100.0 / discount_rate;  // discounting alone takes the rest below the tolerance by then
    for (double terms = 0.0; terms < most_terms; terms += 1.0) {
        kept += 1.0;
        const double ratio = discount * kept / (alpha + kept);
        const double least = term * ratio / (1.0 - ratio);
        const double most = term * discount / (1.0 - discount);
        if (most - least <= tolerance * sum) {
            return sum + 0.5 * (least + most);
        }
        term *= ratio;
        sum += term;
    }
    return std::numeric_limits<double>::quiet_NaN();  // the parameters are no numbers
}

double ShiftedBetaGeometric::log_likelihood(Customers at_risk, Counts churned) const {
    double sum = 0.0;
    for (std::size_t t = 0; t < at_risk.size(); ++t) {
        const double n = at_risk[t];
        const auto d = static_cast<double>(churned[t]);
        const double kept = beta + static_cast<double>(t);
        // log1p of the odds keeps its digits where alpha is far below beta, or far above it
        sum -= d * elementary::log1p(kept / alpha) + (n - d) * elementary::log1p(alpha / kept);
    }
    return sum;
}

SbgFit fit_sbg(Customers at_risk, Counts churned) {
    const Renewals renewals{at_risk, churned};
    check(renewals);
    const double low = elementary::log(smallest_parameter);
    const double high = elementary::log(largest_parameter);
    std::vector<Point> log_starts;
    for (const auto& start : starts) {
        log_starts.push_back({elementary::log(start[0]), elementary::log(start[1])});
    }
    const Peak peak =
        climb([&](const Point& logs, Point* gradient) { return log_likelihood(logs, gradient, renewals); }, log_starts,
              {{low, low}, {high, high}}, {.least_step = 1.0e-12, .least_gain = 1.0e-15, .most_values = 2'000});
    SbgFit best;
    best.model = {elementary::exp(peak.at[0]), elementary::exp(peak.at[1])};
    best.log_likelihood = peak.value;
    best.status = peak.stopped_early ? FitStatus::not_converged : FitStatus::converged;
    const Derivatives slope = derivatives(best.model, renewals);
    const double steepest = std::max(std::abs(slope.alpha * best.model.alpha), std::abs(slope.beta * best.model.beta));
    if (steepest > 1.0e-5 * std::ranges::max(at_risk)) {
        best.status = FitStatus::not_converged;
    }
    judge(best, renewals);
    return best;
}

}  // namespace clv
