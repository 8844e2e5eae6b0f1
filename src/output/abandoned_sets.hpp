#pragma once
// What processes that died left of the sets that they were writing.

#include <filesystem>
#include <string_view>

namespace clv {

/// A set is written in a folder of this name and the process's id.
inline constexpr std::string_view partial_prefix = ".partial-";

/// Removes such folders of `out_dir` whose processes are gone.
void remove_abandoned(const std::filesystem::path& out_dir);

}  // namespace clv
