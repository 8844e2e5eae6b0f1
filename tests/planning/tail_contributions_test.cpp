// What every customer brings in the portfolio's worst cases: it adds up to the portfolio's CVaR.

#include "clv/planning/tail_contributions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/planning/plan_simulator.hpp"
#include "clv/simulation/portfolio.hpp"
#include "support/retail_world.hpp"
#include "support/subscription_world.hpp"

namespace clv {
namespace {

TEST(TailPathWeights, AreEqualInTheTailAndAPartBeyondIt) {
    const std::vector<double> weights = tail_path_weights({5.0, 1.0, 3.0, 1.0, 9.0, 8.0, 7.0}, DecimalLevel(0.5));
    const std::vector<double> expected{0.5 / 3.5, 1.0 / 3.5, 1.0 / 3.5, 1.0 / 3.5, 0.0, 0.0, 0.0};
    for (std::size_t path = 0; path < weights.size(); ++path) {
        EXPECT_DOUBLE_EQ(weights[path], expected[path]) << path;
    }
    EXPECT_DOUBLE_EQ(tail_path_weights({3.0, 1.0, 2.0}, DecimalLevel(0.05))[1], 1.0);
}

Population without_actions(std::size_t customers) {
    Population population;
    SubscriptionColumns columns = test::mixed_customers(customers);
    for (std::size_t i = 0; i < customers; ++i) {
        population.customers.customer_id.push_back(std::to_string(i));
    }
    population.customers.segment = columns.segment;
    population.customers.segments = columns.segments;
    population.columns = std::move(columns);
    population.plan.settings.paths = 1'030;  // the tail ends within a path
    population.plan.settings.horizon_months = 18;
    population.plan.market = {0.2, 0.3};
    return population;
}

class TailContributions : public testing::Test {
  protected:
    [[nodiscard]] PathTotals totals_of(const Population& population) const {
        NoFigures nobody;
        NoProgress progress;
        return simulate_on(*backend_, population.columns, population.plan, nobody, progress).totals;
    }
    [[nodiscard]] std::vector<double> contributions(const Population& population, const PathTotals* totals) const {
        NoProgress progress;
        return cvar_contributions(population, totals, *backend_, progress);
    }
    std::unique_ptr<Backend> backend_ = make_cpu_backend(2);
};

TEST_F(TailContributions, AddUpToThePortfoliosCvar) {
    const Population population = without_actions(60);
    const PathTotals totals = totals_of(population);
    const std::vector<double> all = contributions(population, &totals);
    ASSERT_EQ(all.size(), 60U);
    const PortfolioRow portfolio =
        portfolio_rows(totals, population.customers, population.plan.settings, "none").front();
    EXPECT_NEAR(std::accumulate(all.begin(), all.end(), 0.0), portfolio.cvar, 1e-6 * std::abs(portfolio.cvar));
    EXPECT_LT(portfolio.cvar, 0.95 * portfolio.mean);
    EXPECT_EQ(contributions(population, nullptr), all);  // totals that nobody knows are simulated
}

/// A world in which the market decides: who moves with it carries the risk, who does not carries none.
TEST_F(TailContributions, WhoMovesWithTheMarketCarriesTheRisk) {
    Population population = without_actions(40);
    auto& columns = std::get<SubscriptionColumns>(population.columns);
    columns.revenue_volatility.assign(40, 0.0);
    columns.market_beta.assign(40, 0.0);
    for (std::size_t i = 0; i < 20; ++i) {
        columns.market_beta[i] = 2.0;
    }
    for (std::size_t i = 0; i < 40; ++i) {
        columns.hazards.customers[i] = {0, 0, 1e-9F};  // nobody leaves
    }
    population.plan.market.hazard_sensitivity = 0.0;
    const std::vector<double> all = contributions(population, nullptr);
    NoProgress progress;
    const SimulationResult result = backend_->run(columns, population.plan, progress);
    for (std::size_t i = 0; i < 40; ++i) {
        const double mean = result.actions.front().mean[i];
        if (i < 20) {
            EXPECT_LT(all[i], 0.9 * mean) << i;
            // all of them move as one: the portfolio's worst paths are each one's own
            EXPECT_NEAR(all[i], result.actions.front().cvar[i], 1e-3 * std::abs(mean)) << i;
        } else {
            EXPECT_NEAR(all[i], mean, 1e-5 * std::abs(mean)) << i;
        }
    }
}

TEST_F(TailContributions, CustomersWhoAreApartHaveNone) {
    Population population = without_actions(20);
    auto& columns = std::get<SubscriptionColumns>(population.columns);
    population.customers.churned.assign(20, 0);
    population.customers.churned[3] = 1;
    population.customers.churned_apart = true;
    columns.segments.push_back("churned");
    columns.segment[3] = static_cast<std::uint32_t>(columns.segments.size() - 1);
    columns.last_is_apart = true;
    const PathTotals totals = totals_of(population);
    ASSERT_EQ(totals.apart, 1U);
    const std::vector<double> all = contributions(population, &totals);
    EXPECT_TRUE(std::isnan(all[3]));
    double sum = 0.0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        sum += i == 3 ? 0.0 : all[i];
    }
    const PortfolioRow portfolio =
        portfolio_rows(totals, population.customers, population.plan.settings, "none").front();
    EXPECT_NEAR(sum, portfolio.cvar, 1e-6 * std::abs(portfolio.cvar));
}

}  // namespace
}  // namespace clv
