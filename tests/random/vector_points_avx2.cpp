#include "cpu/lanes/vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_COMPUTE_POINTS compute_points_avx2
#define CLV_COMPUTE_FUSED compute_fused_avx2
#include "random/vector_points.inc"
