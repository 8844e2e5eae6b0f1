#include "clv/pipeline/backends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(Backends, AutoTakesTheFirstAvailable) {
    const auto all = backend_capabilities({});
    const auto first = std::ranges::find_if(all, &Capabilities::available);
    ASSERT_NE(first, all.end());
    EXPECT_EQ(choose_backend({})->capabilities().name, first->name);
}

TEST(Backends, CpuIsAlwaysThere) {
    EXPECT_EQ(choose_backend({.backend = "cpu", .threads = 1})->capabilities().name, "cpu");
}

TEST(Backends, CudaIsListedAndRefusedWithAReasonWhereItIsMissing) {
    const auto all = backend_capabilities({});
    const auto cuda = std::ranges::find(all, "cuda", &Capabilities::name);
    ASSERT_NE(cuda, all.end());
    EXPECT_FALSE(cuda->description.empty());
    if (cuda->available) {
        GTEST_SKIP() << "this machine has " << cuda->description;
    }
    try {
        (void)choose_backend({.backend = "cuda"});
        FAIL() << "cuda was accepted";
    } catch (const BackendError& error) {
        EXPECT_EQ(error.exit_code(), ExitCode::backend);
        EXPECT_THAT(error.what(), HasSubstr("backend cuda is not available"));
        EXPECT_THAT(error.what(), HasSubstr(cuda->description));
    }
}

TEST(Backends, AutoLeavesToTheCpuWhatOthersLack) {
    SimulationSettings settings;
    settings.uplift_distribution = true;
    for (const PathLaw law : {PathLaw::subscription, PathLaw::retail}) {
        EXPECT_EQ(choose_backend({}, settings, law)->capabilities().name, "cpu");
        EXPECT_EQ(choose_backend({}, {}, law, true)->capabilities().name, "cpu");
    }
}

#ifdef CLV_HAVE_CUDA
TEST(Backends, CudaSaysWhatItLacks) {
    const auto cuda = make_cuda_backend();
    SimulationSettings settings;
    EXPECT_EQ(cuda->lacks({PathLaw::retail, settings}), "");
    EXPECT_THAT(cuda->lacks({PathLaw::retail, settings, true}), HasSubstr("--backend cpu"));
    settings.uplift_distribution = true;
    EXPECT_THAT(cuda->lacks({PathLaw::retail, settings}),
                AllOf(HasSubstr("simulation.uplift_distribution"), HasSubstr("--backend cpu")));
}
#endif

TEST(Backends, UnknownOnesAreRefused) {
    EXPECT_THROW((void)choose_backend({.backend = "tpu"}), ConfigError);
}

}  // namespace
}  // namespace clv
