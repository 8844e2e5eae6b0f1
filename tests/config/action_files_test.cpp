// Actions that stand in files of their own: read where they are named, placed where they stand, gone from run.json.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "clv/config/load_config.hpp"
#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::HasSubstr;

RunConfig load(const std::string& file) {
    return load_config({file, {}});
}

std::string refusal(const std::string& file) {
    try {
        (void)load(file);
    } catch (const ConfigError& error) {
        EXPECT_EQ(error.exit_code(), ExitCode::usage);
        return error.what();
    }
    return "";
}

TEST(ActionFiles, StandForTheirKeys) {
    const TemporaryFolder folder;
    folder.write("jobs/actions/call.toml",
                 "name = \"call\"\nchannel = \"phone\"\ncost = 4\nacceptance = 0.3\n"
                 "hazard_multiplier = { median = 0.5, log_sd = 0.1 }\n");
    const RunConfig config = load(folder.write("jobs/a.toml", R"(
[[actions]]
file = "actions/call.toml"
[[actions]]
file = "actions/call.toml"
name = "second call"
hazard_multiplier = 0.7
[[actions]]
name = "email"
)"));
    ASSERT_EQ(config.actions.size(), 3U);
    EXPECT_EQ(config.actions[0].name, "call");
    EXPECT_EQ(config.actions[0].channel, "phone");
    EXPECT_EQ(config.actions[0].hazard_multiplier.log_sd, 0.1);
    EXPECT_EQ(config.actions[1].name, "second call");
    EXPECT_EQ(config.actions[1].cost, 4.0);
    EXPECT_EQ(config.actions[1].hazard_multiplier.median, 0.7);
    EXPECT_EQ(config.actions[1].hazard_multiplier.log_sd, 0.0) << "a key wins as a whole";
    EXPECT_EQ(config.actions[2].channel, "");
}

TEST(ActionFiles, OfAnArgumentAreRelativeToTheWorkingFolder) {
    const TemporaryFolder folder;
    const std::string file = folder.write("call.toml", "name = \"call\"\ncost = -1\n");
    const auto with = [&](const std::string& more) {
        return load_config({"", {parse_override("actions=[{file='" + file + "'" + more + "}]")}});
    };
    EXPECT_EQ(with(", cost = 2").actions.at(0).cost, 2.0);
    try {
        (void)with("");
        ADD_FAILURE() << "a cost below 0 is not refused";
    } catch (const ConfigError& error) {
        EXPECT_THAT(error.what(), HasSubstr("call.toml:2:1"));
    }
}

TEST(ActionFiles, AreNotNeededToRepeatARun) {
    const TemporaryFolder folder;
    const std::string action = folder.write("call.toml", "name = \"call\"\ncost = 4\nchannel = \"phone\"\n");
    const RunConfig first = load(folder.write("a.toml", "[[actions]]\nfile = \"call.toml\"\n"));
    const RunConfig inlined =
        load(folder.write("b.toml", "[[actions]]\nname = \"call\"\ncost = 4\nchannel = \"phone\"\n"));
    EXPECT_EQ(config_hash(first), config_hash(inlined));
    std::filesystem::remove(action);
    const std::string run = R"({"config": )" + config_as_json(first) + "}";
    EXPECT_EQ(run.find("call.toml"), std::string::npos);
    EXPECT_EQ(config_as_json(load(folder.write("elsewhere/run.json", run))), config_as_json(first));
}

TEST(ActionFiles, FaultsAreWhereTheyStand) {
    const TemporaryFolder folder;
    folder.write("bad.toml",
                 "# a comment\nname = \"bad\"\nacceptence = 1\nhazard_multiplier = { median = 1.0, sd = 2 }\n");
    const std::string all = refusal(folder.write("a.toml", "[[actions]]\nfile = \"bad.toml\"\ncost = -1\n"));
    EXPECT_THAT(all, AllOf(HasSubstr("bad.toml:3:1"), HasSubstr("did you mean actions.acceptance?"),
                           HasSubstr("bad.toml:4:37"), HasSubstr("unknown key sd")));
    EXPECT_THAT(all, AllOf(HasSubstr("actions.cost is -1"), HasSubstr("a.toml:3:1")));

    folder.write("torn.toml", "name = \"torn\ncost = 1\n");
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"torn.toml\"\n")), HasSubstr("torn.toml:1:"));
    folder.write("nameless.toml", "cost = 1\n");
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"nameless.toml\"\n")), HasSubstr("no name"));
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"bad.toml\"\nacceptance = 1.5\n")),
                AllOf(HasSubstr("actions.acceptance is 1.5"), HasSubstr("a.toml:3:1")));
}

TEST(ActionFiles, ThatCannotBeReadAreRefusedWithWhoNamesThem) {
    const TemporaryFolder folder;
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"no.toml\"\n")),
                AllOf(HasSubstr("a.toml:2:1 names"), HasSubstr("no.toml"), HasSubstr("No such file")));
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = 5\n")),
                AllOf(HasSubstr("actions.file is 5"), HasSubstr("a.toml:2:1"), HasSubstr("in quotes")));
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"\"\n")), HasSubstr("actions.file is"));
    folder.write("one.toml", "file = \"two.toml\"\n");
    EXPECT_THAT(refusal(folder.write("a.toml", "[[actions]]\nfile = \"one.toml\"\n")),
                AllOf(HasSubstr("one.toml:1:1"), HasSubstr("names another")));
}

/// The usual set is sound, whoever names it, and the quickstart's is part of it.
TEST(ActionFiles, ThatAreShippedAreSound) {
    const std::filesystem::path configs = std::filesystem::path(CLV_SOURCE_DIR) / "configs";
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(configs / "actions")) {
        const std::string setting = "actions=[{file='" + entry.path().string() + "'}]";
        const RunConfig config = load_config({"", {parse_override(setting)}});
        EXPECT_FALSE(config.actions.at(0).channel.empty()) << entry.path();
        ++files;
    }
    EXPECT_GE(files, 4U);
    const RunConfig quickstart = load((configs / "quickstart.toml").string());
    ASSERT_EQ(quickstart.actions.size(), 3U);
    EXPECT_EQ(quickstart.actions[0].name, "5% discount");
    EXPECT_EQ(quickstart.actions[2].acceptance, 0.35);
}

}  // namespace
}  // namespace clv
