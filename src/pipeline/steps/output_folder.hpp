#pragma once
// Where a command writes, what it is going to write, and how it says so in run.json.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "clv/config/config.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// The folder that the command writes to; throws ConfigError if none is named.
[[nodiscard]] const std::string& output_folder(const RunConfig& config);

/// The names of the files that the command writes, and of those that it writes where its input asks for them.
[[nodiscard]] std::vector<std::string> written_files(const RunConfig& config, std::string_view command);

/// The set of files of the command, in output_folder(). Whatever the configuration names is safe from it: throws
/// ConfigError if one of written_files() is such a file, and what OutputSet throws.
[[nodiscard]] OutputSet open_output(const RunConfig& config, std::string_view command);

/// new_run_record() of this configuration.
[[nodiscard]] RunRecord run_record(const RunConfig& config, std::string command, const Capabilities* backend,
                                   std::chrono::system_clock::time_point started);

/// What was read, with the hash of that input.
void add_input(RunRecord& record, const RunConfig& config, const ValidationReport& report, const ContentHash& content);

}  // namespace clv
