#pragma once
// Every file that a configuration names, whether the command at hand reads it or not.

#include <vector>

#include "clv/config/config.hpp"
#include "clv/core/named_file.hpp"

namespace clv {

/// The files of all keys that are paths, those of actions, and the configuration's own. Of optimizer.results these are
/// the files of that folder, and none where it is the output folder: that set of results is replaced as a whole.
/// Tables in memory are no files; a file that is named need not be there.
[[nodiscard]] std::vector<NamedFile> named_files(const RunConfig& config);

}  // namespace clv
