#include "vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_CUSTOMER simulate_customer_avx512
#include "path_block.inc"
