// Count probabilities, expectations and discounted residuals of every purchase law against integrals over customers'
// own rates and dropout, hard corners included.

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/trait_integrals.hpp"

namespace clv {
namespace {

struct Corner {
    std::string name;
    PurchaseModel model;
    std::vector<double> horizons;
    std::vector<int> counts;
};

std::vector<Corner> corners() {
    const auto at = [](PurchaseLaw law, const PurchaseParameters& parameters) {
        return PurchaseModel{law, parameters, TimeUnit::week};
    };
    const std::vector<int> few{0, 1, 2, 5, 12};
    const std::vector<int> many{0, 1, 40, 200, 400};
    return {
        {"bg_nbd", at(PurchaseLaw::bg_nbd, {.243, 4.414, .793, 2.426}), {0.0, 0.1, 39.0}, few},
        {"bg_nbd, a + b < 1", at(PurchaseLaw::bg_nbd, {.2, 4.0, .1, .2}), {5.0, 500.0}, few},
        {"bg_nbd, hundreds", at(PurchaseLaw::bg_nbd, {2.0, 0.3, .5, 20.0}), {52.0}, many},
        {"mbg_nbd", at(PurchaseLaw::mbg_nbd, {.525, 6.183, .891, 1.614}), {0.0, 0.1, 39.0}, few},
        {"mbg_nbd, a + b < 1", at(PurchaseLaw::mbg_nbd, {.2, 4.0, .1, .2}), {5.0, 500.0}, few},
        {"pareto_nbd", at(PurchaseLaw::pareto_nbd, {.553, 10.578, .606, 11.669}), {0.0, 0.1, 39.0}, few},
        {"pareto_nbd, beta far below alpha", at(PurchaseLaw::pareto_nbd, {.3, 300.0, .4, .05}), {1.0, 300.0}, few},
        {"pareto_nbd, hundreds", at(PurchaseLaw::pareto_nbd, {3.0, 0.5, 1.5, 40.0}), {52.0}, {0, 1, 40, 200}},
        {"bg_bb", at(PurchaseLaw::bg_bb, {1.2, .75, .66, 2.78}), {0.0, 1.0, 6.0, 40.0}, few},
        {"bg_bb, small shapes", at(PurchaseLaw::bg_bb, {.2, .1, .15, .3}), {6.0, 40.0}, few},
        {"nbd", at(PurchaseLaw::nbd, {.385, 12.07, 0.0, 0.0}), {0.0, 0.1, 39.0}, few},
        {"nbd, hundreds", at(PurchaseLaw::nbd, {2.0, 0.3, 0.0, 0.0}), {52.0}, many},
    };
}

TEST(PurchaseIntegrals, CountProbabilities) {
    for (const Corner& corner : corners()) {
        for (const double t : corner.horizons) {
            for (const int n : corner.counts) {
                const double probability = corner.model.count_probability(n, t);
                if (t == 0.0) {
                    EXPECT_EQ(probability, n == 0 ? 1.0 : 0.0) << corner.name;
                    continue;
                }
                const double truth = test::count_probability(corner.model, n, t, 0.25 / std::sqrt(1.0 + n));
                EXPECT_NEAR(probability, truth, 1e-10 * truth + 1e-14) << corner.name << ": " << n << " in " << t;
            }
        }
    }
}

struct History {
    double x;
    double recency;
    double age;
};

std::vector<History> histories(const PurchaseModel& model) {
    if (model.law == PurchaseLaw::bg_bb) {
        return {{0, 0, 0}, {0, 0, 6}, {1, 1, 6}, {3, 5, 6}, {6, 6, 6}};
    }
    return {{0, 0, 0}, {0, 0, 38.86}, {2, 30.43, 38.86}, {26, 30.86, 31.0}, {300, 51.5, 52.0}};
}

TEST(PurchaseIntegrals, AliveExpectedAndDiscounted) {
    for (const Corner& corner : corners()) {
        for (const History& h : histories(corner.model)) {
            const test::Traits traits(corner.model, h.x, h.recency, h.age, 0.25);
            const std::string where = corner.name + ": x = " + std::to_string(h.x) + ", T = " + std::to_string(h.age);
            EXPECT_NEAR(corner.model.p_alive(h.x, h.recency, h.age), traits.alive(), 1e-10 * traits.alive()) << where;
            const double expected = traits.expected(39.0);
            EXPECT_NEAR(corner.model.conditional_expectation(h.x, h.recency, h.age, 39.0), expected, 1e-10 * expected)
                << where;
            for (const double rate : {0.15 / 52.0, 0.1}) {
                const double truth = traits.discounted(rate);
                EXPECT_NEAR(corner.model.discounted_residual(h.x, h.recency, h.age, rate), truth, 1e-10 * truth)
                    << where << ", rate " << rate;
            }
        }
    }
}

TEST(PurchaseIntegrals, SeeAnErrorOfAMillionth) {
    const PurchaseModel model{PurchaseLaw::bg_nbd, {.243, 4.414, .793, 2.426}, TimeUnit::week};
    PurchaseModel planted = model;
    planted.parameters[3] *= 1.0 + 1e-6;
    const double truth = test::Traits(model, 2, 30.43, 38.86, 0.25).discounted(0.01);
    EXPECT_NEAR(model.discounted_residual(2, 30.43, 38.86, 0.01), truth, 1e-10 * truth);
    EXPECT_GT(std::abs(planted.discounted_residual(2, 30.43, 38.86, 0.01) - truth), 1e-9 * truth);
}

}  // namespace
}  // namespace clv
