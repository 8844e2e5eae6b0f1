// The retail law on the CPU backend against closed forms: within 4 standard errors at a million paths for named
// customers, and over a panel the mean of z^2 within 4 sqrt(2/n) of 1. Each kind of test is shown to fail on a planted
// error.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numeric>
#include <random>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/simulation/backend.hpp"
#include "clv/simulation/retail_setup.hpp"
#include "support/agreement.hpp"

namespace clv {
namespace {

constexpr PurchaseParameters bg_nbd{0.243, 4.414, 0.793, 2.426};
constexpr PurchaseParameters mbg_nbd{0.525, 6.183, 0.891, 1.614};
constexpr PurchaseParameters pareto_nbd{0.5532770, 10.577683, 0.6062400, 11.668735};
constexpr PurchaseParameters donations{1.203522, 0.749716, 0.656718, 2.783442};
constexpr SpendParameters cdnow_spend{6.249572, 3.744225, 15.443521};
constexpr SpendParameters counts{0.0, 0.0, 0.0};

struct History {
    double x;
    double t_x;
    double T;
    double mean_spend = 0.0;
};

RetailColumns columns_of(PurchaseLaw law, const PurchaseParameters& purchase, const std::vector<History>& customers,
                         const SpendParameters& spend = counts) {
    RetailColumns columns;
    columns.law = law;
    columns.draws = {RetailDraw{purchase, spend, {}}};
    for (std::size_t i = 0; i < customers.size(); ++i) {
        columns.id_hash.push_back(customer_id_hash(std::to_string(i)));
        columns.frequency.push_back(customers[i].x);
        columns.recency.push_back(customers[i].t_x);
        columns.age.push_back(customers[i].T);
        columns.monetary_value.push_back(customers[i].mean_spend);
    }
    columns.margin.assign(customers.size(), 1.0);
    return columns;
}

SimulationPlan retail_law_plan(std::int64_t paths, int horizon_months = 9, double discount_rate = 0.0) {
    SimulationPlan plan;
    plan.settings.paths = paths;
    plan.settings.horizon_months = horizon_months;
    plan.settings.discount_rate = {discount_rate};
    plan.settings.seed = 20'26;
    return plan;
}

SimulationResult simulate_retail(const RetailColumns& columns, const SimulationPlan& plan) {
    NoProgress progress;
    return make_cpu_backend(2)->run(columns, plan, progress);
}

constexpr double million = 1e6;

struct CountFigures {
    double mean;
    double se;
    std::vector<double> share;  ///< [n]: of paths with n purchases
};

CountFigures count_purchases(const RetailColumns& columns, double weeks) {
    CountFigures figures{};
    NoProgress progress;
    const auto take = [&](std::size_t, std::span<const std::uint32_t> purchases, std::span<const float>) {
        double sum = 0.0;
        double squares = 0.0;
        figures.share.assign(200, 0.0);
        for (const std::uint32_t n : purchases) {
            sum += n;
            squares += static_cast<double>(n) * n;
            figures.share[std::min<std::size_t>(n, 199)] += 1.0 / million;
        }
        figures.mean = sum / million;
        figures.se = std::sqrt((squares / million - figures.mean * figures.mean) / million);
    };
    (void)make_cpu_backend(1)->forecast_purchases(columns, retail_law_plan(1'000'000, 12), weeks, take, progress);
    return figures;
}

bool within_4_se(const CountFigures& figures, double truth) {
    return std::abs(figures.mean - truth) < 4.0 * figures.se;
}

double rising_product(double from, double over, double times) {
    double product = 1.0;
    for (double i = 0.0; i < times; i += 1.0) {
        product *= (from + i) / (over + i);
    }
    return product;
}

/// 2F1(a, b; c; z) for 0 <= z < 1, by its series.
double hypergeometric(double a, double b, double c, double z) {
    double term = 1.0;
    double sum = 1.0;
    for (double n = 0.0; n < 20'000.0 && std::abs(term) > 1e-16 * std::abs(sum); n += 1.0) {
        term *= (a + n) * (b + n) / ((c + n) * (n + 1.0)) * z;
        sum += term;
    }
    return sum;
}

/// Fader, Hardie and Lee 2005, equation 10.
double bg_nbd_expectation(const PurchaseParameters& p, const History& h, double t) {
    const auto [r, alpha, a, b] = p;
    const double grown = alpha + h.T + t;
    const double left =
        std::pow((alpha + h.T) / grown, r + h.x) * hypergeometric(r + h.x, b + h.x, a + b + h.x - 1.0, t / grown);
    const double odds = h.x > 0.0 ? a / (b + h.x - 1.0) * std::pow((alpha + h.T) / (alpha + h.t_x), r + h.x) : 0.0;
    return (a + b + h.x - 1.0) / (a - 1.0) * (1.0 - left) / (1.0 + odds);
}

double pareto_nbd_expectation(const PurchaseParameters& p, const History& h, double t) {
    const auto [r, alpha, s, beta] = p;
    const double alive = purchase_posterior(PurchaseLaw::pareto_nbd, p, h.x, h.t_x, h.T).alive;
    return alive * (r + h.x) * (beta + h.T) / ((alpha + h.T) * (s - 1.0)) *
           (1.0 - std::pow((beta + h.T) / (beta + h.T + t), s - 1.0));
}

double bg_bb_expectation(const PurchaseParameters& p, const History& h, int opportunities) {
    const auto [alpha, beta, gamma, delta] = p;
    const double alive = purchase_posterior(PurchaseLaw::bg_bb, p, h.x, h.t_x, h.T).alive;
    double sum = 0.0;
    for (int j = 1; j <= opportunities; ++j) {
        sum += rising_product(delta + h.T, gamma + delta + h.T, j);
    }
    return alive * (alpha + h.x) / (alpha + beta + h.T) * sum;
}

TEST(RetailPosterior, AliveIsAsPublished) {
    EXPECT_NEAR(purchase_posterior(PurchaseLaw::bg_nbd, bg_nbd, 2, 30.43, 38.86).alive, 0.726579, 5e-7);
    EXPECT_NEAR(purchase_posterior(PurchaseLaw::mbg_nbd, mbg_nbd, 2, 30.43, 38.86).alive, 0.706202, 5e-7);
    EXPECT_EQ(purchase_posterior(PurchaseLaw::bg_nbd, bg_nbd, 0, 0, 38.86).alive, 1.0);
}

TEST(RetailPosterior, NobodyDropsOutInTheLimit) {
    for (const PurchaseParameters& limit :
         {PurchaseParameters{0.744, 9.05, 0.0, 3.0},
          PurchaseParameters{0.744, 9.05, 0.2, std::numeric_limits<double>::infinity()}}) {
        for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd}) {
            const PurchasePosterior posterior = purchase_posterior(law, limit, 3, 10, 40);
            EXPECT_EQ(posterior.alive, 1.0);
            EXPECT_EQ(posterior.dropout_shape, 0.0);
        }
        const RetailColumns columns = columns_of(PurchaseLaw::bg_nbd, limit, {{3, 10, 40}});
        const CountFigures figures = count_purchases(columns, 39.0);
        EXPECT_TRUE(within_4_se(figures, 3.744 / 49.05 * 39.0)) << figures.mean;
    }
}

