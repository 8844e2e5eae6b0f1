#pragma once

#include <cstddef>
#include <span>

namespace clv {

/// Throws InputError for a row-major table that is empty, not whole rows, or has numbers that are not finite or whose
/// square may not be.
void check_table(std::span<const double> values, std::size_t columns);

}  // namespace clv
