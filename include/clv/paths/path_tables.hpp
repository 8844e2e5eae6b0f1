#pragma once
// How tables of paths and months lie in memory.

#include <cstddef>
#include <cstdint>

#include "clv/core/host_device.hpp"

namespace clv {

/// Tables of paths and months stand in groups of 16 paths, month after month within a group: a vector of paths then
/// goes through one stretch of memory instead of touching every month's row.
inline constexpr std::uint32_t path_group = 16;

CLV_HD std::size_t grouped_index(std::uint32_t path, int month, int horizon_months) {
    const std::size_t row = static_cast<std::size_t>(path / path_group) * static_cast<std::size_t>(horizon_months) +
                            static_cast<std::size_t>(month - 1);
    return row * path_group + path % path_group;
}

CLV_HD std::size_t grouped_entries(std::uint32_t paths, int horizon_months) {
    return static_cast<std::size_t>((paths + path_group - 1) / path_group) * path_group *
           static_cast<std::size_t>(horizon_months);
}

/// Backends simulate whole vectors: tables and buffers by path have room for this many paths more than are wanted.
inline constexpr std::uint32_t path_padding = 64;

}  // namespace clv
