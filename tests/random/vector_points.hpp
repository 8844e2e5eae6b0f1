#pragma once
// The quasi-random building blocks, computed for 16 paths with the vectors of one instruction set. Only plain arrays
// cross the border to files that are compiled for it.

#include <cstdint>

namespace clv {

struct LanePoints {
    std::uint32_t word[5][16];
    std::uint32_t reversed[16];
    std::uint32_t noise_path[16];
    float normal[5][16];
    float noise[16];
    float walk[16];
};

/// result[i] = a[i] b[i] + c[i], rounded once, for 16 entries.
using ComputeFused = void (*)(const float* a, const float* b, const float* c, float* result);

void compute_fused_sse4(const float* a, const float* b, const float* c, float* result);
void compute_fused_avx2(const float* a, const float* b, const float* c, float* result);
void compute_fused_avx512(const float* a, const float* b, const float* c, float* result);

/// Points of paths path..path + 15 of a customer.
using ComputePoints = void (*)(std::uint32_t first_path, std::uint32_t path, std::uint32_t id, LanePoints& result);

void compute_points_sse4(std::uint32_t first_path, std::uint32_t path, std::uint32_t id, LanePoints& result);
void compute_points_avx2(std::uint32_t first_path, std::uint32_t path, std::uint32_t id, LanePoints& result);
void compute_points_avx512(std::uint32_t first_path, std::uint32_t path, std::uint32_t id, LanePoints& result);

}  // namespace clv
