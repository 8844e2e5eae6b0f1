#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/tables/customer_table.hpp"

namespace clv {

/// XXH3 (64 bit) of the id's bytes: CustomerTable::id_hash.
[[nodiscard]] std::uint64_t customer_id_hash(std::string_view id) noexcept;

/// CustomerTable::content_hash: the sum, modulo 2^64 in two lanes, of the XXH3 (128 bit) of every row and of the
/// column names. Neither the order of rows nor that of feature columns nor the file's own column names matter.
[[nodiscard]] std::array<std::uint64_t, 2> content_hash(const CustomerTable& table);

/// PurchaseSummary::content_hash, made likewise of every row and the time unit; segments are not in it.
[[nodiscard]] std::array<std::uint64_t, 2> content_hash(const PurchaseSummary& summary);

}  // namespace clv
