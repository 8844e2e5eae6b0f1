// What a configuration names: every file that is a value of a key, an action's and its own.

#include "clv/config/named_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clv/config/keys.hpp"
#include "clv/config/load_config.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using testing::UnorderedElementsAre;
using Named = std::pair<std::string, std::string>;

std::vector<Named> names_of(const RunConfig& config) {
    std::vector<Named> names;
    for (const NamedFile& file : named_files(config)) {
        names.emplace_back(file.key, file.path.filename().string());
    }
    return names;
}

TEST(NamedFiles, AreThoseOfEveryKeyTheActionsAndTheConfigurationItself) {
    const test::TemporaryFolder folder;
    folder.write("call.toml", "name = 'call'\ncost = 1\n");
    folder.write("gift.toml", "name = 'gift'\ncost = 2\n");
    const std::string file = folder.write("job.toml",
                                          "[[actions]]\nfile = 'call.toml'\n"
                                          "[input]\ncustomers = 'c.csv'\ntransactions = ['t1.csv', 't2.csv']\n"
                                          "summary = 's.csv'\nmodel = 'm.json'\n[survival]\ncurves = 'k.csv'\n"
                                          "[optimizer]\nuplift = 'u.csv'\ncurrent = 'p.csv'\n[output]\ndir = 'out'\n");
    const std::string gift = "actions=[{file='" + (folder.path() / "gift.toml").string() + "'}]";
    const RunConfig config = load_config({file, {parse_override(gift)}});
    EXPECT_THAT(names_of(config),
                UnorderedElementsAre(Named("config", "job.toml"), Named("actions.file", "call.toml"),
                                     Named("actions.file", "gift.toml"), Named("input.customers", "c.csv"),
                                     Named("input.transactions", "t1.csv"), Named("input.transactions", "t2.csv"),
                                     Named("input.summary", "s.csv"), Named("input.model", "m.json"),
                                     Named("survival.curves", "k.csv"), Named("optimizer.uplift", "u.csv"),
                                     Named("optimizer.current", "p.csv")));
}

TEST(NamedFiles, HaveEveryKeyThatIsAPath) {
    const test::TemporaryFolder folder;
    folder.write("results/results.h5", "");
    std::set<std::string> keys;
    std::vector<Override> overrides;
    for (const ConfigKey& key : config_keys()) {
        if (key.name != "output.dir" && key.name != "actions.file" && key.type.find("path") != std::string::npos) {
            keys.insert(key.name);
            const std::string value = (folder.path() / "results/results.h5").string();
            overrides.push_back({key.name, key.type == "path" ? value : "['" + value + "']", key.name});
        }
    }
    EXPECT_GE(keys.size(), 8U);
    std::set<std::string> named;
    for (const NamedFile& file : named_files(load_config({"", overrides}))) {
        named.insert(file.key);
    }
    EXPECT_EQ(named, keys);
}

TEST(NamedFiles, OfOtherResultsAreAllOfThemAndOfTheOwnNone) {
    const test::TemporaryFolder folder;
    folder.write("results/results.h5", "");
    folder.write("results/run.json", "");
    RunConfig config;
    config.output.dir = (folder.path() / "out").string();
    for (const char* results : {"results", "results/results.h5"}) {
        config.optimizer.results = (folder.path() / results).string();
        EXPECT_THAT(names_of(config), UnorderedElementsAre(Named("optimizer.results", "results.h5"),
                                                           Named("optimizer.results", "run.json")));
    }
    config.output.dir = (folder.path() / "out/../results").string();
    std::filesystem::create_directory(folder.path() / "out");
    EXPECT_TRUE(named_files(config).empty());
}

TEST(NamedFiles, AreNoTablesInMemory) {
    RunConfig config;
    config.input.customers = std::string(in_memory) + "customers";
    EXPECT_TRUE(named_files(config).empty());
}

}  // namespace
}  // namespace clv
