// What a configuration is refused for: every fault, its place and its remedy.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clv/config/keys.hpp"
#include "clv/config/load_config.hpp"
#include "config/config_cases.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::refusal;
using test::refusal_of;
using test::refusal_of_file;
using test::TemporaryFolder;
using test::with_settings;
using ::testing::AllOf;
using ::testing::HasSubstr;

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
        Refused{"survival.alpha=0", {">= 1e-06"}}, Refused{"survival.period_months=0", {"is 0"}},
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
                      Refused{"simulation.target_se=0", {"is 0", ">= 1e-09"}},
                      Refused{"simulation.target_se_kind=absolut", {"relative, absolute"}},
                      Refused{"simulation.target_se_kind=absolute", {"without simulation.target_se"}},
                      Refused{"simulation.target_se_quantile=0.5", {"without simulation.target_se"}},
                      Refused{"simulation.target_se_quantile=1", {"< 1"}},
                      Refused{"simulation.max_paths=20000", {"without simulation.target_se"}},
                      Refused{"simulation.max_paths=134217729", {"out of range"}}));

INSTANTIATE_TEST_SUITE_P(Levels, ConfigRefuses,
                         ::testing::Values(Refused{"simulation.cvar_level=5e-324",
                                                   {"simulation.cvar_level is 5e-324", "at most 15 decimals"}},
                                           Refused{"simulation.quantiles=[0.12345678901234567, 0.5]",
                                                   {"simulation.quantiles is 0.1234567890123456",
                                                    "which has too many decimals", "at most 15 decimals"}},
                                           Refused{"simulation.target_se_quantile=1e-300",
                                                   {"simulation.target_se_quantile is 1e-300"}}));

TEST(Config, EveryNumberHasAMagnitude) {
    const auto refused = [](const std::string& setting) { return refusal_of(setting).find("out of range"); };
    int numbers = 0;
    for (const ConfigKey& key : config_keys()) {
        if (!key.type.starts_with("number")) {
            continue;
        }
        ++numbers;
        const std::string list = key.name.substr(0, key.name.rfind('.'));
        const std::string name = key.name.substr(key.name.rfind('.') + 1);
        const bool is_of_a_table = list == "actions" || list == "scenarios" || list == "optimizer.limits";
        const auto with_value = [&](const std::string& value) {
            return is_of_a_table ? list + "=[{name='a', " + name + "=" + value + "}]" : key.name + "=" + value;
        };
        EXPECT_NE(refused(with_value("1e300")), std::string::npos) << key.name;
        EXPECT_NE(refused(with_value("-1e300")), std::string::npos) << key.name;
        if (key.type.find("log_sd") != std::string::npos) {
            EXPECT_NE(refused(with_value("{log_sd=1e300}")), std::string::npos) << key.name;
        }
    }
    EXPECT_GE(numbers, 30);
}

TEST(Config, MessagesRepeatNoLongValue) {
    std::string list = "[1";
    for (int k = 2; k < 20'000; ++k) {
        list += ", " + std::to_string(k);
    }
    const std::string text(50'000, 'x');
    for (const std::string& setting :
         {"scenarios=[{name='a', hazard_multiplier=" + list + "]}]",
          "scenarios=[{name='a', market_shift=" + list + "]}]", "simulation.paths=" + text,
          "simulation.discount_timing=" + text, "fit.holdout=" + text, text + "=1", "simulation." + text + "=1",
          "input.columns." + text + "=x", "actions=[{name='a', " + text + "=1}]",
          "actions=[{name='" + text + "'}, {name='" + text + "'}]", "actions='" + text + "'",
          "actions=[{name='a', file=[" + list + "]]}]", "optimizer.limits=[{name='" + text + "'}]",
          "optimizer.limits=[{name='a', column='" + text + "'}]"}) {
        const std::string message = refusal_of(setting);
        EXPECT_FALSE(message.empty()) << setting.substr(0, 60);
        EXPECT_LT(message.size(), 50'000U) << message.substr(0, 400);
        EXPECT_LT(message.substr(0, message.find('\n', message.find("faults in") == std::string::npos ? 0 : 80)).size(),
                  1'500U)
            << message.substr(0, 400);
    }
}

std::string refusal_of_all(const std::vector<std::string>& settings) {
    return refusal([&] { (void)with_settings(settings); });
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

}  // namespace
}  // namespace clv
