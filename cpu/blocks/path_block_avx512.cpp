#include "cpu/lanes/value_vectors.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_CUSTOMER simulate_customer_avx512
#define CLV_SIMULATE_SCENARIOS simulate_scenarios_avx512
#include "path_block.inc"
#include "scenario_block.inc"
