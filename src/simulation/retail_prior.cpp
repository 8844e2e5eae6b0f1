#include <algorithm>
#include <cmath>

#include "clv/core/units.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/retail_setup.hpp"

namespace clv {

namespace {

/// Probability that who is alive drops out within the horizon, at the posterior's means.
double lost(const RetailRun& run, const RetailPosterior& posterior, double purchases) {
    const double shape = posterior.dropout_shape[0];
    if (run.dropout == DropoutTime::never || !(shape > 0.0)) {
        return 0.0;
    }
    const double each_time = shape / (shape + double{posterior.dropout_other[0]});
    double hazard = shape * double{posterior.dropout_scale[0]} * double{run.horizon_weeks};
    if (run.has_opportunities) {
        hazard = each_time * double{run.horizon_weeks} / double{run.opportunity_weeks};
    } else if (run.dropout == DropoutTime::after_purchase) {
        hazard = each_time * purchases;
    }
    return 1.0 - elementary::exp(-std::min(hazard, 100.0));
}

}  // namespace

ProfitPrior RetailSetup::profit_prior(const CustomerTables& tables, std::size_t i, int alternative) const {
    constexpr double guessed = 4.0;          // to a factor of two or so
    constexpr double spread_of_spend = 1.5;  // mean square of a purchase's worth over its squared mean
    const RetailRun& run = run_of(i);
    const ActionLaw& action = run.actions[alternative - 1].law;
    const RetailDraw& draw = columns_.draws.front();
    const RetailPosterior& posterior = tables.customer.posterior;
    const double margin = columns_.margin[i];
    const double worth = run.has_spend ? expected_spend(draw.spend, columns_.frequency[i], monetary_value(i)) : 1.0;
    const double unit_weeks = days_per(columns_.time_unit) / days_per_week;
    const double rate = expected_rate(columns_.law, draw.purchase, columns_.frequency[i], columns_.age[i],
                                      factor(columns_.rate_factor, draw.rate_effects, i));
    const double unhindered = rate * double{run.horizon_weeks} / unit_weeks;
    const double drops_out = lost(run, posterior, unhindered);
    const double purchases = unhindered * (1.0 - 0.5 * drops_out);

    // as shares of what there is: how many purchases more there are, and what each of them brings more
    const double active =
        std::min(1.0, static_cast<double>(action.duration_months) / static_cast<double>(run.horizon_months));
    const double volume = action.multiplier(MultiplierKind::revenue).median;
    const double stays = 0.5 * drops_out * std::abs(1.0 - action.multiplier(MultiplierKind::hazard).median);
    const double more = active * (std::abs(volume - 1.0) + stays);
    const double better =
        active * volume * std::abs(action.net_price(action.multiplier(MultiplierKind::price).median) - 1.0);
    const double mean = purchases * worth * (std::abs(margin) * more + better);
    if (!(mean > 0.0)) {
        return {};
    }
    // purchases of who is alive are spread as a gamma and a Poisson distribution together
    const double clumped = 1.0 + 1.0 / double{posterior.rate_shape[0]};
    const double few = 1.0 / (purchases * std::min(1.0, more + better));
    const double square = spread_of_spend * (mean * mean) * (clumped + few);
    const double alive = std::min(1.0, double{posterior.alive[0]});
    const GainMoments gain{alive * mean, alive * square, alive * square * std::sqrt(square),
                           alive * (square * square) * (3.0 * clumped + few)};
    const double acceptance = std::min(1.0, static_cast<double>(action.acceptance_threshold) * 0x1p-32);
    return prior_of(gain, acceptance, gain.second - gain.first * gain.first, guessed);
}

}  // namespace clv
