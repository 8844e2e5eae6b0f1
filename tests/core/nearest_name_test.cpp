#include "clv/core/nearest_name.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace clv {
namespace {

const std::array<std::string, 4> names{"monthly_revenue", "margin", "market_beta", "tenure_months"};

TEST(NearestName, FindsATypo) {
    EXPECT_EQ(nearest_name("monthly_revenu", names), "monthly_revenue");
    EXPECT_EQ(nearest_name("mraket_beta", names), "market_beta");
    EXPECT_EQ(nearest_name("marjin", names), "margin");
}

TEST(NearestName, CaseDoesNotCount) {
    EXPECT_EQ(nearest_name("MARGIN", names), "margin");
}

TEST(NearestName, OffersNothingForADifferentWord) {
    EXPECT_EQ(nearest_name("colour", names), std::nullopt);
    EXPECT_EQ(nearest_name("", names), std::nullopt);
    EXPECT_EQ(nearest_name("margin", {}), std::nullopt);
    EXPECT_EQ(nearest_name(std::string(100'000, 'm'), names), std::nullopt);
}

TEST(NearestName, TheFirstOfEqualsWins) {
    const std::array<std::string, 2> equals{"paths_a", "paths_b"};
    EXPECT_EQ(nearest_name("paths_c", equals), "paths_a");
}

TEST(NearestName, ASwapIsOneEdit) {
    const std::array<std::string, 2> candidates{"abdd", "badc"};
    EXPECT_EQ(nearest_name("badc", candidates), "badc");
    EXPECT_EQ(nearest_name("abcd", std::array<std::string, 1>{"abdc"}), "abdc");
    EXPECT_EQ(nearest_name("abcd", std::array<std::string, 1>{"wxyz"}), std::nullopt);
}

}  // namespace
}  // namespace clv
