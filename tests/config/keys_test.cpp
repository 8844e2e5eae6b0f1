// What every key is read into, and what the table of keys says of it.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "clv/config/keys.hpp"
#include "clv/config/load_config.hpp"
#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "config/config_cases.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::TemporaryFolder;
using test::with_settings;

TEST(Config, NothingGivenMeansDefaults) {
    const RunConfig config = load_config({});
    EXPECT_EQ(config.simulation.paths, SimulationSettings{}.paths);
    EXPECT_FALSE(config.optimizer.budget.has_value());
    EXPECT_FALSE(config.survival.source.has_value());
    EXPECT_TRUE(config.actions.empty());
}

TEST(Config, EveryKeyOfAFileIsRead) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.toml", R"(
generate = { kind = "subscription", customers = 7, seed = 8 }
[input]
customers = "data/c.csv"
model = "m/model.json"
segment_by = ["Contract", "Payment"]
on_fault = "reject_rows"
[input.columns]
monthly_revenue = "MonthlyCharges"
survival_12 = "S12"
[input.defaults]
margin = 0.3
churned = "no"
[fit]
model = "pareto_nbd"
spend_model = "gamma_gamma"
[survival]
source = "sbg"
curves = "/abs/curves.csv"
alpha = 1
beta = 2.5
period_months = 12
[simulation]
paths = 134217728
horizon_months = 120
seed = 9223372036854775807
discount_rate = -0.5
discount_timing = "start"
churn_timing = "start"
quantiles = [0.025, 0.5]
cvar_level = 0.1
cashflow = true
sampler = "sobol"
target_se = 0.5
target_se_kind = "absolute"
target_se_quantile = 0.025
max_paths = 134217728
[market]
revenue_volatility = 0.2
hazard_sensitivity = -1
[[actions]]
name = "none"
[[actions]]
name = "call"
cost = 5
cost_if_accepted = 1.5
monthly_cost = 0.25
monthly_cost_share = 0.05
acceptance = 0.4
duration_months = 6
hazard_multiplier = 0.8
revenue_multiplier = { median = 1.1, log_sd = 0.1 }
price_multiplier = { median = 0.95, log_sd = 0.01, customer_log_sd = 0.2 }
eligible = "segment == 'Basic'"
[[scenarios]]
name = "rain"
hazard_multiplier = 1.5
revenue_multiplier = 0.75
price_multiplier = 1.25
discount_rate = 0.125
market_shift = -2
[optimizer]
budget = 1000
[execution]
backend = "cpu"
threads = 3
[output]
dir = "../out"
)");
    const RunConfig c = load_config({file, {}});
    EXPECT_EQ(c.generate.kind, "subscription");
    EXPECT_EQ(c.generate.customers, 7);
    EXPECT_EQ(c.generate.seed, 8U);
    EXPECT_EQ(c.input.customers, (folder.path() / "data/c.csv").string());
    EXPECT_EQ(c.input.segment_by, (std::vector<std::string>{"Contract", "Payment"}));
    EXPECT_EQ(c.input.on_fault, OnFault::reject_rows);
    EXPECT_EQ(c.input.model, (folder.path() / "m/model.json").string());
    EXPECT_EQ(c.fit.model, PurchaseLaw::pareto_nbd);
    EXPECT_EQ(c.fit.spend_model, SpendModel::gamma_gamma);
    EXPECT_EQ(c.input.columns.at("monthly_revenue"), "MonthlyCharges");
    EXPECT_EQ(c.input.columns.at("survival_12"), "S12");
    EXPECT_EQ(c.input.defaults.at("margin"), "0.3");
    EXPECT_EQ(c.input.defaults.at("churned"), "no");
    EXPECT_EQ(c.survival.source, SurvivalSource::sbg);
    EXPECT_EQ(c.survival.curves, "/abs/curves.csv");
    EXPECT_EQ(c.survival.alpha, 1.0);
    EXPECT_EQ(c.survival.beta, 2.5);
    EXPECT_EQ(c.survival.period_months, 12);
    EXPECT_EQ(c.simulation.paths, 134'217'728);
    EXPECT_EQ(c.simulation.horizon_months, 120);
    EXPECT_EQ(c.simulation.seed, 9'223'372'036'854'775'807ULL);
    EXPECT_EQ(c.simulation.discount_rate.value, -0.5);
    EXPECT_EQ(c.simulation.discount_timing, DiscountTiming::start);
    EXPECT_EQ(c.simulation.churn_timing, ChurnTiming::start);
    EXPECT_EQ(c.simulation.quantiles, (std::vector<double>{0.025, 0.5}));
    EXPECT_EQ(c.simulation.cvar_level, 0.1);
    EXPECT_TRUE(c.simulation.cashflow);
    EXPECT_EQ(c.simulation.sampler, Sampler::sobol);
    ASSERT_TRUE(c.simulation.target.has_value());
    EXPECT_EQ(c.simulation.target->se, 0.5);
    EXPECT_EQ(c.simulation.target->kind, PrecisionKind::absolute);
    EXPECT_EQ(c.simulation.target->quantile, 0.025);
    EXPECT_EQ(c.simulation.target->max_paths, 134'217'728);
    EXPECT_EQ(c.market.revenue_volatility, 0.2);
    EXPECT_EQ(c.market.hazard_sensitivity, -1.0);
    ASSERT_EQ(c.actions.size(), 1U) << "none is implied, not kept";
    const Action& call = c.actions[0];
    EXPECT_EQ(call.name, "call");
    EXPECT_EQ(call.cost, 5.0);
    EXPECT_EQ(call.cost_if_accepted, 1.5);
    EXPECT_EQ(call.monthly_cost, 0.25);
    EXPECT_EQ(call.monthly_cost_share, 0.05);
    EXPECT_EQ(call.acceptance, 0.4);
    EXPECT_EQ(call.duration_months, 6);
    EXPECT_EQ(call.hazard_multiplier.median, 0.8);
    EXPECT_TRUE(call.hazard_multiplier.is_certain());
    EXPECT_EQ(call.revenue_multiplier.log_sd, 0.1);
    EXPECT_EQ(call.price_multiplier.median, 0.95);
    EXPECT_EQ(call.price_multiplier.customer_log_sd, 0.2);
    EXPECT_EQ(call.eligible, "segment == 'Basic'");
    ASSERT_EQ(c.scenarios.size(), 1U);
    EXPECT_EQ(c.scenarios[0].name, "rain");
    EXPECT_EQ(c.scenarios[0].hazard_multiplier, 1.5);
    EXPECT_EQ(c.scenarios[0].revenue_multiplier, 0.75);
    EXPECT_EQ(c.scenarios[0].price_multiplier, 1.25);
    ASSERT_TRUE(c.scenarios[0].discount_rate.has_value());
    EXPECT_EQ(c.scenarios[0].discount_rate->value, 0.125);
    EXPECT_EQ(c.scenarios[0].market_shift, -2.0);
    EXPECT_EQ(c.optimizer.budget, 1000.0);
    EXPECT_EQ(c.execution.backend, "cpu");
    EXPECT_EQ(c.execution.threads, 3);
    EXPECT_EQ(c.output.dir, (folder.path().parent_path() / "out").string());
}

