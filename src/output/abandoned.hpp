#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace clv {

/// How the folder is called that a run writes to; its process id follows.
inline constexpr std::string_view partial_prefix = ".partial-";
/// How the folder is called that keeps the run.json of a run that was stopped while it published: until another one has
/// published, it tells which files are that run's.
inline constexpr std::string_view stopped_prefix = ".stopped-";

/// Removes what dead processes left in a folder of results, but for the run.json of those that may have published.
void remove_abandoned(const std::filesystem::path& out_dir);

/// Makes the folder of a run one of those that are stopped, where it has a run.json: only that stays.
void keep_as_stopped(const std::filesystem::path& partial_dir) noexcept;

/// The folders that have the run.json of such runs, also of those whose folders nobody has looked through yet.
[[nodiscard]] std::vector<std::filesystem::path> stopped_runs(const std::filesystem::path& out_dir);

/// To be called when a set is whole.
void forget_stopped_runs(const std::filesystem::path& out_dir) noexcept;

}  // namespace clv
