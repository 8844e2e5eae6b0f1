#include "unit_scalars.hpp"

#define CLV_ADD_UP add_up_baseline
#define CLV_TAKE_LOW_VALUES take_low_values_baseline
#include "value_block.inc"
