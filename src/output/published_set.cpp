// Sets of files as readers find them: whole, or refused.

#include <fmt/format.h>

#include <map>
#include <optional>
#include <system_error>

#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/output_set.hpp"
#include "result_names.hpp"

namespace clv {

namespace fs = std::filesystem;

RunRecord verify_output_set(const fs::path& dir, OutputSet::Reports reports) {
    RunRecord record = read_run_record(dir);
    std::error_code error;
    std::erase_if(record.files, [&](const auto& file) {
        return shows_others(file.first) &&
               fs::symlink_status(dir / file.first, error).type() == fs::file_type::not_found;
    });
    for (const auto& [name, digest] : record.files) {
        const bool may_differ = shows_others(name) && reports == OutputSet::Reports::may_differ;
        if (may_differ || matches(dir / name, digest)) {
            continue;
        }
        throw InputError(
            shows_others(name)
                ? fmt::format("a report was changed ({}): move it elsewhere, or remove it; clv report makes it again",
                              (dir / name).string())
                : fmt::format("a result is missing or was changed ({}): run the command that made it again",
                              (dir / name).string()));
    }
    return record;
}

void require_published(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    const std::optional<RunRecord> record = find_run_record(folder);
    const auto listed =
        record ? record->files.find(file.filename().string()) : std::map<std::string, FileDigest>::const_iterator();
    if (!record || listed == record->files.end()) {
        throw InputError(
            fmt::format("nothing vouches for {}: no run.json beside it lists it; name it in the folder of "
                        "its run, or run the command that made it again",
                        file.string()));
    }
    if (!matches(file, listed->second)) {
        throw InputError(
            fmt::format("a result is missing or was changed ({}, by the run.json beside it): run the "
                        "command that made it again",
                        file.string()));
    }
}

}  // namespace clv
