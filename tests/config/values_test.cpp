#include "clv/config/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "clv/config/keys.hpp"
#include "clv/core/errors.hpp"
#include "config/config_cases.hpp"

namespace clv {
namespace {

using test::with_settings;
using testing::ElementsAre;
using testing::Not;
using testing::StartsWith;

std::string text_of(const RunConfig& config, std::initializer_list<std::string_view> names) {
    return keys_text(config, std::span(names.begin(), names.size()));
}

/// Names of the keys that say something else in `a` than in `b`.
std::vector<std::string> differences(const RunConfig& a, const RunConfig& b) {
    std::vector<std::string> names;
    const auto note = [&](const RunConfig& one, const RunConfig& other) {
        const std::vector<ConfigValue> values = config_values(other);
        for (const ConfigValue& value : config_values(one)) {
            const auto found = std::ranges::find(values, value.name, &ConfigValue::name);
            if (found == values.end() || found->text != value.text) {
                names.push_back(value.name);
            }
        }
    };
    note(a, b);
    note(b, a);
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
}

TEST(ConfigValues, AreTheKeysOfTheTableInItsOrderAndLeaveOutWhatIsAbsent) {
    const RunConfig config =
        with_settings({"actions=[{name='a'}]", "scenarios=[{name='s', market_shift=1}]",
                       "optimizer.limits=[{name='l', max=1}]", "input.customers=/c.csv", "optimizer.budget=5"});
    std::vector<std::string> table;
    for (const ConfigKey& key : config_keys()) {
        const bool in_list = key.name.starts_with("actions.") || key.name.starts_with("scenarios.") ||
                             key.name.starts_with("optimizer.limits.");
        const std::string name = in_list ? key.name.substr(0, key.name.rfind('.')) : key.name;
        if (table.empty() || table.back() != name) {
            table.push_back(name);
        }
    }
    auto place = table.begin();
    for (const ConfigValue& value : config_values(config)) {
        place = std::find(place, table.end(), value.name);
        ASSERT_NE(place, table.end()) << value.name << " is no key, or out of order";
    }
    const std::vector<ConfigValue> defaults = config_values({});
    for (const char* absent : {"actions", "scenarios", "optimizer.limits", "optimizer.budget", "input.customers"}) {
        EXPECT_EQ(std::ranges::count(defaults, absent, &ConfigValue::name), 0) << absent;
    }
}

TEST(ConfigValues, SayWhetherAKeyIsStatisticalAndWhetherItNamesFiles) {
    const auto values = config_values(
        with_settings({"input.transactions=['/a.csv', '/x/../b.csv']", "execution.threads=3", "optimizer.budget=5.0"}));
    const auto value = [&](std::string_view name) { return *std::ranges::find(values, name, &ConfigValue::name); };
    EXPECT_EQ(value("input.transactions").text, R"(["/a.csv","/b.csv"])");
    EXPECT_TRUE(value("input.transactions").is_path);
    EXPECT_FALSE(value("input.transactions").statistical);
    EXPECT_EQ(value("execution.threads").text, "3");
    EXPECT_FALSE(value("execution.threads").statistical);
    EXPECT_EQ(value("optimizer.budget").text, "5.0");
    EXPECT_TRUE(value("optimizer.budget").statistical);
    EXPECT_FALSE(value("optimizer.budget").is_path);
}

TEST(ConfigValues, DifferWhereTheConfigurationsDo) {
    const RunConfig before = with_settings({"actions=[{name='a', cost=1}]", "optimizer.budget=5"});
    EXPECT_THAT(differences(before, with_settings({"actions=[{cost=1.0, name='a'}]", "optimizer.budget=5.0"})),
                ElementsAre());
    EXPECT_THAT(differences(before, with_settings({"actions=[{name='a', cost=2}]", "simulation.seed=7"})),
                ElementsAre("actions", "optimizer.budget", "simulation.seed"));
}

TEST(KeysText, HasTheKeysAndSectionsAskedForOnceAndInTheOrderOfTheTable) {
    const RunConfig config = with_settings(
        {"market.revenue_volatility=0.5", "execution.threads=2", "actions=[]", "optimizer.limits=[{name='l', max=1}]"});
    EXPECT_EQ(text_of(config, {"market"}), R"({"market.revenue_volatility":0.5,"market.hazard_sensitivity":0.0})");
    EXPECT_EQ(text_of(config, {"execution.threads", "market.revenue_volatility", "market.revenue_volatility"}),
              R"({"market.revenue_volatility":0.5,"execution.threads":2})");
    EXPECT_EQ(text_of(config, {"optimizer.limits"}),
              R"({"optimizer.limits":[{"column":"cost","max":1.0,"name":"l"}]})");
    EXPECT_THAT(text_of(config, {"optimizer"}), testing::HasSubstr("\"optimizer.limits\":["));
    EXPECT_EQ(text_of(config, {"actions", "scenarios"}), "{}");
    EXPECT_EQ(text_of(config, {}), "{}");
}

TEST(KeysText, IsOneJsonObjectWhateverTheTextsHold) {
    const RunConfig config = with_settings({R"(actions=[{name="a\",\"b", eligible="{}"}])"});
    const auto parsed = nlohmann::json::parse(text_of(config, {"actions", "simulation"}));
    EXPECT_EQ(parsed["actions"][0]["name"], "a\",\"b");
    EXPECT_EQ(parsed["simulation.seed"], RunConfig{}.simulation.seed);
}

TEST(KeysText, NamesWholeKeysAndRefusesANameThatNoKeyHas) {
    const RunConfig config = with_settings({"simulation.max_paths=20000", "simulation.target_se=0.1"});
    EXPECT_THAT(text_of(config, {"simulation.target_se"}), Not(testing::HasSubstr("target_se_kind")));
    for (const std::string_view name :
         {"simulation.path", "sim", "", "action", "simulation.", "input.columns.margin"}) {
        try {
            (void)text_of(config, {name});
            ADD_FAILURE() << name;
        } catch (const Error& error) {
            EXPECT_EQ(error.exit_code(), ExitCode::internal);
            EXPECT_THAT(error.what(), StartsWith("no key or section"));
        }
    }
}

}  // namespace
}  // namespace clv