TEST(RetailLaw, ExpectedPurchasesOfANamedCustomer) {
    const std::vector<History> customer{{2, 30.43, 38.86}};
    const CountFigures bg = count_purchases(columns_of(PurchaseLaw::bg_nbd, bg_nbd, customer), 39.0);
    EXPECT_TRUE(within_4_se(bg, 1.226028)) << bg.mean;
    EXPECT_NEAR(bg_nbd_expectation(bg_nbd, customer[0], 39.0), 1.226028, 5e-7);
    const CountFigures mbg = count_purchases(columns_of(PurchaseLaw::mbg_nbd, mbg_nbd, customer), 39.0);
    EXPECT_TRUE(within_4_se(mbg, 1.26296)) << mbg.mean;
    const CountFigures pareto = count_purchases(columns_of(PurchaseLaw::pareto_nbd, pareto_nbd, customer), 39.0);
    EXPECT_TRUE(within_4_se(pareto, pareto_nbd_expectation(pareto_nbd, customer[0], 39.0))) << pareto.mean;

    PurchaseParameters planted = bg_nbd;
    planted[2] *= 1.1;
    EXPECT_FALSE(within_4_se(count_purchases(columns_of(PurchaseLaw::bg_nbd, planted, customer), 39.0), 1.226028));
}

