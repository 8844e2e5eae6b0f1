#include "cpu/lanes/vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_RETAIL simulate_retail_avx512
#include "retail_block.inc"
