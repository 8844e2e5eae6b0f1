#pragma once
// Figures of customers, block by block: results.h5 is larger than memory may be.

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "clv/output/hdf5/hdf5_file.hpp"

namespace clv {

/// Consecutive customers whose figures are in memory at a time.
struct Block {
    std::size_t first;
    std::size_t count;
};

[[nodiscard]] inline std::vector<Block> blocks_of(std::size_t customers) {
    constexpr std::size_t customers_per_block = 1 << 16;
    std::vector<Block> blocks{{0, std::min(customers_per_block, customers)}};
    for (std::size_t first = customers_per_block; first < customers; first += customers_per_block) {
        blocks.push_back({first, std::min(customers_per_block, customers - first)});
    }
    return blocks;
}

[[nodiscard]] inline std::vector<double> read_block(const Hdf5File& results, std::string_view dataset, std::size_t row,
                                                    Block block) {
    std::vector<double> values(block.count);
    results.read_part(dataset, row, block.first, values);
    return values;
}

}  // namespace clv