TEST(Config, OneKeyNamesModelsOfPurchasesAndOfContracts) {
    const auto with = [](std::vector<Override> overrides) { return load_config({"", std::move(overrides)}); };
    const RunConfig contract = with({{"fit.model", "bg_nbd", "a"}, {"fit.model", "bdw", "b"}});
    EXPECT_EQ(contract.fit.contract, ContractLaw::bdw);
    EXPECT_FALSE(contract.fit.model.has_value());
    EXPECT_NE(config_as_json(contract).find("\"model\": \"bdw\""), std::string::npos);
    EXPECT_FALSE(with({{"fit.model", "sbg", "a"}, {"fit.model", "nbd", "b"}}).fit.contract.has_value());
    EXPECT_THROW((void)with({{"fit.model", "sgb", "a"}}), ConfigError);
    EXPECT_NE(config_hash(contract), config_hash(with({{"fit.model", "sbg", "a"}})));
}

TEST(Config, ParameterUncertaintyIsAWordOrYesAndNo) {
    const auto of = [](const std::string& value) {
        return load_config({"", {{"fit.parameter_uncertainty", value, "--set"}}}).fit.parameter_uncertainty;
    };
    EXPECT_EQ(RunConfig{}.fit.parameter_uncertainty, ParameterUncertainty::laplace);
    EXPECT_EQ(of("true"), ParameterUncertainty::laplace);
    EXPECT_EQ(of("false"), ParameterUncertainty::none);
    EXPECT_EQ(of("bootstrap"), ParameterUncertainty::bootstrap);
    EXPECT_EQ(of("none"), ParameterUncertainty::none);
    EXPECT_THROW((void)of("some"), ConfigError);
}

TEST(Config, EightActionsBesidesNoneAreAccepted) {
    std::string list = "{name='none'}";
    for (int i = 1; i <= max_actions; ++i) {
        list += fmt::format(",{{name='{}'}}", i);
    }
    EXPECT_EQ(with_settings({"actions=[" + list + "]"}).actions.size(), static_cast<std::size_t>(max_actions));
}

TEST(ConfigKeys, TableIsCompleteAndShowsTheDefaultsOfTheStructs) {
    std::map<std::string, ConfigKey> keys;
    for (const ConfigKey& key : config_keys()) {
        EXPECT_TRUE(keys.emplace(key.name, key).second) << key.name << " stands twice";
        EXPECT_FALSE(key.meaning.empty()) << key.name;
        EXPECT_FALSE(key.type.empty()) << key.name;
    }
    EXPECT_EQ(keys.at("simulation.paths").default_value, std::to_string(SimulationSettings{}.paths));
    EXPECT_EQ(keys.at("simulation.discount_timing").default_value, "\"mid\"");
    EXPECT_EQ(keys.at("optimizer.budget").default_value, "");
    EXPECT_EQ(keys.at("actions.acceptance").default_value, "1.0");
    EXPECT_EQ(keys.at("optimizer.limits.column").default_value, "\"cost\"");
    EXPECT_EQ(keys.at("optimizer.frontier_points").default_value, "200");
    EXPECT_TRUE(keys.contains("input.columns.NAME"));
    EXPECT_FALSE(keys.at("execution.threads").statistical);
    EXPECT_TRUE(keys.at("simulation.seed").statistical);
}

}  // namespace
}  // namespace clv
