#define CLV_REAL float
#define CLV_SIMULATE_RETAIL simulate_retail_scalar
#include "retail_block.inc"
