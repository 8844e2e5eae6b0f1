#pragma once
// Bytes as zlib packs them (RFC 1950), for documents that hold models.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace clv {

/// What is larger is not packed, so that whoever unpacks knows when to stop.
inline constexpr std::size_t most_packed_bytes = std::size_t{256} << 20;

/// Throws MemoryError.
[[nodiscard]] std::string packed(std::string_view bytes);

/// The bytes; none where these are not one whole stream of zlib's, or hold too many.
[[nodiscard]] std::optional<std::string> unpacked(std::string_view bytes);

}  // namespace clv
