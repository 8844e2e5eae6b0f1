#include "cpu/lanes/unit_scalars.hpp"
#include "cpu/lanes/value_scalars.hpp"

#define CLV_REAL float
#define CLV_SIMULATE_CUSTOMER simulate_customer_scalar
#define CLV_SIMULATE_SCENARIOS simulate_scenarios_scalar
#include "path_block.inc"
#include "scenario_block.inc"
