#define CLV_SIMULATE_CUSTOMER simulate_customer_avx2
#include "path_block.inc"
