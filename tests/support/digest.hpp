#pragma once
// One number for all bits of a result, to compare runs and to pin them.

#include <bit>
#include <cstdint>
#include <vector>

#include "clv/simulation/result.hpp"

namespace clv::test {

class Digest {
  public:
    void add(std::uint64_t word) {
        for (int byte = 0; byte < 8; ++byte) {
            hash_ = (hash_ ^ (word >> (8 * byte) & 0xffU)) * 0x100000001b3ULL;
        }
    }
    void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
    void add(std::int64_t value) { add(static_cast<std::uint64_t>(value)); }
    template <class T>
    void add(const std::vector<T>& values) {
        for (const T& value : values) {
            add(value);
        }
    }
    [[nodiscard]] std::uint64_t value() const { return hash_; }

  private:
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

inline std::uint64_t digest(const SimulationResult& result) {
    Digest digest;
    for (const ClvFigures& clv : result.actions) {
        digest.add(clv.mean);
        digest.add(clv.se);
        digest.add(clv.sd);
        digest.add(clv.quantiles);
        digest.add(clv.quantile_se);
        digest.add(clv.cvar);
        digest.add(clv.cvar_se);
        digest.add(clv.prob_loss);
    }
    for (const UpliftFigures& uplift : result.uplift) {
        digest.add(uplift.expected_profit);
        digest.add(uplift.expected_profit_se);
        digest.add(uplift.cost);
        digest.add(uplift.added_months);
        digest.add(uplift.profit_quantiles);
        digest.add(uplift.profit_cvar);
        digest.add(uplift.prob_gain);
        digest.add(uplift.payback_months);
    }
    digest.add(result.expected_lifetime_months);
    digest.add(result.totals.unit);
    digest.add(result.totals.values);
    digest.add(result.cashflow.unit);
    digest.add(result.cashflow.values);
    return digest.value();
}

}  // namespace clv::test
