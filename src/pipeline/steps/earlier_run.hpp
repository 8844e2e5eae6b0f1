#pragma once
// A folder of results as something to go on from.

#include <filesystem>

#include "clv/config/config.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/folder_lock.hpp"
#include "settings.hpp"

namespace clv {

struct EarlierRun {
    std::filesystem::path folder;
    bool is_continued = false;     ///< the command writes to that folder
    FolderLock lock;               ///< of it: for writing where it is continued, else for reading
    RunRecord record;              ///< its run.json
    RunConfig config;              ///< with [optimizer], [execution] and [output] of the present one
    PopulationSettings customers;  ///< of that configuration; a world that the run generated is its input
};

/// The run of optimizer.results, else of output.dir. Throws InputError unless its files are all there and unchanged,
/// results.h5 among them; OutputError if another run is at work there.
[[nodiscard]] EarlierRun open_earlier_run(const RunConfig& given);

/// Whether `file` is one of the results in `folder`, which a new set of files there would replace.
[[nodiscard]] bool is_result_in(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace clv
