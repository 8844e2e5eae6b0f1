#include "cpu/lanes/unit_vectors.hpp"

#define CLV_ADD_UP add_up_avx512
#define CLV_TAKE_LOW_VALUES take_low_values_avx512
#include "value_block.inc"
