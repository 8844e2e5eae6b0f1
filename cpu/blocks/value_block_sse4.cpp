#include "cpu/lanes/unit_vectors.hpp"

#define CLV_ADD_UP add_up_sse4
#define CLV_TAKE_LOW_VALUES take_low_values_sse4
#include "value_block.inc"
