// Philox4x32-10 against the known answers published with Random123 (kat_vectors).

#include "clv/random/philox.hpp"

#include <gtest/gtest.h>

namespace clv {
namespace {

struct KnownAnswer {
    std::uint32_t counter[4];
    std::uint32_t key[2];
    std::uint32_t expected[4];
};

constexpr KnownAnswer known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(Philox, GivesRandom123KnownAnswers) {
    for (const KnownAnswer& answer : known_answers) {
        const auto block = philox<std::uint32_t>(answer.counter[0], answer.counter[1], answer.counter[2],
                                                 answer.counter[3], answer.key[0], answer.key[1]);
        for (int word = 0; word < 4; ++word) {
            EXPECT_EQ(block.word[word], answer.expected[word]);
        }
    }
}

TEST(Philox, SharedCountersGiveTheSameBlocks) {
    for (std::uint32_t i = 0; i < 1'000; ++i) {
        const std::uint32_t a = i * 2654435761U;
        const auto plain = philox<std::uint32_t>(a, ~i, a ^ 77U, i << 20, a + i, 3U * a);
        const auto shared = philox_paths<std::uint32_t>(a, ~i, a ^ 77U, i << 20, philox_key(a + i, 3U * a));
        for (int word = 0; word < 4; ++word) {
            EXPECT_EQ(shared.word[word], plain.word[word]);
        }
    }
}

TEST(Philox, PurposesHaveDisjointAddresses) {
    EXPECT_NE(draw_address(Purpose::churn, 1), draw_address(Purpose::revenue, 1));
    EXPECT_EQ(draw_address(Purpose::market, 5), 0x02000005U);
}

}  // namespace
}  // namespace clv
