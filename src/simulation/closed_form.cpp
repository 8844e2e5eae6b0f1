#include "clv/simulation/closed_form.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "clv/random/elementary.hpp"
#include "multiplier_nodes.hpp"

namespace clv {
namespace {

double mean_of(const UncertainMultiplier& multiplier) {
    const double log_variance =
        multiplier.log_sd * multiplier.log_sd + multiplier.customer_log_sd * multiplier.customer_log_sd;
    return multiplier.median * elementary::exp(0.5 * log_variance);
}

/// E[exp(-multiplier x hazard)]
double survival(const std::vector<MultiplierNode>& nodes, double hazard) {
    double sum = 0.0;
    for (const MultiplierNode& node : nodes) {
        sum += node.weight * elementary::exp(-node.multiplier * hazard);
    }
    return sum;
}

/// (1 + annual_rate)^years
double compound(double annual_rate, double years) {
    if (annual_rate <= -1.0) {
        return years == 0.0 ? 1.0 : 0.0;
    }
    return elementary::exp(years * elementary::log1p(annual_rate));
}

double paid_at_years(int month, DiscountTiming timing) {
    switch (timing) {
        case DiscountTiming::start:
            return static_cast<double>(month - 1) / months_per_year;
        case DiscountTiming::mid:
            return (static_cast<double>(month) - 0.5) / months_per_year;
        case DiscountTiming::end:
            break;
    }
    return static_cast<double>(month) / months_per_year;
}

/// What an action changes once it is accepted.
struct Effect {
    std::vector<MultiplierNode> hazard = std::vector<MultiplierNode>(1);
    int active_months = 0;
    double volume = 1.0;
    double price = 1.0;
    double monthly_cost = 0.0;
    double monthly_cost_share = 0.0;
};

/// [t]: survival of t months where the market leaves hazards alone, and so that of what they pay too.
MarketSurvival::Months plain_survival(const SubscriptionColumns& columns, std::size_t customer, int horizon_months,
                                      const Effect& effect) {
    MarketSurvival::Months months{{1.0}, {}};
    double active_hazard = 0.0;
    double plain_hazard = 0.0;
    const auto inverse_factors =
        std::span(columns.inverse_hazard_factor).subspan(customer * columns.hazard_draws, columns.hazard_draws);
    for (int month = 1; month <= horizon_months; ++month) {
        (month <= effect.active_months ? active_hazard : plain_hazard) += double{columns.hazards.at(customer, month)};
        const auto survives = [&](double factor) {
            return survival(effect.hazard, factor * active_hazard) * elementary::exp(-factor * plain_hazard);
        };
        double mean = inverse_factors.empty() ? survives(1.0) : 0.0;
        for (const float inverse : inverse_factors) {
            mean += survives(1.0 / double{inverse}) / static_cast<double>(inverse_factors.size());
        }
        months.survival.push_back(mean);
    }
    months.revenue = months.survival;
    return months;
}

/// Value of the months, without what is paid at time 0.
ExpectedValue value_of_months(const SubscriptionColumns& columns, std::size_t customer,
                              const SimulationSettings& settings, const Effect& effect,
                              const MarketSurvival::Months& survival, int observed_months) {
    const double goods = 1.0 - columns.margin[customer];
    ExpectedValue sum;
    for (int month = 1; month <= settings.horizon_months; ++month) {
        const bool active = month <= effect.active_months;
        const auto survived = static_cast<std::size_t>(settings.churn_timing == ChurnTiming::end ? month - 1 : month);
        const double paid = survival.survival[survived];
        const double more_revenue = survival.revenue[survived] - paid;  // who pays does so in better months

        const double revenue =
            columns.monthly_revenue[customer] *
            compound(columns.revenue_growth[customer], static_cast<double>(month - 1) / months_per_year);
        const double volume = active ? effect.volume : 1.0;
        const double price = active ? effect.price : 1.0;
        const double shared_cost = active ? effect.monthly_cost_share * revenue * volume * price : 0.0;
        const double action_cost = active ? effect.monthly_cost + shared_cost : 0.0;
        const double earned = revenue * volume * (price - goods);
        const double cash = earned - columns.retention_cost[customer] - action_cost;
        const double discount = compound(settings.discount_rate.value, -paid_at_years(month, settings.discount_timing));
        const double discounted = paid * discount;
        const double value = discounted * cash + more_revenue * discount * (earned - shared_cost);
        sum.clv += value;
        sum.tail_value += month > observed_months ? value : 0.0;
        sum.action_cost += discounted * action_cost + more_revenue * discount * shared_cost;
        sum.paid_months += paid;
    }
    return sum;
}

}  // namespace

std::vector<MultiplierNode> multiplier_nodes(const UncertainMultiplier& multiplier, int nodes_per_sd) {
    const double log_sd =
        std::sqrt(multiplier.log_sd * multiplier.log_sd + multiplier.customer_log_sd * multiplier.customer_log_sd);
    if (log_sd == 0.0) {
        return {{multiplier.median, 1.0}};
    }
    constexpr int reach = 9;
    std::vector<MultiplierNode> nodes;
    double total = 0.0;
    for (int step = -reach * nodes_per_sd; step <= reach * nodes_per_sd; ++step) {
        const double z = static_cast<double>(step) / nodes_per_sd;
        nodes.push_back({multiplier.median * elementary::exp(log_sd * z), elementary::exp(-0.5 * z * z)});
        total += nodes.back().weight;
    }
    for (MultiplierNode& node : nodes) {
        node.weight /= total;
    }
    return nodes;
}

ExpectedValue expected_value(const SubscriptionColumns& columns, std::size_t customer,
                             const SimulationSettings& settings, const Action* action, int observed_months,
                             const MarketOfCustomers* market) {
    const auto survival_of = [&](const Effect& effect, std::size_t alternative) {
        if (market == nullptr) {
            return plain_survival(columns, customer, settings.horizon_months, effect);
        }
        MarketSurvival::Months months;
        market->survival.fill(alternative, double{columns.hazards.at(customer, 1)}, columns.market_beta[customer],
                              months);
        return months;
    };
    const Effect none;
    ExpectedValue value = value_of_months(columns, customer, settings, none, survival_of(none, 0), observed_months);
    value.clv -= columns.acquisition_cost[customer];
    if (action == nullptr) {
        return value;
    }
    const Effect effect{multiplier_nodes(action->hazard_multiplier, 16),
                        std::min(action->duration_months.value_or(settings.horizon_months), settings.horizon_months),
                        mean_of(action->revenue_multiplier),
                        mean_of(action->price_multiplier),
                        action->monthly_cost,
                        action->monthly_cost_share};
    ExpectedValue accepted =
        value_of_months(columns, customer, settings, effect,
                        survival_of(effect, market == nullptr ? 0 : market->alternative), observed_months);
    accepted.clv -= columns.acquisition_cost[customer] + action->cost_if_accepted;
    accepted.action_cost += action->cost_if_accepted;

    const double share = action->acceptance;
    const auto mix = [share](double refused_value, double accepted_value) {
        return (1.0 - share) * refused_value + share * accepted_value;
    };
    return {mix(value.clv, accepted.clv) - action->cost, mix(value.tail_value, accepted.tail_value),
            share * accepted.action_cost + action->cost, mix(value.paid_months, accepted.paid_months)};
}

}  // namespace clv
