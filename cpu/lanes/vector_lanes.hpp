#pragma once
// The operations of clv/random/lane.hpp on vectors, by Highway. Included only by files compiled for one instruction
// set, before the law: everything here lives in that set's namespace, so that two of them can share a program.

#include "clv/random/lane.hpp"
#include "vector_philox.hpp"
#include "vector_search.hpp"
#include "vector_types.hpp"

namespace clv::lane {

// The law names these through lane::, so the vector forms must stand beside the scalar ones before the law is read.
using HWY_NAMESPACE::any;
using HWY_NAMESPACE::as_integer;
using HWY_NAMESPACE::bits_of;
using HWY_NAMESPACE::clamp_magnitude;
using HWY_NAMESPACE::count_below;
using HWY_NAMESPACE::count_if;
using HWY_NAMESPACE::counting_from;
using HWY_NAMESPACE::fused;
using HWY_NAMESPACE::gather;
using HWY_NAMESPACE::has_bit;
using HWY_NAMESPACE::largest;
using HWY_NAMESPACE::load;
using HWY_NAMESPACE::lookup;
using HWY_NAMESPACE::maximum;
using HWY_NAMESPACE::minimum;
using HWY_NAMESPACE::or_and;
using HWY_NAMESPACE::real_of;
using HWY_NAMESPACE::reverse_bits;
using HWY_NAMESPACE::select;
using HWY_NAMESPACE::shift_right_signed;
using HWY_NAMESPACE::signed_to_real;
using HWY_NAMESPACE::square_root;
using HWY_NAMESPACE::store;
using HWY_NAMESPACE::to_real;
using HWY_NAMESPACE::whole_part;

template <>
struct Types<HWY_NAMESPACE::Real> {
    using Word = HWY_NAMESPACE::Word;
    using Integer = HWY_NAMESPACE::Integer;
    using Mask = HWY_NAMESPACE::Mask;
    static constexpr int lanes = static_cast<int>(HWY_NAMESPACE::hn::MaxLanes(HWY_NAMESPACE::RealTag()));
};

}  // namespace clv::lane
