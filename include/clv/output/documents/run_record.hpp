#pragma once
// run.json: how results were made. Everything about the execution stands here and nowhere else.

#include <array>
#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "clv/config/config.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// The order-free hash of all rows that was taken when they were read.
using ContentHash = std::array<std::uint64_t, 2>;

/// Hash of the input: of the rows' content (32 hexadecimal digits) and, for a file of curves and for a model, a dash
/// and that file's SHA-256.
[[nodiscard]] std::string input_hash(const RunConfig& config, const ContentHash& content);

/// Version and commit of this program, e.g. "0.1.0" and "a1b2c3d" ("unknown" outside a repository).
[[nodiscard]] std::string program_version();
[[nodiscard]] std::string program_commit();
/// SHA-256 of the sources that this program was built from: other sources, perhaps other results.
[[nodiscard]] std::string program_sources();

/// The members that every command's run.json has. `backend` is null where nothing was simulated.
[[nodiscard]] nlohmann::json run_record(const RunConfig& config, const std::string& command,
                                        const Capabilities* backend, std::chrono::system_clock::time_point started);

/// Adds what was read.
void add_input(nlohmann::json& record, const RunConfig& config, const ValidationReport& report,
               const ContentHash& content);

/// Largest resident memory of this process so far, in MiB.
[[nodiscard]] double peak_memory_mib();

}  // namespace clv
