#pragma once
// "Did you mean ..?": the known name closest to one that is not known.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace clv {

/// The candidate with the fewest edits (insert, delete, replace, swap of neighbours; case does not count) from `name`,
/// the first of equals. Empty when even that one differs in more than a third of its letters: then it is no typo.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates);

}  // namespace clv
