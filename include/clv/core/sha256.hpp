#pragma once

#include <string>
#include <string_view>

namespace clv {

/// SHA-256 of a text: 64 lower-case hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view text);

}  // namespace clv
