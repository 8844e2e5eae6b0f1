#define CLV_SIMULATE_CUSTOMER simulate_customer_avx512
#include "path_block.inc"
