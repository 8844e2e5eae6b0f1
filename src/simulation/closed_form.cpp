#include "clv/simulation/closed_form.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "clv/random/elementary.hpp"

namespace clv {
namespace {

/// A possible value of a hazard multiplier and its probability.
struct Node {
    double multiplier = 1.0;
    double weight = 1.0;
};

double mean_of(const UncertainMultiplier& multiplier) {
    const double log_variance =
        multiplier.log_sd * multiplier.log_sd + multiplier.customer_log_sd * multiplier.customer_log_sd;
    return multiplier.median * elementary::exp(0.5 * log_variance);
}

std::vector<Node> nodes_of(const UncertainMultiplier& multiplier) {
    const double log_sd =
        std::sqrt(multiplier.log_sd * multiplier.log_sd + multiplier.customer_log_sd * multiplier.customer_log_sd);
    if (log_sd == 0.0) {
        return {{multiplier.median, 1.0}};
    }
    constexpr int steps_per_unit = 16;
    constexpr int reach = 9;
    std::vector<Node> nodes;
    double total = 0.0;
    for (int step = -reach * steps_per_unit; step <= reach * steps_per_unit; ++step) {
        const double z = static_cast<double>(step) / steps_per_unit;
        nodes.push_back({multiplier.median * elementary::exp(log_sd * z), elementary::exp(-0.5 * z * z)});
        total += nodes.back().weight;
    }
    for (Node& node : nodes) {
        node.weight /= total;
    }
    return nodes;
}

/// E[exp(-multiplier x hazard)]
double survival(const std::vector<Node>& nodes, double hazard) {
    double sum = 0.0;
    for (const Node& node : nodes) {
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
    std::vector<Node> hazard = std::vector<Node>(1);
    int active_months = 0;
    double volume = 1.0;
    double price = 1.0;
    double monthly_cost = 0.0;
    double monthly_cost_share = 0.0;
};

/// Value of the months, without what is paid at time 0.
ExpectedValue value_of_months(const SubscriptionColumns& columns, std::size_t customer,
                              const SimulationSettings& settings, const Effect& effect, int observed_months) {
    const double goods = 1.0 - columns.margin[customer];
    ExpectedValue sum;
    double active_hazard = 0.0;
    double plain_hazard = 0.0;
    double alive = 1.0;
    for (int month = 1; month <= settings.horizon_months; ++month) {
        const bool active = month <= effect.active_months;
        (active ? active_hazard : plain_hazard) += double{columns.hazards.at(customer, month)};
        const double alive_before = alive;
        alive = survival(effect.hazard, active_hazard) * elementary::exp(-plain_hazard);
        const double paid = settings.churn_timing == ChurnTiming::end ? alive_before : alive;

        const double revenue =
            columns.monthly_revenue[customer] *
            compound(columns.revenue_growth[customer], static_cast<double>(month - 1) / months_per_year);
        const double volume = active ? effect.volume : 1.0;
        const double price = active ? effect.price : 1.0;
        const double action_cost =
            active ? effect.monthly_cost + effect.monthly_cost_share * revenue * volume * price : 0.0;
        const double cash = revenue * volume * (price - goods) - columns.retention_cost[customer] - action_cost;
        const double discounted =
            paid * compound(settings.discount_rate.value, -paid_at_years(month, settings.discount_timing));
        sum.clv += discounted * cash;
        sum.tail_value += month > observed_months ? discounted * cash : 0.0;
        sum.action_cost += discounted * action_cost;
        sum.paid_months += paid;
    }
    return sum;
}

}  // namespace

ExpectedValue expected_value(const SubscriptionColumns& columns, std::size_t customer,
                             const SimulationSettings& settings, const Action* action, int observed_months) {
    ExpectedValue value = value_of_months(columns, customer, settings, Effect{}, observed_months);
    value.clv -= columns.acquisition_cost[customer];
    if (action == nullptr) {
        return value;
    }
    const Effect effect{nodes_of(action->hazard_multiplier),
                        std::min(action->duration_months.value_or(settings.horizon_months), settings.horizon_months),
                        mean_of(action->revenue_multiplier),
                        mean_of(action->price_multiplier),
                        action->monthly_cost,
                        action->monthly_cost_share};
    ExpectedValue accepted = value_of_months(columns, customer, settings, effect, observed_months);
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
