#include "clv/models/bdw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"

namespace clv {
namespace {

/// The part of Stirling's series for ln Gamma(z) that falls with z, from z = 16 on to rounding.
double stirling_rest(double z) {
    constexpr std::array coefficients{1.0 / 12.0, -1.0 / 360.0, 1.0 / 1260.0, -1.0 / 1680.0, 1.0 / 1188.0};
    const double inverse = 1.0 / z;
    double power = inverse;
    double sum = 0.0;
    for (const double coefficient : coefficients) {
        sum += coefficient * power;
        power *= inverse * inverse;
    }
    return sum;
}

/// ln of Gamma(z + a) / Gamma(z), for z and a above 0: as a difference, which two values of ln Gamma would lose.
double log_gamma_rise(double z, double a) {
    constexpr double from = 16.0;
    double shifted = 0.0;
    for (; z < from; z += 1.0) {
        shifted -= elementary::log1p(a / z);
    }
    return shifted + (z - 0.5) * elementary::log1p(a / z) + a * (elementary::log(z + a) - 1.0) + stirling_rest(z + a) -
           stirling_rest(z);
}

/// t^c, finite.
double aged(int period, double c) {
    constexpr double most = 600.0;
    return period < 1 ? 0.0 : elementary::exp(std::min(most, c * elementary::log(static_cast<double>(period))));
}

}  // namespace

double BetaDiscreteWeibull::log_survival(int period) const {
    return log_gamma_rise(beta, alpha) - log_gamma_rise(beta + aged(period, c), alpha);
}

double BetaDiscreteWeibull::survival(int period) const {
    return elementary::exp(log_survival(period));
}

double BetaDiscreteWeibull::hazard(int period) const {
    const double before = log_gamma_rise(beta + aged(period - 1, c), alpha);
    return std::max(0.0, log_gamma_rise(beta + aged(period, c), alpha) - before);
}

double BetaDiscreteWeibull::retention(int period) const {
    return elementary::exp(-hazard(period));
}

double BetaDiscreteWeibull::residual_lifetime(int renewal, double discount_rate) const {
    constexpr double least_rate = 1.0e-4;  // the sum has some 30 / rate terms
    if (renewal < 1 || !(discount_rate >= least_rate)) {
        throw ModelError(
            fmt::format("residual lifetime at renewal {} and discount rate {} (bdw): count renewals from 1, "
                        "and give a rate of at least {} a period",
                        renewal, discount_rate, least_rate));
    }
    // What is left after a term is at most what it would be if nobody churned any more.
    constexpr double tolerance = 1.0e-13;
    const double discount = 1.0 / (1.0 + discount_rate);
    double sum = 0.0;
    double term = 1.0 / discount;
    // By discounting alone this ends after some 40 / rate periods.
    for (int period = renewal; term * discount / (1.0 - discount) > tolerance * sum; ++period) {
        term *= retention(period) * discount;
        sum += term;
    }
    return sum;
}

double BetaDiscreteWeibull::log_likelihood(std::span<const double> at_risk,
                                           std::span<const std::uint64_t> churned) const {
    double sum = 0.0;
    double before = log_gamma_rise(beta, alpha);
    for (std::size_t t = 0; t < at_risk.size(); ++t) {
        const double after = log_gamma_rise(beta + aged(static_cast<int>(t + 1), c), alpha);
        const double kept = std::max(0.0, after - before);  // -ln r_t
        before = after;
        const auto d = static_cast<double>(churned[t]);
        sum -= (at_risk[t] - d) * kept;
        sum += d > 0.0 ? d * elementary::log(-elementary::expm1(-kept)) : 0.0;
    }
    return sum;
}

}  // namespace clv
