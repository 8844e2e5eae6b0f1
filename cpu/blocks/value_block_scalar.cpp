#include "cpu/lanes/unit_scalars.hpp"

#define CLV_ADD_UP add_up_scalar
#define CLV_TAKE_LOW_VALUES take_low_values_scalar
#include "value_block.inc"
