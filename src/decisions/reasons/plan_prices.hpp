#pragma once

#include <cstddef>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "decisions/table/limit_rows.hpp"

namespace clv::decisions {

/// What actions are worth at the prices of a plan's limits: their objective minus the priced use of the limits. The
/// table must outlive it.
class PlanPrices {
  public:
    PlanPrices(const UpliftTable& table, const ActionPlan& plan);

    /// The action must be open.
    [[nodiscard]] double worth(std::size_t customer, std::size_t action) const;
    /// Whether a limit has a price.
    [[nodiscard]] bool has_prices() const noexcept { return !binding_.empty(); }

  private:
    struct Priced {
        LimitColumn column;
        double multiplier;
    };
    const UpliftTable& table_;
    std::vector<Priced> binding_;
};

}  // namespace clv::decisions
