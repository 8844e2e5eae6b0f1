#pragma once
// Whose choice in a plan could turn within the error of the figures it was made from.

#include <cstddef>
#include <vector>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

/// Customers, rising, of whom some action comes closer than `standard_errors` to the best one at the prices of the
/// plan's limits. The error of a difference is taken as if profits had independent errors: that of value without any
/// action is in none of them, and what paired profits share makes their difference more certain, not less. A margin
/// without error is certain, a tie too. Throws InputError if the table has no standard errors.
[[nodiscard]] std::vector<std::size_t> undecided_customers(const UpliftTable& table, const ActionPlan& plan,
                                                           double standard_errors);

}  // namespace clv
