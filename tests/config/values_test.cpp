#include "clv/config/values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "clv/config/keys.hpp"
#include "config/config_cases.hpp"

namespace clv {
namespace {

using test::with_settings;
using testing::ElementsAre;

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

TEST(RecordedValues, AreThoseOfTheConfigurationThatWasRecorded) {
    const RunConfig config = with_settings({"actions=[{name='a', cost=1}]", "scenarios=[{name='s', market_shift=1}]",
                                            "input.columns={margin='m'}", "optimizer.limits=[{name='l', max=1}]",
                                            "input.transactions=['/a.csv']", "optimizer.budget=5"});
    auto expected = config_values(config);
    auto recorded = recorded_values(config_as_json(config));
    std::ranges::sort(expected, {}, &ConfigValue::name);
    std::ranges::sort(recorded, {}, &ConfigValue::name);
    ASSERT_EQ(recorded.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(recorded[i].name, expected[i].name);
        EXPECT_EQ(recorded[i].text, expected[i].text) << expected[i].name;
        EXPECT_EQ(recorded[i].statistical, expected[i].statistical) << expected[i].name;
        EXPECT_EQ(recorded[i].is_path, expected[i].is_path) << expected[i].name;
    }
}

TEST(RecordedValues, MayBeOfAVersionWithOtherKeys) {
    const auto values = recorded_values(R"({"simulation": {"paths": 100, "velocity": 2.5}, "omens": []})");
    ASSERT_EQ(values.size(), 3U);
    EXPECT_EQ(values[0].name, "omens");
    EXPECT_EQ(values[2].name, "simulation.velocity");
    EXPECT_EQ(values[2].text, "2.5");
}

}  // namespace
}  // namespace clv
