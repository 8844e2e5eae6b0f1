#include "cpu/lanes/value_vectors.hpp"

#define CLV_REAL lane::HWY_NAMESPACE::Real
#define CLV_SIMULATE_CUSTOMER simulate_customer_sse4
#define CLV_SIMULATE_SCENARIOS simulate_scenarios_sse4
#include "path_block.inc"
#include "scenario_block.inc"
