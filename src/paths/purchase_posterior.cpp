#include "clv/paths/purchase_posterior.hpp"

#include <cmath>
#include <limits>

#include "clv/core/instruction_clones.hpp"
#include "clv/random/elementary.hpp"
#include "paths/laws/posterior_law.hpp"

namespace clv {
namespace {

const PosteriorLaw& of(PurchaseLaw law) {
#define CLV_ADDRESS(law) &law##_posterior,
    static constexpr std::array laws{CLV_PURCHASE_LAWS(CLV_ADDRESS)};
#undef CLV_ADDRESS
    return *laws[static_cast<std::size_t>(law)];
}

CLV_FMA_CLONES double probability_against(double log_odds) {
    return 1.0 / (1.0 + elementary::exp(log_odds));
}

}  // namespace

DropoutTime dropout_time(PurchaseLaw law) noexcept {
    return of(law).dropout_time;
}

bool has_opportunities(PurchaseLaw law) noexcept {
    return of(law).has_opportunities;
}

bool has_dropout(PurchaseLaw law, const PurchaseParameters& parameters) noexcept {
    return of(law).log_odds != nullptr && parameters[2] != 0.0 && !std::isinf(parameters[3]);
}

double dropout_log_odds(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x, double T,
                        PurchaseParameters* gradient) {
    if (gradient != nullptr) {
        *gradient = {};
    }
    const PosteriorLaw& posterior = of(law);
    return posterior.log_odds != nullptr ? posterior.log_odds(parameters, x, t_x, T, gradient) : never_dropped;
}

double expected_rate(PurchaseLaw law, const PurchaseParameters& parameters, double x, double T, double rate_factor) {
    const auto [first, second, third, fourth] = parameters;
    return has_opportunities(law) ? (first + x) / (first + second + T) : (first + x) / (second / rate_factor + T);
}

PurchasePosterior purchase_posterior(PurchaseLaw law, const PurchaseParameters& parameters, double x, double t_x,
                                     double T, double rate_factor, double dropout_factor) {
    PurchaseParameters own = parameters;  // of the customer, with its covariates
    PurchasePosterior posterior;
    posterior.rate_shape = own[0] + x;
    if (has_opportunities(law)) {
        posterior.rate_other = own[1] + T - x;
    } else {
        own[1] /= rate_factor;
        posterior.rate_scale = 1.0 / (own[1] + T);
    }
    if (!has_dropout(law, parameters)) {
        return posterior;
    }
    of(law).learn_dropout(own, x, T, dropout_factor, posterior);
    posterior.dropout_shape = own[2];
    posterior.alive = probability_against(dropout_log_odds(law, own, x, t_x, T));
    return posterior;
}

SpendPosterior spend_posterior(const SpendParameters& parameters, double x, double monetary_value) noexcept {
    const auto [p, q, v] = parameters;
    const double purchases = monetary_value > 0.0 ? x : 0.0;
    return {q + p * purchases, v + purchases * monetary_value};
}

double expected_spend(const SpendParameters& parameters, double x, double monetary_value) noexcept {
    const SpendPosterior posterior = spend_posterior(parameters, x, monetary_value);
    return posterior.shape > 1.0 ? parameters[0] * posterior.scale / (posterior.shape - 1.0)
                                 : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace clv
