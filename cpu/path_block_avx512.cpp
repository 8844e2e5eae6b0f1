#include "unit_vectors.hpp"
#include "vector_lanes.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_CUSTOMER simulate_customer_avx512
#define CLV_TAKE_LOW_VALUES take_low_values_avx512
#define CLV_SIMULATE_SCENARIOS simulate_scenarios_avx512
#include "path_block.inc"
#include "scenario_block.inc"
