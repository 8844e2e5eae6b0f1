// The parallel loop: every block once, slots that nobody shares, and exceptions that stop it. Under ThreadSanitizer the
// plain counters below also show that calls on one slot follow each other.

#include "clv/core/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

namespace clv {
namespace {

class ForEachBlock : public ::testing::TestWithParam<int> {
  protected:
    std::size_t slots() const { return static_cast<std::size_t>(thread_count(GetParam())); }
};

TEST_P(ForEachBlock, TakesEveryBlockOnce) {
    for (const std::size_t blocks : {0U, 1U, 2U, 1'000U}) {
        std::vector<int> calls(blocks, 0);
        for_each_block(GetParam(), blocks, [&](std::size_t /*slot*/, std::size_t block) { ++calls[block]; });
        EXPECT_EQ(calls, std::vector<int>(blocks, 1));
    }
}

TEST_P(ForEachBlock, NeverSharesASlot) {
    std::vector<std::atomic<bool>> taken(slots());
    std::atomic<bool> shared = false;
    for_each_block(GetParam(), 10'000, [&](std::size_t slot, std::size_t /*block*/) {
        ASSERT_LT(slot, taken.size());
        shared = taken[slot].exchange(true) || shared;
        taken[slot] = false;
    });
    EXPECT_FALSE(shared);
}

TEST_P(ForEachBlock, KeepsWhatStandsAtASlotThroughLoopAfterLoop) {
    std::vector<std::unique_ptr<std::size_t>> sum(slots());
    for (int loop = 0; loop < 3; ++loop) {
        for_each_block(GetParam(), 1'000, [&](std::size_t slot, std::size_t block) {
            if (!sum[slot]) {
                sum[slot] = std::make_unique<std::size_t>(0);
            }
            *sum[slot] += block;
        });
    }
    const std::size_t total =
        std::accumulate(sum.begin(), sum.end(), std::size_t{0},
                        [](std::size_t all, const auto& each) { return all + (each ? *each : 0); });
    EXPECT_EQ(total, 3U * 999U * 1'000U / 2U);
}

TEST_P(ForEachBlock, HandsAnExceptionToTheCaller) {
    std::string what;
    try {
        for_each_block(GetParam(), 1'000, [](std::size_t /*slot*/, std::size_t block) {
            if (block == 500) {
                throw std::runtime_error("block " + std::to_string(block));
            }
        });
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
    EXPECT_EQ(what, "block 500");
}

INSTANTIATE_TEST_SUITE_P(Threads, ForEachBlock, ::testing::Values(0, 1, 2, 7));

TEST(ForEachBlockAlone, BeginsNothingAfterAnException) {
    int calls = 0;
    EXPECT_THROW(for_each_block(1, 1'000,
                                [&](std::size_t /*slot*/, std::size_t /*block*/) {
                                    ++calls;
                                    throw std::runtime_error("stop");
                                }),
                 std::runtime_error);
    EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace clv
