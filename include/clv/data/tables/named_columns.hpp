#pragma once
// Every column of customers that can say how they differ, under its name in the file, whether the engine knows it or
// not.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

struct NamedColumn {
    std::string name;
    const Column* column = nullptr;          ///< one that the engine knows, or ..
    const FeatureColumn* feature = nullptr;  ///< .. one of the file, or ..
    std::span<const std::uint32_t> codes{};  ///< .. texts by their codes
    std::span<const std::string> texts{};

    [[nodiscard]] bool is_text() const noexcept { return !texts.empty(); }
    /// NaN where there is none.
    [[nodiscard]] double number(std::size_t customer) const;
    /// Empty where there is none; a number as the shortest text that reads back to it.
    [[nodiscard]] std::string text(std::size_t customer) const;
};

/// Whether the column has numbers: as such, or as texts beside which stand only words for what is missing (NaN, NA,
/// N/A, null, none, ?, -; in any case).
[[nodiscard]] bool has_numbers(const NamedColumn& column);

/// The engine's own columns first, then the others in the order of the file. Without customer_id, outcomes, and what
/// already says how customers churn.
[[nodiscard]] std::vector<NamedColumn> named_columns(const CustomerTable& customers);

/// The name in the file of what we call `ours`.
[[nodiscard]] std::string name_in_file(const CustomerTable& customers, std::string_view ours);

/// The column of that name, in the file or ours; null if there is none.
[[nodiscard]] const NamedColumn* find_column(const std::vector<NamedColumn>& columns, const CustomerTable& customers,
                                             std::string_view name);

}  // namespace clv
