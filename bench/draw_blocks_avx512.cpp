#include "cpu/lanes/vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_DRAW_BLOCKS draw_blocks_avx512
#include "draw_blocks.inc"
