#include "cpu/lanes/vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_RETAIL simulate_retail_avx2
#include "retail_block.inc"
