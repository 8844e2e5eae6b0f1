#include "clv/config/load_config.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "clv/config/keys.hpp"
#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "pipeline/temporary_folder.hpp"

namespace clv {
namespace {

using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

RunConfig with_settings(const std::vector<std::string>& settings, const std::string& file = "") {
    ConfigSources sources{file, {}};
    for (const std::string& setting : settings) {
        sources.overrides.push_back(parse_override(setting));
    }
    return load_config(sources);
}

/// The message of the ConfigError that `work` throws; empty if it throws none.
template <class Work>
std::string refusal(Work work) {
    try {
        work();
    } catch (const ConfigError& error) {
        EXPECT_EQ(error.exit_code(), ExitCode::usage);
        return error.what();
    }
    return "";
}

std::string refusal_of(const std::string& setting) {
    return refusal([&] { (void)with_settings({setting}); });
}

std::string refusal_of_file(const std::string& text) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.toml", text);
    return refusal([&] { (void)load_config({file, {}}); });
}

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

TEST(Config, OverridesWinOverTheFileAndLaterOnesOverEarlier) {
    const TemporaryFolder folder;
    const std::string file =
        folder.write("a.toml", "simulation.paths = 5\nsimulation.seed = 6\n[[actions]]\nname='a'\n");
    const RunConfig c =
        with_settings({"simulation.paths=7", "simulation.paths=8", "actions=[{name=\"x\"},{name=\"y\"}]"}, file);
    EXPECT_EQ(c.simulation.paths, 8);
    EXPECT_EQ(c.simulation.seed, 6U);
    ASSERT_EQ(c.actions.size(), 2U);
    EXPECT_EQ(c.actions[1].name, "y");
}

TEST(Config, OverridesAreTomlOrBareText) {
    EXPECT_EQ(with_settings({"input.customers=data/my file.csv"}).input.customers, "data/my file.csv");
    EXPECT_EQ(with_settings({"input.customers=\"quoted.csv\""}).input.customers, "quoted.csv");
    EXPECT_EQ(with_settings({"input.customers=a=b.csv"}).input.customers, "a=b.csv");
    EXPECT_EQ(with_settings({"output.dir=2024"}).output.dir, "2024");
    EXPECT_EQ(with_settings({"output.dir=2024-01-31"}).output.dir, "2024-01-31");
    EXPECT_EQ(with_settings({"output.dir=true"}).output.dir, "true");
    EXPECT_EQ(with_settings({"input.columns.margin=007"}).input.columns.at("margin"), "007");
    EXPECT_EQ(with_settings({"input.columns={margin='M', customer_id='Id'}"}).input.columns.size(), 2U);
    EXPECT_EQ(with_settings({"input.defaults.margin=0.25"}).input.defaults.at("margin"), "0.25");
    EXPECT_EQ(with_settings({"input.segment_by=Contract"}).input.segment_by, std::vector<std::string>{"Contract"});
    EXPECT_EQ(with_settings({" simulation.quantiles = [0.1, 0.9] "}).simulation.quantiles.size(), 2U);
    EXPECT_TRUE(with_settings({"simulation.cashflow=true"}).simulation.cashflow);
    EXPECT_EQ(with_settings({"output.dir=a\nsimulation.paths=3"}).simulation.paths, SimulationSettings{}.paths)
        << "a line break must not smuggle in another key";
}

TEST(Config, AnOverrideNeedsAKeyAndAValue) {
    for (const char* argument : {"simulation.paths", "=5", ""}) {
        EXPECT_THAT(refusal([&] { (void)parse_override(argument); }), HasSubstr("--set section.key=value"));
    }
}

struct Refused {
    std::string setting;
    std::vector<std::string> parts;  ///< of the message
};

void PrintTo(const Refused& refused, std::ostream* stream) {
    *stream << refused.setting;
}

class ConfigRefuses : public ::testing::TestWithParam<Refused> {};

TEST_P(ConfigRefuses, WithAMessageThatSaysWhy) {
    const std::string message = refusal_of(GetParam().setting);
    ASSERT_FALSE(message.empty()) << GetParam().setting << " was accepted";
    EXPECT_THAT(message, HasSubstr("(--set " + GetParam().setting + ")")) << "the place";
    for (const std::string& part : GetParam().parts) {
        EXPECT_THAT(message, HasSubstr(part));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Values, ConfigRefuses,
    ::testing::Values(
        Refused{"simulation.paths=0", {"simulation.paths is 0", "1 to 134217728", "(paths)"}},
        Refused{"simulation.paths=134217729", {"out of range"}}, Refused{"simulation.paths=-3", {"is -3"}},
        Refused{"simulation.paths=1.5", {"must be an integer", "not the number 1.5"}},
        Refused{"simulation.paths=many", {"not the text \"many\""}}, Refused{"simulation.paths=[1]", {"not a list"}},
        Refused{"simulation.paths.x=1", {"not a table"}},
        Refused{"simulation.horizon_months=0", {"is 0", "1 to 120", "months"}},
        Refused{"simulation.horizon_months=121", {"is 121", "1 to 120"}}, Refused{"simulation.seed=-1", {"is -1"}},
        Refused{"simulation.seed=9223372036854775808", {"must be an integer"}},
        Refused{"simulation.discount_rate=-1", {"is -1", ">= -0.5", "a year"}},
        Refused{"simulation.discount_rate=nan", {"finite"}}, Refused{"simulation.discount_rate=inf", {"finite"}},
        Refused{"simulation.discount_timing=middle", {"\"middle\"", "start, mid, end"}},
        Refused{"simulation.churn_timing=[1]", {"must be one of start, end", "not a list"}},
        Refused{"simulation.quantiles=[]", {"is empty"}}, Refused{"simulation.quantiles=0.5", {"list of numbers"}},
        Refused{"simulation.quantiles=[0.5, 0.5]", {"strictly increasing"}},
        Refused{"simulation.quantiles=[0.9, 0.1]", {"0.1 after 0.9"}},
        Refused{"simulation.quantiles=[0, 0.5]", {"> 0 and < 1"}},
        Refused{"simulation.quantiles=[0.5, 1]", {"> 0 and < 1"}},
        Refused{"simulation.quantiles=[0.5, 'x']", {"not the text \"x\""}},
        Refused{"simulation.cvar_level=0", {"> 0 and < 1"}}, Refused{"simulation.cvar_level=1", {"> 0 and < 1"}},
        Refused{"simulation.cashflow=1", {"true or false"}}, Refused{"simulation.cashflow=yes", {"true or false"}},
        Refused{"market.revenue_volatility=-0.1", {">= 0"}},
        Refused{"optimizer.budget=-1", {"optimizer.budget is -1", ">= 0", "currency"}},
        Refused{"optimizer.budget=lots", {"must be a number"}},
        Refused{"execution.backend=gpu", {"\"gpu\"", "auto, cpu, cuda"}}, Refused{"execution.threads=-1", {"is -1"}},
        Refused{"survival.source=kaplanmeier", {"churn_probability, curve, kaplan_meier, sbg"}},
        Refused{"survival.alpha=0", {"> 0"}}, Refused{"survival.period_months=0", {"is 0"}},
        Refused{"generate.kind=retial", {"subscription"}}, Refused{"generate.customers=0", {"is 0"}},
        Refused{"input.on_fault=ignore", {"refuse, reject_rows"}}, Refused{"input.segment_by=[1]", {"text in quotes"}},
        Refused{"input.columns.monthly_revenu=x", {"has no column monthly_revenu", "did you mean monthly_revenue?"}},
        Refused{"input.columns.survival_0=x", {"has no column survival_0"}},
        Refused{"input.columns=5", {"must be a table"}}, Refused{"input.customers=[1]", {"must be text"}}));

INSTANTIATE_TEST_SUITE_P(
    Keys, ConfigRefuses,
    ::testing::Values(Refused{"simulation.pahts=5", {"unknown key simulation.pahts", "did you mean simulation.paths?"}},
                      Refused{"simulation.budget=5", {"did you mean optimizer.budget?"}},
                      Refused{"simulation.zzz=5", {"the keys of [simulation] are paths, horizon_months"}},
                      Refused{"paths=5", {"unknown key paths", "did you mean simulation.paths?"}},
                      Refused{"simulatoin.paths=5", {"unknown section simulatoin", "did you mean simulation?"}},
                      Refused{"simulation=5", {"simulation is a section", "[simulation]"}},
                      Refused{"fit.holdout=1997-02-30", {"which is no day", "1997-09-30"}},
                      Refused{"input.series=t.csv", {"unknown key input.series"}},
                      Refused{"scenario=[{name='a'}]", {"unknown key scenario", "did you mean scenarios?"}},
                      Refused{"..paths=5", {"unknown"}}));

INSTANTIATE_TEST_SUITE_P(
    Actions, ConfigRefuses,
    ::testing::Values(
        Refused{"actions=5", {"list of tables", "[[actions]]"}}, Refused{"actions.name=x", {"list of tables"}},
        Refused{"actions=['x']", {"list of tables"}}, Refused{"actions=[{cost=1}]", {"no name"}},
        Refused{"actions=[{name='a'},{name='a'}]", {"two actions are called \"a\""}},
        Refused{"actions=[{name='none'},{name='none'}]", {"two actions are called \"none\""}},
        Refused{"actions=[{name='none', cost=1}]", {"\"none\" has cost"}},
        Refused{"actions=[{name='a', cst=1}]", {"unknown key actions.cst", "did you mean actions.cost?"}},
        Refused{"actions=[{name='a', cost=-1}]", {"actions.cost is -1", ">= 0", "currency"}},
        Refused{"actions=[{name='a', acceptance=1.5}]", {"is 1.5", ">= 0 and <= 1"}},
        Refused{"actions=[{name='a', duration_months=0}]", {"is 0", "months"}},
        Refused{"actions=[{name='a', hazard_multiplier=-1}]", {"is -1", ">= 0"}},
        Refused{"actions=[{name='a', hazard_multiplier='low'}]", {"{ median, log_sd, customer_log_sd }"}},
        Refused{"actions=[{name='a', price_multiplier={mean=1}}]", {"unknown key mean", "median"}},
        Refused{"actions=[{name='a', price_multiplier={log_sd=-1}}]", {"is -1"}},
        Refused{"actions=[{name='1'},{name='2'},{name='3'},{name='4'},{name='5'},{name='6'},{name='7'},{name='8'},"
                "{name='9'}]",
                {"9 actions", "at most 8"}}));

INSTANTIATE_TEST_SUITE_P(
    Scenarios, ConfigRefuses,
    ::testing::Values(
        Refused{"scenarios=5", {"list of tables", "[[scenarios]]"}}, Refused{"scenarios.name=x", {"list of tables"}},
        Refused{"scenarios=[{hazard_multiplier=1}]", {"a scenario has no name"}},
        Refused{"scenarios=[{hazard_multiplier=[1, 2]}]", {"a scenario has no name"}},
        Refused{"scenarios=[{name='a'},{name='a'}]", {"two scenarios are called \"a\"", "its own name"}},
        Refused{"scenarios=[{name='a', market_shift=[1, 1.0]}]", {"two scenarios are called \"a market_shift=1\""}},
        Refused{"scenarios=[{name='base'}]", {"called \"base\"", "the run as it is"}},
        Refused{"scenarios=[{name=['a']}]", {"must be text", "not a list"}},
        Refused{"scenarios=[{name='a', hazard=2}]",
                {"unknown key scenarios.hazard", "the keys of [scenarios] are name, hazard_multiplier"}},
        Refused{"scenarios=[{name='a', price_multiplyer=2}]", {"did you mean scenarios.price_multiplier?"}},
        Refused{"scenarios=[{name='a', hazard_multiplier=-1}]", {"scenarios.hazard_multiplier is -1", ">= 0"}},
        Refused{"scenarios=[{name='a', hazard_multiplier=[1, 1001]}]", {"is 1001", "<= 1000"}},
        Refused{"scenarios=[{name='a', revenue_multiplier='low'}]", {"must be a number", "not the text \"low\""}},
        Refused{"scenarios=[{name='a', revenue_multiplier={median=1}}]", {"must be a number", "not a table"}},
        Refused{"scenarios=[{name='a', price_multiplier=0}]", {"scenarios.price_multiplier is 0", "> 0"}},
        Refused{"scenarios=[{name='a', discount_rate=-0.6}]", {"scenarios.discount_rate is -0.6", ">= -0.5"}},
        Refused{"scenarios=[{name='a', market_shift=[]}]", {"scenarios.market_shift is empty"}},
        Refused{"scenarios=[{name='a', market_shift=[[1]]}]", {"must be a number", "not a list"}},
        Refused{"scenarios=[{name='a', market_shift=nan}]", {"finite"}}));

INSTANTIATE_TEST_SUITE_P(
    Precision, ConfigRefuses,
    ::testing::Values(Refused{"simulation.sampler=halton", {"\"halton\"", "philox, stratified, sobol"}},
                      Refused{"simulation.target_se=0", {"is 0", "> 0"}},
                      Refused{"simulation.target_se_kind=absolut", {"relative, absolute"}},
                      Refused{"simulation.target_se_kind=absolute", {"without simulation.target_se"}},
                      Refused{"simulation.target_se_quantile=0.5", {"without simulation.target_se"}},
                      Refused{"simulation.target_se_quantile=1", {"< 1"}},
                      Refused{"simulation.max_paths=20000", {"without simulation.target_se"}},
                      Refused{"simulation.max_paths=134217729", {"out of range"}}));

std::string refusal_of_all(const std::vector<std::string>& settings) {
    return refusal([&] { (void)with_settings(settings); });
}

TEST(Config, SamplersOtherThanPhiloxWantSixteenRandomisations) {
    EXPECT_EQ(with_settings({"simulation.paths=1001"}).simulation.sampler, Sampler::philox);
    for (const char* sampler : {"simulation.sampler=stratified", "simulation.sampler=sobol"}) {
        EXPECT_EQ(refusal_of_all({sampler, "simulation.paths=16"}), "");
        EXPECT_THAT(refusal_of_all({sampler, "simulation.paths=1001"}),
                    AllOf(HasSubstr("simulation.paths is 1001"), HasSubstr("(--set simulation.paths=1001)"),
                          HasSubstr("give 992 or 1008")));
        EXPECT_THAT(refusal_of_all({sampler, "simulation.paths=7"}), HasSubstr("give 16"));
        EXPECT_THAT(refusal_of_all({sampler, "simulation.target_se=1", "simulation.max_paths=20001"}),
                    AllOf(HasSubstr("simulation.max_paths is 20001"), HasSubstr("give 20000 or 20016")));
    }
    EXPECT_THAT(refusal_of_file("[simulation]\nsampler = \"sobol\"\npaths = 1001\n"), HasSubstr("a.toml:3:1)"));
}

TEST(Config, ATargetIsRelativeAndEndsAtSixteenTimesThePaths) {
    EXPECT_EQ(with_settings({"simulation.paths=100"}).simulation.most_paths(), 100);
    const SimulationSettings settings = with_settings({"simulation.target_se=0.01", "simulation.paths=100"}).simulation;
    ASSERT_TRUE(settings.target.has_value());
    EXPECT_EQ(settings.target->kind, PrecisionKind::relative);
    EXPECT_FALSE(settings.target->quantile.has_value());
    EXPECT_EQ(settings.most_paths(), 1600);
    EXPECT_EQ(with_settings({"simulation.target_se=0.01", "simulation.paths=100000000"}).simulation.most_paths(),
              max_paths);
    EXPECT_EQ(with_settings({"simulation.target_se=0.01", "simulation.max_paths=12345"}).simulation.most_paths(),
              12345);
}

TEST(Config, ATargetHasToBePossible) {
    EXPECT_THAT(refusal_of_all({"simulation.target_se=0.01", "simulation.max_paths=9999"}),
                AllOf(HasSubstr("fewer than simulation.paths"), HasSubstr("give 10000 or more")));
    EXPECT_THAT(refusal_of_all({"simulation.target_se=0.01", "simulation.target_se_quantile=0.1"}),
                AllOf(HasSubstr("is 0.1, which is not reported"), HasSubstr("0.05, 0.25, 0.5, 0.75, 0.95")));
    EXPECT_EQ(refusal_of_all({"simulation.target_se=0.01", "simulation.target_se_quantile=0.05"}), "");
}

std::vector<std::string> names_of(const std::vector<Scenario>& scenarios) {
    std::vector<std::string> names;
    for (const Scenario& scenario : scenarios) {
        names.push_back(scenario.name);
    }
    return names;
}

TEST(Scenarios, ListsMakeAGridInTheOrderOfTheKeys) {
    const RunConfig config = with_settings(
        {"scenarios=[{name='a', market_shift=1}, "
         "{discount_rate=[0.06, 0.12], name='g', price_multiplier=1.05, hazard_multiplier=[1, 1.1, 2e1]}, "
         "{name='one', market_shift=[-2]}]"});
    EXPECT_EQ(names_of(config.scenarios),
              (std::vector<std::string>{
                  "a", "g hazard_multiplier=1 discount_rate=0.06", "g hazard_multiplier=1 discount_rate=0.12",
                  "g hazard_multiplier=1.1 discount_rate=0.06", "g hazard_multiplier=1.1 discount_rate=0.12",
                  "g hazard_multiplier=20 discount_rate=0.06", "g hazard_multiplier=20 discount_rate=0.12",
                  "one market_shift=-2"}));
    const Scenario& cell = config.scenarios[4];
    EXPECT_EQ(cell.hazard_multiplier, 1.1);
    EXPECT_EQ(cell.discount_rate->value, 0.12);
    EXPECT_EQ(cell.price_multiplier, 1.05);
    EXPECT_EQ(cell.market_shift, 0.0);
    EXPECT_FALSE(config.scenarios[0].discount_rate.has_value());
}

TEST(Scenarios, AreTenThousandAtMost) {
    const auto list = [](int count) {
        std::string values;
        for (int i = 1; i <= count; ++i) {
            values += fmt::format("{}{}", i == 1 ? "" : ", ", i);
        }
        return "[" + values + "]";
    };
    const std::string grid = fmt::format("name='g', hazard_multiplier={}, price_multiplier={}", list(100), list(100));
    EXPECT_EQ(with_settings({"scenarios=[{" + grid + "}]"}).scenarios.size(), 10'000U);
    EXPECT_THAT(refusal_of("scenarios=[{name='a'}, {" + grid + "}]"), HasSubstr("more than 10000 scenarios"));
    // far beyond what memory or 64 bits could hold
    EXPECT_THAT(refusal_of("scenarios=[{" + grid + ", revenue_multiplier=" + list(1000) +
                           ", discount_rate=" + list(1000) + "}]"),
                HasSubstr("more than 10000 scenarios"));
}

TEST(Scenarios, FaultsAreLocated) {
    const std::string message =
        refusal_of_file("[[scenarios]]\nname = \"a\"\nhazard_multiplier = [1.0,\n  -2.0]\n[[scenarios]]\nprice = 1\n");
    EXPECT_THAT(message, HasSubstr("a.toml:4:3"));
    EXPECT_THAT(message, HasSubstr("unknown key scenarios.price ("));
    EXPECT_THAT(message, HasSubstr("a.toml:6:1"));
    EXPECT_THAT(message, HasSubstr("a scenario has no name"));
}

TEST(Scenarios, CountForTheHashWrittenOut) {
    const std::string grid = config_hash(with_settings({"scenarios=[{name='a', market_shift=[1, 2]}]"}));
    EXPECT_NE(grid, config_hash({}));
    EXPECT_NE(grid, config_hash(with_settings({"scenarios=[{name='a', market_shift=[1, 3]}]"})));
    EXPECT_EQ(grid, config_hash(with_settings({"scenarios=[{name='a market_shift=1', market_shift=1.0}, "
                                               "{name='a market_shift=2', market_shift=2}]"})));
}

TEST(Config, EightActionsBesidesNoneAreAccepted) {
    std::string list = "{name='none'}";
    for (int i = 1; i <= max_actions; ++i) {
        list += fmt::format(",{{name='{}'}}", i);
    }
    EXPECT_EQ(with_settings({"actions=[" + list + "]"}).actions.size(), static_cast<std::size_t>(max_actions));
}

TEST(Config, AlphaWithoutBetaIsRefused) {
    EXPECT_THAT(refusal_of("survival.alpha=1"), HasSubstr("only one of survival.alpha and survival.beta"));
}

TEST(ConfigFile, EveryFaultIsListedWithLineAndColumn) {
    const std::string message = refusal_of_file(
        "[simulation]\npahts = 5\n  horizon_months = 0\nquantiles = [0.5,\n  0.1]\n[market]\nvolatility = \"x\"\n"
        "[[actions]]\nname = \"a\"\nhazard_multiplier = {median = 1.0, sd = 2}\n");
    EXPECT_THAT(message, HasSubstr("5 faults"));
    EXPECT_THAT(message, HasSubstr("a.toml:2:1): did you mean simulation.paths?"));
    EXPECT_THAT(message, HasSubstr("horizon_months is 0, which is out of range"));
    EXPECT_THAT(message, HasSubstr("a.toml:3:3): give an integer from 1 to 120 (months)"));
    EXPECT_THAT(message, HasSubstr("a.toml:5:3)"));
    EXPECT_THAT(message, HasSubstr("unknown key market.volatility"));
    EXPECT_THAT(message, HasSubstr("a.toml:10:"));
}

TEST(ConfigFile, DuplicateKeyAndSyntaxAreLocated) {
    EXPECT_THAT(refusal_of_file("[simulation]\npaths = 5\npaths = 6\n"),
                AllOf(HasSubstr("'paths'"), HasSubstr("a.toml:3:"), HasSubstr("only once")));
    EXPECT_THAT(refusal_of_file("[simulation]\n[simulation]\n"), HasSubstr("a.toml:2:"));
    EXPECT_THAT(refusal_of_file("[simulation\n"), HasSubstr("a.toml:1:"));
    EXPECT_THAT(refusal_of_file("x = \"\xff\"\n"), HasSubstr("a.toml:1:"));
}

TEST(ConfigFile, MustBeReadable) {
    const TemporaryFolder folder;
    const std::string missing = (folder.path() / "no.toml").string();
    EXPECT_THAT(refusal([&] {
                    (void)load_config({missing, {}});
                }),
                AllOf(HasSubstr(missing), HasSubstr("No such file")));
    EXPECT_THAT(refusal([&] { (void)load_config({folder.path().string(), {}}); }), HasSubstr("it is a folder"));
}

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
    EXPECT_THAT(refused("{\n \"config\": {,}}"), HasSubstr("run.json:2:13)"));
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
