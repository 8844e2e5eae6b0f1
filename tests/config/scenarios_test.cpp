// Scenarios, and grids of them.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/config/values.hpp"
#include "config/config_cases.hpp"

namespace clv {
namespace {

using test::names_of;
using test::refusal_of;
using test::refusal_of_file;
using test::with_settings;
using ::testing::HasSubstr;

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
                           ", discount_rate=" + list(100) + "}]"),
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

}  // namespace
}  // namespace clv
