#pragma once
// The names of unit_vectors.hpp for one path at a time.

#include <cstdint>

#include "clv/core/host_device.hpp"
#include "clv/risk/unit_sums.hpp"

namespace clv::cpu {

namespace {

constexpr int unit_lanes = 1;
constexpr double nearest_limit = 0x1p61;

using ValueMask = bool;

CLV_HD ValueMask are_below(const double* values, double edge) {
    return *values < edge;
}

struct Units {
    std::int64_t v;
    [[nodiscard]] CLV_HD Units only(ValueMask mask) const { return {mask ? v : 0}; }
    CLV_HD friend Units operator-(Units a, Units b) { return {a.v - b.v}; }
    CLV_HD friend Units operator+(Units a, Units b) { return {a.v + b.v}; }
};

CLV_HD Units load_units(const std::int64_t* from) {
    return {*from};
}
CLV_HD void store_units(Units units, std::int64_t* to) {
    *to = units.v;
}

class Rounding {
  public:
    CLV_HD explicit Rounding(double scale, double limit) : scale_(scale), limit_(limit) {}
    CLV_HD Units nearest(const double* values) {
        const double scaled = *values * scale_;
        if (!(__builtin_fabs(scaled) < limit_)) {
            within_ = false;
            return {0};
        }
        return {__builtin_llrint(scaled)};
    }
    [[nodiscard]] CLV_HD bool within() const { return within_; }

  private:
    double scale_;
    double limit_;
    bool within_ = true;
};

class UnitLaneSums {
  public:
    CLV_HD void add(Units units) { sums_.add(units.v); }
    [[nodiscard]] CLV_HD SmallUnitSums total() const { return sums_; }

  private:
    SmallUnitSums sums_;
};

class WeightedLaneSum {
  public:
    CLV_HD void add(Units units, const std::uint32_t* weights) {
        sum_ += static_cast<Wide>(units.v) * static_cast<Wide>(*weights);
    }
    [[nodiscard]] CLV_HD Wide total() const { return sum_; }

  private:
    Wide sum_ = 0;
};

class CountLanes {
  public:
    CLV_HD void add(ValueMask mask) { count_ += mask ? 1 : 0; }
    [[nodiscard]] CLV_HD std::uint64_t total() const { return count_; }

  private:
    std::uint64_t count_ = 0;
};

class LargestUnits {
  public:
    CLV_HD void see(Units units) {
        const std::int64_t magnitude = units.v < 0 ? -units.v : units.v;
        largest_ = largest_ < magnitude ? magnitude : largest_;
    }
    [[nodiscard]] CLV_HD std::int64_t value() const { return largest_; }

  private:
    std::int64_t largest_ = 0;
};

}  // namespace

}  // namespace clv::cpu
