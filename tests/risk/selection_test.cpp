// Selected values against a full sort, on samples that are easy, tied, clustered, tiny and far out.

#include "clv/risk/selection.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "clv/random/elementary.hpp"
#include "clv/random/philox.hpp"

namespace clv {
namespace {

double uniform(std::uint32_t i, std::uint32_t sample) {
    return (static_cast<double>(philox<std::uint32_t>(i, sample, 3U, 0U, 11U, 0U).word[0]) + 0.5) * 0x1p-32;
}

double shaped(int shape, double u) {
    switch (shape) {
        case 0:
            return u;
        case 1:
            return std::floor(5.0 * u);  // five distinct values
        case 2:
            return 7.25;  // one value
        case 3:
            return elementary::exp(30.0 * u);  // nearly all in the lowest bucket
        case 4:
            return u < 0.3 ? 100.0 : -elementary::log(u);  // a third of the sample at the top
        case 5:
            return (u - 0.5) * 1e-310;  // subnormal
        case 6:
            return (u - 0.5) * 1e300;
        default:
            return u < 0.001 ? -1e12 : elementary::log(u);  // outliers
    }
}

class SelectionTest : public ::testing::TestWithParam<int> {};

TEST_P(SelectionTest, AgreesWithASort) {
    Selection selection;  // reused, as its buffers are
    std::uint32_t sample = 0;
    for (const std::size_t size : {1U, 2U, 3U, 7U, 50U, 1'000U, 10'007U}) {
        for (int repeat = 0; repeat < 5; ++repeat, ++sample) {
            std::vector<double> values(size);
            for (std::uint32_t i = 0; i < size; ++i) {
                values[i] = shaped(GetParam(), uniform(i, sample)) + 0.0;
            }
            std::vector<double> sorted = values;
            std::sort(sorted.begin(), sorted.end());
            std::vector<std::uint64_t> ranks{1, size, (size + 1) / 2, (size + 1) / 2};
            for (std::uint32_t i = 0; i < 12; ++i) {
                ranks.push_back(1 + static_cast<std::uint64_t>(uniform(i, 1'000 + sample) * static_cast<double>(size)));
            }
            selection.select(values, ranks);
            for (const std::uint64_t rank : ranks) {
                ASSERT_EQ(selection.at_rank(rank), sorted[rank - 1]) << "rank " << rank << " of " << size;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Shapes, SelectionTest, ::testing::Range(0, 8));

}  // namespace
}  // namespace clv
