#pragma once

#include <filesystem>
#include <string_view>

namespace clv {

/// Whether it is a path that stays inside its folder.
[[nodiscard]] inline bool is_inner_name(std::string_view name) {
    const std::filesystem::path path(name);
    return !name.empty() && name.find('\0') == std::string_view::npos && path.is_relative() && path.has_filename() &&
           path == path.lexically_normal() && *path.begin() != ".." && *path.begin() != ".";
}

}  // namespace clv
