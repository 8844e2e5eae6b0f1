#pragma once
// The float draws at many consecutive arguments, in the vectors of the CPU backend, once per instruction set.

#include <cstdint>

namespace clv::bench {

inline constexpr std::uint32_t draw_block = 4096;

/// Each fills draw_block entries, of the arguments `first`, `first` + 1, ..
struct DrawBlocks {
    void (*exponential)(std::uint32_t first, float* draw);
    void (*exp2)(std::uint32_t first_bits, float* power);  ///< of the floats with these bits
    void (*radius)(std::uint32_t first, float* radius);    ///< of a normal pair at angle 0
    void (*angle)(std::uint32_t radius_word, std::uint32_t first, float* cosine, float* sine);  ///< times the radius
    void (*inverse_normal)(std::uint32_t first, float* quantile);
};

extern const DrawBlocks draw_blocks_scalar;
extern const DrawBlocks draw_blocks_sse4;
extern const DrawBlocks draw_blocks_avx2;
extern const DrawBlocks draw_blocks_avx512;

}  // namespace clv::bench
