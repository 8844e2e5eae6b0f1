#pragma once
// Random words and normals in the vectors of the CPU backend, once per instruction set.

#include <cstdint>

namespace clv::bench {

inline constexpr std::uint32_t lane_batch = 4096;

/// words: 4 x lane_batch, [word][block] of the blocks `first`, `first` + 1, ..
using FillWords = void (*)(std::uint32_t first, std::uint32_t* words);
/// normals: 2 x lane_batch, from the first 2 x lane_batch words.
using FillNormals = void (*)(const std::uint32_t* words, float* normals);

struct LaneParts {
    FillWords fill_words;
    FillNormals fill_normals;
};

extern const LaneParts lane_parts_avx2;
extern const LaneParts lane_parts_avx512;

}  // namespace clv::bench
