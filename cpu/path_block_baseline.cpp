#define CLV_REAL float
#define CLV_SIMULATE_CUSTOMER simulate_customer_baseline
#include "path_block.inc"
