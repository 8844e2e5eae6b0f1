#include "clv/simulation/scenario_setup.hpp"

#include <algorithm>
#include <cmath>

#include "clv/paths/subscription_revenue.hpp"
#include "clv/random/elementary.hpp"

namespace clv {

namespace {

/// Position of a value in a list, which it joins if it is new.
template <class T, class Same>
int position_in(std::vector<T>& list, const T& value, Same same) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const T& other) { return same(other, value); });
    if (found != list.end()) {
        return static_cast<int>(found - list.begin());
    }
    list.push_back(value);
    return static_cast<int>(list.size()) - 1;
}

}  // namespace

ScenarioSetup::ScenarioSetup(const SubscriptionSetup& setup) : setup_(setup) {
    const SimulationPlan& plan = setup.plan();
    scenarios_.emplace_back();
    scenarios_.insert(scenarios_.end(), plan.scenarios.begin(), plan.scenarios.end());
    for (const Scenario& scenario : scenarios_) {
        SimulationSettings settings = plan.settings;
        settings.discount_rate = scenario.discount_rate.value_or(settings.discount_rate);
        const double factor =
            scenario.hazard_multiplier * elementary::exp(-plan.market.hazard_sensitivity * scenario.market_shift);
        const int hazard =
            position_in(inverse_hazard_factor_, static_cast<float>(1.0 / factor), std::equal_to<float>());
        const int rate = position_in(discount_, discount_factors(settings), std::equal_to<std::vector<double>>());
        const auto same = [](const ScenarioRun::Pair& a, const ScenarioRun::Pair& b) {
            return a.hazard == b.hazard && a.rate == b.rate;
        };
        pair_of_scenario_.push_back(position_in(pairs_, {hazard, rate}, same));
        rate_of_scenario_.push_back(rate);
    }
    for (const std::vector<double>& discount : discount_) {
        std::vector<double>& annuity = annuity_.emplace_back(1, 0.0);
        for (const double factor : discount) {
            annuity.push_back(annuity.back() + factor);
        }
    }
    run_ = {static_cast<int>(scenarios_.size()),
            static_cast<int>(inverse_hazard_factor_.size()),
            static_cast<int>(discount_.size()),
            static_cast<int>(pairs_.size()),
            inverse_hazard_factor_.data(),
            pairs_.data(),
            pair_of_scenario_.data()};
}

void ScenarioSetup::fill(std::size_t i, CustomerTables& tables) const {
    setup_.fill(i, tables.plain);
    const SubscriptionColumns& columns = setup_.columns();
    const SimulationPlan& plan = setup_.plan();
    const auto months = static_cast<std::size_t>(plan.settings.horizon_months);
    const std::size_t row = months + month_padding;
    tables.discounted_revenue.assign(discount_.size() * row, 0.0F);
    tables.revenue_value.assign(discount_.size() * (months + 1), 0.0);
    for (std::size_t rate = 0; rate < discount_.size(); ++rate) {
        double* revenue_value = tables.revenue_value.data() + rate * (months + 1);
        for (std::size_t m = 0; m < months; ++m) {
            const double discounted = tables.plain.revenue[m] * discount_[rate][m];
            tables.discounted_revenue[rate * row + m] = static_cast<float>(discounted);
            revenue_value[m + 1] = revenue_value[m] + discounted;
        }
    }
    tables.value.resize(scenarios_.size() * (months + 1));
    tables.noise_factor.resize(scenarios_.size());
    const double cost_of_goods = 1.0 - columns.margin[i];
    const double market = plan.market.revenue_volatility * columns.market_beta[i];
    const double retention_cost = columns.retention_cost[i];
    const double acquisition_cost = columns.acquisition_cost[i];
    for (std::size_t s = 0; s < scenarios_.size(); ++s) {
        const Scenario& scenario = scenarios_[s];
        const auto rate = static_cast<std::size_t>(rate_of_scenario_[s]);
        const double* revenue_value = tables.revenue_value.data() + rate * (months + 1);
        const double* annuity = annuity_[rate].data();
        double* value = tables.value.data() + s * (months + 1);
        double factor = scenario.revenue_multiplier * (scenario.price_multiplier - cost_of_goods);
        if (scenario.market_shift != 0.0) {
            factor *= elementary::exp(market * scenario.market_shift);
        }
        for (std::size_t m = 0; m <= months; ++m) {
            value[m] = factor * revenue_value[m] - retention_cost * annuity[m] - acquisition_cost + 0.0;
        }
        tables.noise_factor[s] = factor;
    }
    tables.customer = {tables.discounted_revenue.data(), tables.value.data(), tables.noise_factor.data()};
}

}  // namespace clv
