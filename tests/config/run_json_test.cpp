// A run.json is a configuration too; and the hash of one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/config/values.hpp"
#include "config/config_cases.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::names_of;
using test::refusal;
using test::TemporaryFolder;
using test::with_settings;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(RunJson, RepeatsTheRun) {
    const TemporaryFolder folder;
    const std::string file = folder.write("in/a.toml", R"(
input.customers = "c.csv"
input.columns.margin = "M"
input.defaults.market_beta = 0.1
survival.source = "kaplan_meier"
simulation = { discount_rate = 0.1, quantiles = [0.1, 0.3], seed = 18, cashflow = true, target_se = 0.1 }
execution.threads = 2
output.dir = "out"
actions = [{name="a", cost=0.1, duration_months=3, price_multiplier={median=0.9, log_sd=0.3}}, {name="b"}]
scenarios = [{name="x", discount_rate=[0.1, 0.3]}, {name="y", market_shift=-1}]
)");
    const RunConfig first = load_config({file, {}});
    const nlohmann::json run{{"program_version", "1"}, {"config", nlohmann::json::parse(config_as_json(first))}};
    const RunConfig second = load_config({folder.write("elsewhere/run.json", run.dump()), {}});
    EXPECT_EQ(config_as_json(second), config_as_json(first));
    EXPECT_EQ(config_hash(second), config_hash(first));
    EXPECT_EQ(second.input.customers, (folder.path() / "in/c.csv").string());
    EXPECT_EQ(second.output.dir, (folder.path() / "in/out").string());
    EXPECT_EQ(second.actions.at(0).price_multiplier.log_sd, 0.3);
    EXPECT_EQ(second.actions.at(0).duration_months, 3);
    EXPECT_FALSE(second.actions.at(1).duration_months.has_value());
    EXPECT_EQ(names_of(second.scenarios),
              (std::vector<std::string>{"x discount_rate=0.1", "x discount_rate=0.3", "y"}));
    EXPECT_EQ(second.scenarios.at(1).discount_rate->value, 0.3);
    EXPECT_FALSE(second.scenarios.at(2).discount_rate.has_value());
    EXPECT_EQ(second.simulation.target->se, 0.1);
    EXPECT_FALSE(second.simulation.target->max_paths.has_value());
}

TEST(RunJson, OfDefaultsCanBeReadBack) {
    const TemporaryFolder folder;
    const std::string file = folder.write("run.json", R"({"config": )" + config_as_json({}) + "}");
    EXPECT_EQ(config_as_json(load_config({file, {}})), config_as_json({}));
}

TEST(RunJson, HoldsAbsolutePathsOfOverrides) {
    const auto json = nlohmann::json::parse(config_as_json(with_settings({"input.customers=x/../c.csv"})));
    EXPECT_EQ(json["input"]["customers"], (std::filesystem::current_path() / "c.csv").string());
}

TEST(RunJson, FaultsAreRefused) {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& text) {
        const std::string file = folder.write("run.json", text);
        return refusal([&] { (void)load_config({file, {}}); });
    };
    EXPECT_THAT(refused("{\n \"config\": {,}}"), HasSubstr("run.json: it is no JSON (2:13))"));
    EXPECT_THAT(
        refused(R"({"config": {"simulation": {"seed": 1, "paths": 2, "seed": 3}}})"),
        AllOf(HasSubstr("run.json: member \"config.simulation.seed\" stands there twice"), HasSubstr("give a")));
    EXPECT_THAT(refused("{}"), HasSubstr("\"config\" is missing"));
    EXPECT_THAT(refused("[]"), HasSubstr("\"config\" is missing"));
    EXPECT_THAT(refused(R"({"config": {"simulation": {"paths": 0}}})"),
                AllOf(HasSubstr("simulation.paths is 0"), HasSubstr("run.json)")));
    EXPECT_THAT(refused(R"({"config": {"simulation": {"seed": 18446744073709551615}}})"), HasSubstr("out of range"));
    EXPECT_THAT(refused(R"({"config": {"simulation": {"paths": null}}})"), HasSubstr("not null"));
}

TEST(Config, LimitsSurviveRunJson) {
    const TemporaryFolder folder;
    const RunConfig config = with_settings(
        {"optimizer.limits=[{name='few',column='count',segment='north',min=2,max=9},{name='roi',min_roi=1.5},"
         "{name='hours',column='cost_hours',action='call',max=7.25}]",
         "optimizer.budget=100", "optimizer.objective=mean_cvar", "optimizer.require_choice=true"});
    const std::string file = folder.write("run.json", R"({"config": )" + config_as_json(config) + "}");
    const RunConfig again = load_config({file, {}});
    EXPECT_EQ(config_hash(again), config_hash(config));
    ASSERT_EQ(again.optimizer.limits.size(), 3U);
    EXPECT_EQ(again.optimizer.limits[0].segment, "north");
    EXPECT_EQ(again.optimizer.limits[0].min, 2.0);
    EXPECT_EQ(again.optimizer.limits[0].max, 9.0);
    EXPECT_EQ(again.optimizer.limits[1].min_roi, 1.5);
    EXPECT_EQ(again.optimizer.limits[2].column, "cost_hours");
    EXPECT_EQ(again.optimizer.limits[2].action, "call");
    EXPECT_EQ(again.optimizer.objective, Objective::mean_cvar);
    EXPECT_TRUE(again.optimizer.require_choice);
    EXPECT_EQ(with_settings({"optimizer.limits=[{name='a',max=1}]", "optimizer.limits=[]"}).optimizer.limits.size(),
              0U);
}

TEST(ConfigHash, IsThatOfStatisticalKeysOnly) {
    const std::string hash = config_hash({});
    EXPECT_EQ(hash.size(), 64U);
    for (const char* same :
         {"execution.threads=7", "execution.backend=cpu", "output.dir=elsewhere", "input.customers=c.csv",
          "generate.seed=9", "simulation.paths=10000", "simulation.discount_rate=1e-1",
          "market.hazard_sensitivity=-0.0", "market.revenue_volatility=0", "actions=[{name='none'}]"}) {
        EXPECT_EQ(config_hash(with_settings({same})), hash) << same;
    }
    for (const char* other :
         {"simulation.paths=9999", "simulation.seed=2", "simulation.discount_rate=0.1000000000000001",
          "simulation.cashflow=true", "survival.source=sbg", "optimizer.budget=0", "actions=[{name='a'}]",
          "input.columns.margin=m", "input.on_fault=reject_rows", "simulation.sampler=sobol",
          "simulation.target_se=0.1", "scenarios=[{name='a'}]", "optimizer.exact=true",
          "optimizer.limits=[{name='a',max=1}]", "optimizer.frontier_points=20"}) {
        EXPECT_NE(config_hash(with_settings({other})), hash) << other;
    }
    EXPECT_NE(config_hash(with_settings({"actions=[{name='a'}]"})),
              config_hash(with_settings({"actions=[{name='a',cost=1}]"})));
}

}  // namespace
}  // namespace clv
