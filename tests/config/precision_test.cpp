// What the keys of [simulation] ask of each other: samplers, and the target of precision.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "config/config_cases.hpp"

namespace clv {
namespace {

using test::refusal_of_file;
using test::with_settings;
using ::testing::AllOf;
using ::testing::HasSubstr;

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

}  // namespace
}  // namespace clv
