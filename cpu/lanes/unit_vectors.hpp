#pragma once
// Money in whole units, several paths at a time, by Highway: what path_block.inc adds up. unit_scalars.hpp has the same
// names for one path at a time.

#include <hwy/highway.h>

#include <array>

#include "clv/core/host_device.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv::cpu {

namespace {

namespace hn = hwy::HWY_NAMESPACE;
using ValueTag = hn::ScalableTag<double>;
using UnitTag = hn::ScalableTag<std::int64_t>;
using HalfTag = hn::ScalableTag<std::uint32_t>;
using ProductTag = hn::ScalableTag<std::uint64_t>;

constexpr int unit_lanes = static_cast<int>(hn::MaxLanes(UnitTag()));
#if HWY_TARGET == HWY_AVX3
constexpr double nearest_limit = 0x1p61;  ///< of what nearest() rounds
#else
constexpr double nearest_limit = 0x1p51;
#endif

using ValueMask = hn::Mask<ValueTag>;

CLV_HD ValueMask are_below(const double* values, double edge) {
    const ValueTag doubles;
    return hn::Lt(hn::LoadU(doubles, values), hn::Set(doubles, edge));
}

struct Units {
    hn::Vec<UnitTag> v;
    /// 0 where the mask is not set.
    [[nodiscard]] CLV_HD Units only(ValueMask mask) const {
        return {hn::IfThenElseZero(hn::RebindMask(UnitTag(), mask), v)};
    }
    CLV_HD friend Units operator-(Units a, Units b) { return {hn::Sub(a.v, b.v)}; }
    CLV_HD friend Units operator+(Units a, Units b) { return {hn::Add(a.v, b.v)}; }
};

CLV_HD Units load_units(const std::int64_t* from) {
    return {hn::LoadU(UnitTag(), from)};
}
CLV_HD void store_units(Units units, std::int64_t* to) {
    hn::StoreU(units.v, UnitTag(), to);
}

/// Nearest units of values, and whether all of them were within `limit`, a power of two, at most nearest_limit.
class Rounding {
  public:
#if HWY_TARGET == HWY_AVX3
    CLV_HD explicit Rounding(double scale, double limit)
        : scale_(hn::Set(ValueTag(), scale)), limit_(static_cast<std::int64_t>(limit)) {}

    CLV_HD Units nearest(const double* values) {
        const auto scaled = hn::Mul(hn::LoadU(ValueTag(), values), scale_);
        const Units units{hn::Vec<UnitTag>{_mm512_cvtpd_epi64(scaled.raw)}};
        seen_ = hn::Or(seen_, hn::Abs(units.v));  // what does not fit the conversion has the top bit
        return units;
    }
    [[nodiscard]] CLV_HD bool within() const {
        return hn::AllTrue(UnitTag(), hn::Eq(hn::And(seen_, hn::Set(UnitTag(), -limit_)), hn::Zero(UnitTag())));
    }

  private:
    hn::Vec<ValueTag> scale_;
    std::int64_t limit_;
    hn::Vec<UnitTag> seen_ = hn::Zero(UnitTag());
#else
    CLV_HD explicit Rounding(double scale, double limit)
        : scale_(hn::Set(ValueTag(), scale)), limit_(hn::Set(ValueTag(), limit)) {}

    CLV_HD Units nearest(const double* values) {
        const ValueTag doubles;
        const auto scaled = hn::Mul(hn::LoadU(doubles, values), scale_);
        within_ = hn::And(within_, hn::Lt(hn::Abs(scaled), limit_));
        // Adding 1.5 x 2^52 rounds a double below 2^51 to an integer, which then stands in its low bits.
        const auto shifter = hn::Set(doubles, 0x1.8p52);
        const UnitTag integers;
        return {hn::Sub(hn::BitCast(integers, hn::Add(scaled, shifter)), hn::BitCast(integers, shifter))};
    }
    [[nodiscard]] CLV_HD bool within() const {
        return hn::AllTrue(ValueTag(), within_);
    }

