#pragma once
// Bytes as text (RFC 4648), for documents.

#include <optional>
#include <string>
#include <string_view>

namespace clv {

[[nodiscard]] std::string base64(std::string_view bytes);

/// The bytes; none where the text is not as base64() writes it.
[[nodiscard]] std::optional<std::string> base64_bytes(std::string_view text);

}  // namespace clv
