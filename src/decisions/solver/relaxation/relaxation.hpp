#pragma once
// The relaxation of several limits at its best prices.

#include <cstdint>
#include <vector>

#include "decisions/table/limit_rows.hpp"
#include "multipliers.hpp"

namespace clv::decisions {

struct Relaxation {
    std::vector<double> prices;        ///< [side]
    double bound = 0.0;                ///< currency: no plan within the limits has a higher objective
    Response response;                 ///< of everybody at these prices
    std::vector<std::uint8_t> action;  ///< of every customer at these prices
    double tie_break = 0.0;            ///< currency: what `action` may lack of the best at these prices, per customer
    std::vector<std::uint32_t> open;   ///< customers who choose otherwise at prices nearby, in order
};

[[nodiscard]] Relaxation relax_limits(const UpliftTable& table, const std::vector<LimitRow>& rows,
                                      const std::vector<LimitSide>& sides);

/// The rows of which the relaxation shows that no plan, not even one that splits customers, can keep them together;
/// without any one of them that is not so. Empty: it does not show that.
[[nodiscard]] std::vector<std::size_t> conflicting_rows(const UpliftTable& table, const std::vector<LimitRow>& rows);

}  // namespace clv::decisions
