#pragma once
// One run of a command: what it was told, its steps, where it writes, and what it says of itself in run.json.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/config/config.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/simulation/backend.hpp"
#include "steps.hpp"

namespace clv {

/// The folder that the command writes to; throws ConfigError if none is named.
[[nodiscard]] const std::string& output_folder(const RunConfig& config);

/// The files that the configuration names, and those that were inputs of the results in the output folder, which stay
/// safe there from run to run. Throws ConfigError if the steps write one of them.
std::vector<NamedFile> require_safe_inputs(const RunConfig& config, const StepNames& steps);

class CommandRun {
  public:
    /// Opens the set of files in output_folder(). Throws as require_safe_inputs(), OutputSet and its
    /// refuse_somebodys(). `standing`: see Ledger; `lock`: see OutputSet.
    CommandRun(const RunConfig& config, std::string command, const StepNames& steps,
               std::span<const RunStep> standing = {}, FolderLock lock = {});

    [[nodiscard]] OutputSet& outputs() noexcept { return outputs_; }
    [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
    [[nodiscard]] const Ledger& ledger() const noexcept { return ledger_; }
    [[nodiscard]] std::chrono::system_clock::time_point started() const noexcept { return started_; }

    /// What results.h5 says of where it comes from.
    [[nodiscard]] ResultsOrigin origin(std::string input_hash) const;

    /// The members of run.json that every command fills, with its steps. `backend` is null where nothing was simulated;
    /// `earlier_files` are those of an earlier run that stay in the set.
    [[nodiscard]] RunRecord record(const Capabilities* backend,
                                   const std::vector<std::string>& earlier_files = {}) const;

  private:
    std::chrono::system_clock::time_point started_ = std::chrono::system_clock::now();
    std::string command_;
    std::string config_text_;
    std::string config_hash_;
    std::uint64_t seed_;
    OutputSet outputs_;
    Ledger ledger_;
};

}  // namespace clv
