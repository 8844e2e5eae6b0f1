#include "command_run.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "clv/config/named_files.hpp"
#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"

namespace clv {

namespace {

OutputSet open_output(const RunConfig& config, const StepNames& steps, FolderLock lock) {
    std::vector<NamedFile> inputs = require_safe_inputs(config, steps);
    return OutputSet(output_folder(config), std::move(inputs), std::move(lock));
}

}  // namespace

const std::string& output_folder(const RunConfig& config) {
    if (config.output.dir.empty()) {
        throw ConfigError("no output folder is named: give --out DIR or output.dir in the configuration");
    }
    return config.output.dir;
}

std::vector<NamedFile> require_safe_inputs(const RunConfig& config, const StepNames& steps) {
    const std::string& folder = output_folder(config);
    std::vector<NamedFile> inputs = named_files(config);
    if (const std::optional<RunRecord> earlier = standing_run_record(folder)) {
        std::ranges::move(inputs_in(folder, *earlier), std::back_inserter(inputs));
    }
    refuse_overwriting(folder, written_files(config, steps), inputs);
    return inputs;
}

CommandRun::CommandRun(const RunConfig& config, std::string command, const StepNames& steps,
                       std::span<const RunStep> standing, FolderLock lock)
    : command_(std::move(command)),
      config_text_(config_as_json(config)),
      config_hash_(config_hash(config)),
      seed_(config.simulation.seed),
      outputs_(open_output(config, steps, std::move(lock))),
      ledger_(config_values(config), steps, standing) {
    outputs_.refuse_somebodys(written_files(config, steps));
}

ResultsOrigin CommandRun::origin(std::string input_hash) const {
    return {program_version(), seed_, config_hash_, std::move(input_hash)};
}

RunRecord CommandRun::record(const Capabilities* backend, const std::vector<std::string>& earlier_files) const {
    RunRecord record = new_run_record(command_, config_text_, config_hash_, backend, started_);
    std::vector<std::string> files = outputs_.names();
    files.insert(files.end(), earlier_files.begin(), earlier_files.end());
    record.steps = ledger_.record(files);
    return record;
}

}  // namespace clv
