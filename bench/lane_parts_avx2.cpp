#include "cpu/lanes/vector_lanes.hpp"

#define CLV_LANE_PARTS lane_parts_avx2
#include "lane_parts.inc"
