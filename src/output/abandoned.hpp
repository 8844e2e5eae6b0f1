#pragma once

#include <filesystem>
#include <string_view>

namespace clv {

/// How the folder is called that a run writes to; its process id follows.
inline constexpr std::string_view partial_prefix = ".partial-";

/// Removes what dead processes left in a folder of results.
void remove_abandoned(const std::filesystem::path& out_dir);

}  // namespace clv
