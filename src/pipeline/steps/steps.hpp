#pragma once
// The steps that commands are made of, in one table, and the ledger that says which of them need not run again.
//
// A step's hash covers the program's sources, its version, the configuration keys that it declares, and the content of
// what it reads: files by their SHA-256, what an earlier step wrote by that step's hash, since the same inputs give the
// same bytes. A step is reused only where the hash in run.json is the same, every file of the set still is what
// run.json says, and its results can be loaded.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/config/config.hpp"
#include "clv/config/values.hpp"
#include "clv/output/documents/run_record.hpp"

namespace clv {

/// A file of a step, as the table of files names it.
struct StepFile {
    std::string_view name;
    bool (*is_written)(const RunConfig&) = nullptr;  ///< null: always
};

struct StepSpec {
    std::string_view name;
    int version;  ///< raised where results change for another reason than the sources
    std::string_view meaning;
    /// Keys ("simulation.paths") and sections ("simulation"), but for keys that name files: what is in those counts.
    std::vector<std::string_view> keys;
    /// Keys that name files, and the names of earlier steps.
    std::vector<std::string_view> reads;
    std::vector<StepFile> writes;
    bool can_be_loaded = false;  ///< what it wrote can take the place of running it again
};

/// Throws std::logic_error if there is no such step.
[[nodiscard]] const StepSpec& step_spec(std::string_view name);

using StepNames = std::vector<std::string_view>;

/// The steps of `clv run` for this configuration.
[[nodiscard]] StepNames steps_of_run(const RunConfig& config);

/// The names of the files that these steps write for this configuration.
[[nodiscard]] std::vector<std::string> written_files(const RunConfig& config, const StepNames& steps);

/// A step of one command, before it runs.
struct LedgerEntry {
    std::string name;
    std::string hash;
    std::vector<StepInput> inputs;
    bool reused = false;
    std::string why;  ///< it runs
};

class Ledger {
  public:
    /// For these steps of a command with this configuration. Nothing is reused but `standing`, steps of an earlier
    /// run.json that the command goes on from.
    Ledger(std::vector<ConfigValue> values, const StepNames& steps, std::span<const RunStep> standing = {});

    /// Marks what can be taken from the earlier run in `folder`; nothing where there is none, or its files are not what
    /// its run.json says.
    void reuse_from(const std::string& folder);

    /// Nothing is reused, and why.
    void run_all(std::string_view why);

    /// Whether the step is one of the command's, and is reused.
    [[nodiscard]] bool reuses(std::string_view step) const;
    [[nodiscard]] std::span<const LedgerEntry> entries() const noexcept { return entries_; }
    /// The run.json that reused steps are of, whose files were verified.
    [[nodiscard]] const RunRecord& earlier() const noexcept { return earlier_; }
    /// Names of the reused steps, as one line: "generate, value".
    [[nodiscard]] std::string reused_names() const;

    /// Member `steps` of run.json: the steps that have files in the set, `files`.
    [[nodiscard]] std::vector<RunStep> record(const std::vector<std::string>& files) const;

  private:
    [[nodiscard]] const LedgerEntry* find(std::string_view step) const;

    std::vector<ConfigValue> values_;
    std::vector<LedgerEntry> entries_;
    RunRecord earlier_;
};

/// Puts the step that made the reports last in a run's record. `files`: their names.
void add_report_step(RunRecord& record, const std::vector<std::string>& files);

}  // namespace clv
