// What --set may say, and what it wins over.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "config/config_cases.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

using test::refusal;
using test::TemporaryFolder;
using test::with_settings;
using ::testing::HasSubstr;

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
    EXPECT_EQ(with_settings({"optimizer.risk_weight=.25"}).optimizer.risk_weight, 0.25) << "as people type it";
    EXPECT_EQ(with_settings({"input.defaults.margin=.25"}).input.defaults.at("margin"), "0.25");
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

}  // namespace
}  // namespace clv