  private:
    hn::Vec<ValueTag> scale_;
    hn::Vec<ValueTag> limit_;
    hn::Mask<ValueTag> within_ = hn::FirstN(ValueTag(), static_cast<std::size_t>(unit_lanes));
#endif
};

/// SmallUnitSums in every lane.
class UnitLaneSums {
  public:
    CLV_HD void add(Units units) {
        [[maybe_unused]] const HalfTag halves;
        const ProductTag products;
        sum_ = hn::Add(sum_, units.v);
        const auto magnitude = hn::BitCast(products, hn::Abs(units.v));
#if defined(__AVX512IFMA__)
        // products of 52 bits, their halves added at once
        high_high_.raw = _mm512_madd52hi_epu64(high_high_.raw, magnitude.raw, magnitude.raw);
        low_low_.raw = _mm512_madd52lo_epu64(low_low_.raw, magnitude.raw, magnitude.raw);
#else
        const auto low = hn::BitCast(halves, hn::And(magnitude, hn::Set(products, std::uint64_t{0x3ffffff})));
        const auto high = hn::BitCast(halves, hn::ShiftRight<26>(magnitude));
        high_high_ = hn::Add(high_high_, hn::MulEven(high, high));
        high_low_ = hn::Add(high_low_, hn::MulEven(high, low));
        low_low_ = hn::Add(low_low_, hn::MulEven(low, low));
#endif
    }
    [[nodiscard]] CLV_HD SmallUnitSums total() const {
        const auto over_lanes = [](hn::Vec<ProductTag> lanes) {
            return hn::GetLane(hn::SumOfLanes(ProductTag(), lanes));
        };
        SmallUnitSums sums;
        sums.sum = hn::GetLane(hn::SumOfLanes(UnitTag(), sum_));
        sums.high_high = over_lanes(high_high_);
        sums.high_low = over_lanes(high_low_);
        sums.low_low = over_lanes(low_low_);
        return sums;
    }

  private:
    hn::Vec<UnitTag> sum_ = hn::Zero(UnitTag());
    hn::Vec<ProductTag> high_high_ = hn::Zero(ProductTag());
    hn::Vec<ProductTag> high_low_ = hn::Zero(ProductTag());
    hn::Vec<ProductTag> low_low_ = hn::Zero(ProductTag());
};

/// Sum of at most 2^8 units below 2^51 in magnitude times weights of at most 2^30. A unit is high 2^26 + low with
/// 0 <= low < 2^26, so that products fit 64 bits, and so do their sums.
class WeightedLaneSum {
  public:
    CLV_HD void add(Units units, const std::uint32_t* weights) {
        const ProductTag products;
        const HalfTag halves;
        const hn::RebindToSigned<HalfTag> signed_halves;
        const auto weight = hn::PromoteTo(products, hn::LoadU(hn::Rebind<std::uint32_t, ProductTag>(), weights));
        const auto high = hn::ShiftRight<26>(units.v);
        const auto low = hn::And(hn::BitCast(products, units.v), hn::Set(products, std::uint64_t{0x3ffffff}));
        high_ = hn::Add(high_, hn::MulEven(hn::BitCast(signed_halves, high), hn::BitCast(signed_halves, weight)));
        low_ = hn::Add(low_, hn::MulEven(hn::BitCast(halves, low), hn::BitCast(halves, weight)));
    }
    [[nodiscard]] CLV_HD Wide total() const {
        const std::int64_t high = hn::GetLane(hn::SumOfLanes(UnitTag(), high_));
        // lane by lane: SumOfLanes adds signed ones with AVX-512, which these overflow
        std::array<std::uint64_t, hn::MaxLanes(ProductTag())> lanes;
        hn::StoreU(low_, ProductTag(), lanes.data());
        std::uint64_t low = 0;
        for (const std::uint64_t lane : lanes) {
            low += lane;
        }
        return static_cast<Wide>(high) * (Wide{1} << 26) + static_cast<Wide>(low);
    }

  private:
    hn::Vec<UnitTag> high_ = hn::Zero(UnitTag());
    hn::Vec<ProductTag> low_ = hn::Zero(ProductTag());
};

/// How often a mask was set.
class CountLanes {
  public:
    CLV_HD void add(ValueMask mask) {
        const UnitTag integers;
        count_ = hn::Sub(count_, hn::VecFromMask(integers, hn::RebindMask(integers, mask)));
    }
    [[nodiscard]] CLV_HD std::uint64_t total() const {
        return static_cast<std::uint64_t>(hn::GetLane(hn::SumOfLanes(UnitTag(), count_)));
    }

  private:
    hn::Vec<UnitTag> count_ = hn::Zero(UnitTag());
};

/// The largest magnitude of units.
class LargestUnits {
  public:
    CLV_HD void see(Units units) { largest_ = hn::Max(largest_, hn::Abs(units.v)); }
    [[nodiscard]] CLV_HD std::int64_t value() const { return hn::GetLane(hn::MaxOfLanes(UnitTag(), largest_)); }

  private:
    hn::Vec<UnitTag> largest_ = hn::Zero(UnitTag());
};

}  // namespace

}  // namespace clv::cpu
