#pragma once

#include <cstddef>
#include <span>

#include "clv/paths/retail_columns.hpp"
#include "clv/paths/subscription_columns.hpp"

namespace clv {

/// The columns of some customers, in the order given. Their paths are those that they have among all: random numbers go
/// by id. Segments keep their numbers.
[[nodiscard]] SubscriptionColumns take_customers(const SubscriptionColumns& columns,
                                                 std::span<const std::size_t> customers);
[[nodiscard]] RetailColumns take_customers(const RetailColumns& columns, std::span<const std::size_t> customers);

}  // namespace clv