TEST(RetailLaw, CountsOfNbdAreNegativeBinomial) {
    const double r = 0.384768;
    const double alpha = 12.072085;
    const History customer{2, 30.43, 38.86};
    const CountFigures figures = count_purchases(columns_of(PurchaseLaw::nbd, {r, alpha, 0.0, 0.0}, {customer}), 39.0);
    const double shape = r + customer.x;
    const double share = (alpha + customer.T) / (alpha + customer.T + 39.0);
    double probability = std::pow(share, shape);
    for (int n = 0; n < 12; ++n) {
        const double se = std::sqrt(probability * (1.0 - probability) / million);
        EXPECT_NEAR(figures.share[static_cast<std::size_t>(n)], probability, 4.0 * se) << n;
        probability *= (shape + n) / (n + 1.0) * (1.0 - share);
    }
}

TEST(RetailLaw, NoPurchaseUnderBgNbdHasAClosedForm) {
    const History customer{2, 30.43, 38.86};
    const CountFigures figures = count_purchases(columns_of(PurchaseLaw::bg_nbd, bg_nbd, {customer}), 39.0);
    const double alive = purchase_posterior(PurchaseLaw::bg_nbd, bg_nbd, 2, 30.43, 38.86).alive;
    const double silent = std::pow((bg_nbd[1] + 38.86) / (bg_nbd[1] + 38.86 + 39.0), bg_nbd[0] + 2);
    const double probability = 1.0 - alive + alive * silent;
    EXPECT_NEAR(figures.share[0], probability, 4.0 * std::sqrt(probability * (1.0 - probability) / million));
}

/// A panel of histories that the law could have left.
std::vector<History> panel(int customers, bool whole) {
    std::mt19937_64 engine(7);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::vector<History> histories;
    for (int i = 0; i < customers; ++i) {
        History history{};
        history.T = whole ? std::floor(2.0 + 10.0 * uniform(engine)) : 4.0 + 60.0 * uniform(engine);
        history.x = std::floor(uniform(engine) * uniform(engine) * (whole ? history.T + 1.0 : 25.0));
        // bought not too long ago, so that being alive is no rare event
        history.t_x = history.x == 0.0 ? 0.0 : (1.0 - 2.0 / (3.0 + history.x) * uniform(engine)) * history.T;
        if (whole && history.x > 0.0) {
            history.t_x = std::floor(history.x + uniform(engine) * (history.T - history.x + 1.0));
        }
        histories.push_back(history);
    }
    return histories;
}

test::Agreement agreement(const SimulationResult& result, const std::function<double(std::size_t)>& truth) {
    return test::agreement(result.actions[0].mean, result.actions[0].se, truth);
}

