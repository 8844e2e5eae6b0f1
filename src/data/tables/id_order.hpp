#pragma once

#include <cstdint>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

/// The entries of `ids` in the order of their bytes. Ids are distinct.
[[nodiscard]] std::vector<std::uint32_t> order_of(const IdColumn& ids);

}  // namespace clv
