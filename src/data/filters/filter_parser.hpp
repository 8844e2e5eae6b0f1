#pragma once

#include <string_view>
#include <vector>

#include "clv/data/filters/filter.hpp"

namespace clv {

/// The steps of a filter in postfix order; none for blank text. Throws ConfigError with the position.
[[nodiscard]] std::vector<Filter::Step> parse_filter(std::string_view text);

}  // namespace clv