TEST(RetailLaw, PanelsMeanWhatTheirClosedFormsSay) {
    const double weeks = 9 * weeks_per_month;
    const SimulationPlan plan = retail_law_plan(20'000);
    const std::vector<History> histories = panel(200, false);
    const auto bg = [&](std::size_t i) { return bg_nbd_expectation(bg_nbd, histories[i], weeks); };
    EXPECT_TRUE(agreement(simulate_retail(columns_of(PurchaseLaw::bg_nbd, bg_nbd, histories), plan), bg).holds());
    const auto pareto = [&](std::size_t i) { return pareto_nbd_expectation(pareto_nbd, histories[i], weeks); };
    const RetailColumns columns = columns_of(PurchaseLaw::pareto_nbd, pareto_nbd, histories);
    EXPECT_TRUE(agreement(simulate_retail(columns, plan), pareto).holds());

    RetailColumns planted = columns;
    planted.draws[0].purchase[3] *= 1.2;
    EXPECT_FALSE(agreement(simulate_retail(planted, plan), pareto).holds());
}

TEST(RetailLaw, OpportunitiesOfBgBb) {
    const std::vector<History> histories = panel(200, true);
    RetailColumns columns = columns_of(PurchaseLaw::bg_bb, donations, histories);
    columns.time_unit = TimeUnit::year;
    const auto truth = [&](std::size_t i) { return bg_bb_expectation(donations, histories[i], 5); };
    EXPECT_TRUE(agreement(simulate_retail(columns, retail_law_plan(20'000, 60)), truth).holds());
    // a horizon that ends a month before the fifth opportunity has four
    const auto four = [&](std::size_t i) { return bg_bb_expectation(donations, histories[i], 4); };
    EXPECT_TRUE(agreement(simulate_retail(columns, retail_law_plan(20'000, 59)), four).holds());
    EXPECT_FALSE(agreement(simulate_retail(columns, retail_law_plan(20'000, 59)), truth).holds());
}

/// Expected value of a customer of NBD with Gamma-Gamma spend, by month.
double nbd_value(const SimulationPlan& plan, double r, double alpha, const History& h, const SpendParameters& spend) {
    const auto [p, q, v] = spend;
    const double mean = p * (v + h.x * h.mean_spend) / (q + p * h.x - 1.0);
    const std::vector<double> discount = discount_factors(plan.settings);
    return (r + h.x) / (alpha + h.T) * weeks_per_month * mean * std::accumulate(discount.begin(), discount.end(), 0.0);
}

TEST(RetailLaw, ValueIsDiscountedSpend) {
    std::vector<History> histories = panel(100, false);
    for (History& history : histories) {
        history.mean_spend = history.x > 0.0 ? 20.0 + history.T : 0.0;
    }
    const double r = 0.384768;
    const double alpha = 12.072085;
    const RetailColumns columns = columns_of(PurchaseLaw::nbd, {r, alpha, 0.0, 0.0}, histories, cdnow_spend);
    const SimulationPlan plan = retail_law_plan(40'000, 24, 0.12);
    const auto truth = [&](std::size_t i) { return nbd_value(plan, r, alpha, histories[i], cdnow_spend); };
    EXPECT_TRUE(agreement(simulate_retail(columns, plan), truth).holds());
    RetailColumns planted = columns;
    planted.draws[0].spend[1] *= 1.02;
    EXPECT_FALSE(agreement(simulate_retail(planted, plan), truth).holds());
}

TEST(RetailLaw, ACalendarDrivesEverybodysRate) {
    const double r = 0.384768;
    const double alpha = 12.072085;
    RetailColumns columns = columns_of(PurchaseLaw::nbd, {r, alpha, 0.0, 0.0}, {{2, 30.43, 38.86}});
    CalendarDraw& calendar = columns.draws[0].calendar;
    calendar.level = 0.1;
    calendar.level_sd = 0.1;
    calendar.cycle_on_level = -0.5;
    calendar.cycle_sd = 0.2;
    calendar.persistence = 0.6;
    calendar.cycle_step_sd = 0.15;
    calendar.level_step_sd = 0.02;
    calendar.seasonal = {0.0, 0.3, -0.1};
    double clock = 0.0;
    double slope = 1.0;  // of the cycle on what it was at the beginning
    double cycle_variance = 0.0;
    for (int week = 0; week < 26; ++week) {
        slope *= 0.6;
        cycle_variance = 0.36 * cycle_variance + 0.15 * 0.15;
        const double on_level = 1.0 - 0.5 * slope;
        const double variance =
            std::pow(on_level * 0.1, 2) + std::pow(slope * 0.2, 2) + cycle_variance + (week + 1) * 0.02 * 0.02;
        const double mean = 0.1 + calendar.seasonal[std::min<std::size_t>(static_cast<std::size_t>(week), 2)];
        clock += std::exp(mean + 0.5 * variance);
    }
    const CountFigures figures = count_purchases(columns, 26.0);
    // calendars differ between paths: the standard error of independent paths holds all the same
    EXPECT_TRUE(within_4_se(figures, (r + 2.0) / (alpha + 38.86) * clock)) << figures.mean;
    EXPECT_FALSE(within_4_se(figures, (r + 2.0) / (alpha + 38.86) * 26.0));
}

TEST(RetailLaw, ActionsChangeRateDropoutAndPrice) {
    const History customer{2, 30.43, 38.86};
    const double margin = 0.4;
    RetailColumns columns = columns_of(PurchaseLaw::bg_nbd, bg_nbd, {customer});
    columns.margin.assign(1, margin);
    SimulationPlan plan = retail_law_plan(1'000'000, 12);
    plan.actions.resize(4);
    plan.actions[0].name = "discount";
    plan.actions[0].price_multiplier.median = 0.9;
    plan.actions[0].cost = 0.01;
    plan.actions[1].name = "loyalty";
    plan.actions[1].hazard_multiplier.median = 0.0;
    plan.actions[2].name = "nothing";
    plan.actions[2].acceptance = 0.5;
    plan.actions[2].cost_if_accepted = 0.25;
    plan.actions[2].monthly_cost = 0.01;
    plan.actions[2].duration_months = 3;
    plan.actions[3].name = "half of them more often, for a while";
    plan.actions[3].revenue_multiplier.median = 2.0;
    plan.actions[3].acceptance = 0.5;
    plan.actions[3].duration_months = 3;
    const SimulationResult result = simulate_retail(columns, plan);
    const double weeks = 12 * weeks_per_month;
    const double purchases = bg_nbd_expectation(bg_nbd, customer, weeks);
    const auto expect = [&](std::size_t action, double profit) {
        const UpliftFigures& uplift = result.uplift[action];
        EXPECT_NEAR(uplift.expected_profit[0], profit, 4.0 * uplift.expected_profit_se[0]) << action;
        EXPECT_GT(uplift.expected_profit_se[0], 0.0);
    };
    expect(0, -0.1 * purchases - 0.01);
    const double alive = purchase_posterior(PurchaseLaw::bg_nbd, bg_nbd, 2, 30.43, 38.86).alive;
    expect(1, margin * (alive * (bg_nbd[0] + 2) / (bg_nbd[1] + 38.86) * weeks - purchases));
    EXPECT_NEAR(result.uplift[2].cost[0], -result.uplift[2].expected_profit[0], 0.001);
    EXPECT_LT(result.uplift[2].expected_profit[0], -0.125 - 0.5 * 0.01 * 3.0 * 0.6);
    EXPECT_GT(result.uplift[2].expected_profit[0], -0.125 - 0.5 * 0.01 * 3.0 * alive);
    // twice the rate for three months is the purchases of fifteen
    expect(3, 0.5 * margin * (bg_nbd_expectation(bg_nbd, customer, weeks + 3 * weeks_per_month) - purchases));
}

TEST(RetailLaw, ParetoDropoutUnderAnAction) {
    const History customer{2, 30.43, 38.86};
    const RetailColumns columns = columns_of(PurchaseLaw::pareto_nbd, pareto_nbd, {customer});
    SimulationPlan plan = retail_law_plan(1'000'000, 12);
    plan.actions.resize(1);
    plan.actions[0].name = "loyalty";
    plan.actions[0].hazard_multiplier.median = 0.0;
    const SimulationResult result = simulate_retail(columns, plan);
    const double alive = purchase_posterior(PurchaseLaw::pareto_nbd, pareto_nbd, 2, 30.43, 38.86).alive;
    const double weeks = 12 * weeks_per_month;
    const double profit = alive * (pareto_nbd[0] + 2) / (pareto_nbd[1] + 38.86) * weeks -
                          pareto_nbd_expectation(pareto_nbd, customer, weeks);
    EXPECT_NEAR(result.uplift[0].expected_profit[0], profit, 4.0 * result.uplift[0].expected_profit_se[0]);
}

TEST(RetailLaw, ParametersAreDrawnInEqualShares) {
    RetailColumns columns = columns_of(PurchaseLaw::nbd, {1.0, 10.0, 0.0, 0.0}, {{2, 30.0, 40.0}});
    columns.draws.push_back(RetailDraw{{5.0, 10.0, 0.0, 0.0}, counts, {}});
    const CountFigures figures = count_purchases(columns, 39.0);
    EXPECT_TRUE(within_4_se(figures, 0.5 * (3.0 + 7.0) / 50.0 * 39.0)) << figures.mean;
}

TEST(RetailLaw, RefusesWhatItCannotSimulate) {
    RetailColumns columns = columns_of(PurchaseLaw::nbd, {1.0, 10.0, 0.0, 0.0}, {{2, 30.0, 40.0}}, {6.0, 0.9, 15.0});
    EXPECT_THROW((void)simulate_retail(columns, retail_law_plan(16)), ModelError);
    columns.draws[0].spend = cdnow_spend;
    SimulationPlan plan = retail_law_plan(16);
    plan.settings.sampler = Sampler::sobol;
    EXPECT_THROW((void)simulate_retail(columns, plan), ConfigError);
    columns.draws.resize(3, columns.draws[0]);
    EXPECT_THROW((void)simulate_retail(columns, retail_law_plan(16)), ModelError);
}

}  // namespace
}  // namespace clv
