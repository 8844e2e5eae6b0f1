#include "cpu/lanes/vector_lanes.hpp"

#define CLV_LANE_PARTS lane_parts_avx512
#include "lane_parts.inc"
