// Simulated counts and discounted counts of named customers under every purchase law, a million paths each, against the
// closed forms of the models, which tests/models holds to integrals of their own. Errors of 2% and more are caught.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/models/purchase_models.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/retail_setup.hpp"

namespace clv {
namespace {

constexpr std::int64_t paths = 1'000'000;

struct Customer {
    double x;
    double t_x;
    double T;
};

struct CountedBuyers {
    PurchaseModel model;
    std::vector<Customer> customers;
    int months;        ///< horizon
    double time_unit;  ///< weeks
};

std::vector<CountedBuyers> worlds() {
    const std::vector<Customer> named{{0, 0, 1}, {2, 30.43, 38.86}, {26, 30.86, 31}};
    return {
        {{PurchaseLaw::bg_nbd, {0.243, 4.414, 0.793, 2.426}, TimeUnit::week}, named, 9, 1.0},
        {{PurchaseLaw::mbg_nbd, {0.525, 6.183, 0.891, 1.614}, TimeUnit::week}, named, 9, 1.0},
        {{PurchaseLaw::pareto_nbd, {0.553, 10.578, 0.606, 11.669}, TimeUnit::week}, named, 9, 1.0},
        {{PurchaseLaw::nbd, {0.385, 12.07, 0.0, 0.0}, TimeUnit::week}, named, 9, 1.0},
        {{PurchaseLaw::bg_bb, {1.204, 0.75, 0.657, 2.783}, TimeUnit::month},
         {{0, 0, 0}, {3, 5, 6}, {6, 6, 6}},
         9,
         weeks_per_month},
    };
}

RetailColumns columns_of(const PurchaseModel& model, const std::vector<Customer>& customers) {
    RetailColumns columns;
    columns.law = model.law;
    columns.time_unit = model.time_unit;
    columns.draws = {RetailDraw{model.parameters, {0.0, 0.0, 0.0}, {}}};
    for (const Customer& customer : customers) {
        columns.id_hash.push_back(customer_id_hash(std::to_string(columns.size())));
        columns.frequency.push_back(customer.x);
        columns.recency.push_back(customer.t_x);
        columns.age.push_back(customer.T);
        columns.monetary_value.push_back(0.0);
    }
    columns.margin.assign(customers.size(), 1.0);
    return columns;
}

SimulationPlan counting_plan(const CountedBuyers& world, double discount_rate) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = world.months;
    plan.settings.discount_rate = {discount_rate};
    plan.settings.seed = 20'27;
    return plan;
}

/// P(n purchases in t after T): of those alive, what a new customer does whose parameters are the posterior's. Whoever
/// is alive may next drop out at a purchase, also under MBG/NBD.
double count_probability(const PurchaseModel& model, const Customer& customer, int n, double t) {
    PurchaseModel own = model;
    auto& [r, alpha, a, b] = own.parameters;
    r += customer.x;
    alpha += model.law == PurchaseLaw::bg_bb ? customer.T - customer.x : customer.T;
    if (model.law == PurchaseLaw::bg_nbd || model.law == PurchaseLaw::mbg_nbd) {
        b += customer.x + (model.law == PurchaseLaw::mbg_nbd ? 1.0 : 0.0);
        own.law = PurchaseLaw::bg_nbd;
    } else if (model.law != PurchaseLaw::nbd) {
        b += customer.T;
    }
    const double alive = model.p_alive(customer.x, customer.t_x, customer.T);
    return (n == 0 ? 1.0 - alive : 0.0) + alive * own.count_probability(n, t);
}

/// Time units from today to a whole number of months, which holds an opportunity that falls on its end.
double units(const CountedBuyers& world, int months) {
    return months * weeks_per_month / world.time_unit + 1e-9;
}

/// [customer][n]: share of paths with n = 0, .., 6 purchases within the horizon.
using Shares = std::vector<std::array<double, 7>>;

Shares simulated_shares(const CountedBuyers& world) {
    Shares shares(world.customers.size());
    const auto take = [&](std::size_t i, std::span<const std::uint32_t> purchases, std::span<const float>) {
        for (const std::uint32_t n : purchases) {
            if (n < 7) {
                shares[i][n] += 1.0 / paths;
            }
        }
    };
    NoProgress progress;
    (void)make_cpu_backend(1)->forecast_purchases(columns_of(world.model, world.customers), counting_plan(world, 0.0),
                                                  world.months * weeks_per_month, take, progress);
    return shares;
}

/// Largest deviation from P(X = n), in standard errors.
double worst_count(const CountedBuyers& world, const Shares& shares, const PurchaseModel& truth) {
    double worst = 0.0;
    for (std::size_t i = 0; i < shares.size(); ++i) {
        for (int n = 0; n < 7; ++n) {
            const double probability = count_probability(truth, world.customers[i], n, units(world, world.months));
            const double se = std::sqrt(probability * (1.0 - probability) / paths);
            worst = std::max(worst, std::abs(shares[i][static_cast<std::size_t>(n)] - probability) / se);
        }
    }
    return worst;
}

TEST(RetailCounts, HaveTheirProbabilities) {
    for (const CountedBuyers& world : worlds()) {
        const Shares shares = simulated_shares(world);
        EXPECT_LT(worst_count(world, shares, world.model), 4.0) << static_cast<int>(world.model.law);
        for (std::size_t k = 0; k < parameter_count(world.model.law); ++k) {
            PurchaseModel planted = world.model;
            // counts say less of dropout, and of chances to buy, which only 9 opportunities show
            const double error = k >= 2 ? 0.1 : world.model.law == PurchaseLaw::bg_bb ? 0.03 : 0.02;
            planted.parameters[k] *= 1.0 + error;
            EXPECT_GT(worst_count(world, shares, planted), 4.0)
                << static_cast<int>(world.model.law) << ", parameter " << k;
        }
    }
}

/// Largest deviation of the mean discounted counts within the horizon, in standard errors.
double worst_discounted(const CountedBuyers& world, const SimulationResult& result, const std::vector<double>& discount,
                        const PurchaseModel& truth) {
    double worst = 0.0;
    for (std::size_t i = 0; i < world.customers.size(); ++i) {
        const auto& [x, t_x, T] = world.customers[i];
        double sum = 0.0;
        double before = 0.0;
        for (int month = 1; month <= world.months; ++month) {
            const double now = truth.conditional_expectation(x, t_x, T, units(world, month));
            sum += discount[static_cast<std::size_t>(month - 1)] * (now - before);
            before = now;
        }
        worst = std::max(worst, std::abs(result.actions[0].mean[i] - sum) / result.actions[0].se[i]);
    }
    return worst;
}

TEST(RetailCounts, DiscountedUpToTheHorizon) {
    for (const CountedBuyers& world : worlds()) {
        const SimulationPlan plan = counting_plan(world, 0.15);
        NoProgress progress;
        const SimulationResult result =
            make_cpu_backend(2)->run(columns_of(world.model, world.customers), plan, progress);
        const std::vector<double> discount = discount_factors(plan.settings);
        EXPECT_LT(worst_discounted(world, result, discount, world.model), 4.0) << static_cast<int>(world.model.law);
        PurchaseModel planted = world.model;
        planted.parameters[0] *= 1.02;
        EXPECT_GT(worst_discounted(world, result, discount, planted), 4.0) << static_cast<int>(world.model.law);
        SimulationPlan late = plan;
        late.settings.discount_rate = {0.17};
        EXPECT_GT(worst_discounted(world, result, discount_factors(late.settings), world.model), 4.0)
            << static_cast<int>(world.model.law);
    }
}

}  // namespace
}  // namespace clv
