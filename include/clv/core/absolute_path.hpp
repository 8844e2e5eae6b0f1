#pragma once

#include <filesystem>

namespace clv {

/// The whole path of what is named, without `.` and `..`; links stay. Throws ConfigError where it is relative to a
/// working directory that is gone.
[[nodiscard]] std::filesystem::path absolute_path(const std::filesystem::path& path);

}  // namespace clv
