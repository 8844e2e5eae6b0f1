// Effects of covariates reach the paths: they are the customers' own factors, draw by draw.

#include <gtest/gtest.h>

#include "clv/core/errors.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {
namespace {

RetailColumns two_customers(PurchaseLaw law) {
    RetailColumns columns;
    columns.law = law;
    columns.id_hash = {1, 2};
    columns.frequency = {2, 5};
    columns.recency = {20, 31};
    columns.age = {40, 33};
    columns.monetary_value = {0, 0};
    columns.margin.assign(2, 1.0);
    columns.draws = {{{0.5, 6.0, 0.8, 3.0}, {}, {}}, {{0.6, 7.0, 0.7, 4.0}, {}, {}}};
    return columns;
}

std::vector<std::int64_t> values(const RetailColumns& columns) {
    SimulationPlan plan;
    plan.settings.paths = 512;
    plan.settings.horizon_months = 12;
    NoProgress progress;
    return make_cpu_backend(2)->run(columns, plan, progress).totals.values;
}

TEST(Covariates, EffectsAreFactors) {
    for (const PurchaseLaw law : {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd}) {
        const RetailColumns plain = two_customers(law);
        RetailColumns effects = plain;
        effects.covariates = {{0.0, 1.0}, {2.0, -1.0}};
        for (RetailDraw& draw : effects.draws) {
            draw.rate_effects = {0.4, 0.1};
            draw.dropout_effects = {-0.3, 0.2};
        }
        RetailColumns factors = plain;
        factors.rate_factor = {elementary::exp(0.4 * 0.0 + 0.1 * 2.0), elementary::exp(0.4 * 1.0 + 0.1 * -1.0)};
        factors.dropout_factor = {elementary::exp(-0.3 * 0.0 + 0.2 * 2.0), elementary::exp(-0.3 * 1.0 + 0.2 * -1.0)};
        EXPECT_EQ(values(effects), values(factors));
        EXPECT_NE(values(effects), values(plain));
        effects.draws[1].dropout_effects = {-0.3, 0.7};
        EXPECT_NE(values(effects), values(factors));  // a draw has effects of its own
        effects.covariates.pop_back();
        EXPECT_THROW((void)values(effects), ModelError);
    }
}

}  // namespace
}  // namespace clv
