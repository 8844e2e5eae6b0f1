#define CLV_REAL float
#define CLV_DRAW_BLOCKS draw_blocks_scalar
#include "draw_blocks.inc"
