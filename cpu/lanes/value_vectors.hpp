#pragma once
// Values of paths from the table by paid months, several paths at a time. value_scalars.hpp has the same for one path
// at a time.

#include "unit_vectors.hpp"
#include "vector_lanes.hpp"
// the law comes after its vectors
#include "clv/paths/subscription_path.hpp"

namespace clv::cpu {

namespace {

#if HWY_TARGET == HWY_AVX3
/// Looks up 8 entries at a time in a table of at most 16 x `pairs` that stands in registers, which is faster than
/// memory.
template <int pairs>
class RegisterTable {
  public:
    CLV_HD RegisterTable(const double* table, int entries) {
        CLV_UNROLL
        for (int r = 0; r < 2 * pairs; ++r) {
            const int left = entries - 8 * r;
            const auto present = static_cast<__mmask8>(left >= 8 ? 0xff : left > 0 ? (1 << left) - 1 : 0);
            table_[r] = _mm512_maskz_loadu_pd(present, table + (left > 0 ? 8 * r : 0));
        }
    }
    CLV_HD hn::Vec<ValueTag> operator()(const std::int32_t* index) const {
        const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(index));
        const __m512i at = _mm512_cvtepi32_epi64(narrow);
        __m512d found = _mm512_permutex2var_pd(table_[0], at, table_[1]);
        CLV_UNROLL
        for (int pair = 1; pair < pairs; ++pair) {
            const __mmask8 here = _mm512_cmpge_epi64_mask(at, _mm512_set1_epi64(16 * pair));
            found = _mm512_mask_mov_pd(found, here, _mm512_permutex2var_pd(table_[2 * pair], at, table_[2 * pair + 1]));
        }
        return hn::Vec<ValueTag>{found};
    }

  private:
    __m512d table_[2 * pairs];
};
#endif

/// Looks up entries of a table in memory.
class MemoryTable {
  public:
    CLV_HD explicit MemoryTable(const double* table) : table_(table) {}
    CLV_HD hn::Vec<ValueTag> operator()(const std::int32_t* index) const {
        const hn::Rebind<std::int32_t, ValueTag> narrow;
        return hn::GatherIndex(ValueTag(), table_, hn::PromoteTo(UnitTag(), hn::LoadU(narrow, index)));
    }

  private:
    const double* table_;
};

template <class Lookup>
CLV_HD void tabled_values(const Lookup& lookup, double margin, double active_margin, const std::int32_t* paid,
                          const float* noise, const float* active_noise, int count, double* values) {
    const ValueTag doubles;
    const hn::Rebind<float, ValueTag> floats;
    const auto margins = hn::Set(doubles, margin);
    const auto active_margins = hn::Set(doubles, active_margin);
    for (int at = 0; at < count; at += unit_lanes) {
        const auto plain = hn::Mul(margins, hn::PromoteTo(doubles, hn::LoadU(floats, noise + at)));
        const auto active = hn::Mul(active_margins, hn::PromoteTo(doubles, hn::LoadU(floats, active_noise + at)));
        hn::StoreU(hn::Add(lookup(paid + at), hn::Add(plain, active)), doubles, values + at);
    }
}

/// tabled_value of `count` paths, and of more until a vector is full.
[[maybe_unused]] void tabled_values(const ValueTable& table, [[maybe_unused]] int horizon_months, double margin,
                                    const std::int32_t* paid, const float* noise, const float* active_noise, int count,
                                    double* values) {
    const auto with = [&](const auto& lookup) {
        tabled_values(lookup, margin, table.active_margin, paid, noise, active_noise, count, values);
    };
#if HWY_TARGET == HWY_AVX3
    const int entries = horizon_months + 1;
    if (entries <= 32) {
        return with(RegisterTable<2>(table.value, entries));
    }
    if (entries <= 48) {
        return with(RegisterTable<3>(table.value, entries));
    }
    if (entries <= 64) {
        return with(RegisterTable<4>(table.value, entries));
    }
#endif
    with(MemoryTable(table.value));
}

}  // namespace

}  // namespace clv::cpu
