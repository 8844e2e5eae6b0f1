#pragma once
// The files of one run, which appear whole or not at all. They are written into OUT/.partial-PID; commit() makes them
// durable, moves them into OUT one by one, and moves run.json, which lists the SHA-256 of every file, last. Without a
// commit (an error, an interruption) nothing is left and earlier results are as they were. A move that fails takes
// those before it back. The folder is locked for as long as the set lives: a second run into it is refused. Should the
// machine stop between two moves, the files no longer match run.json and verify_output_set() refuses them.
//
// What a run reads it never removes or overwrites. A file in the place of a result that no run has left there stops the
// run; a result that was changed since is kept beside the new one ("report.changed.xlsx"), HDF5 files excepted. Of an
// earlier run in the folder, what the new one does not write is removed, unless it was changed since, lies behind a
// symbolic link, is or was an input, or a generated world (customers.csv, transactions.csv, truth.csv), which is data
// and stays until there is another world. Inputs that a run there has written may be made again by a later one.

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/core/named_file.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/folder_lock.hpp"

namespace clv {

class Publication;
class StandingFiles;
struct RunRecord;

class OutputSet {
  public:
    /// What becomes of the files of an earlier run in the same folder that the new run does not write.
    enum class EarlierFiles {
        remove,  ///< removed, but for what the rule above keeps
        keep,    ///< kept, and listed in the new run.json as they were in the old one; but for reports, which show the
                 ///< other files as they were. For a command that goes on with the set, or joins it
    };

    /// What verify_output_set() thinks of reports that were changed.
    enum class Reports { are_results, may_differ };

    /// Creates `out_dir` and its parents where they are missing, and removes what dead processes left in it. `inputs`
    /// are the files that the run reads, wherever they are; what they are decides, not how they are spelled.
    /// Throws OutputError if that is not possible or another run is at work there. `lock`: of that folder, where it is
    /// held already.
    explicit OutputSet(std::filesystem::path out_dir, std::vector<NamedFile> inputs = {}, FolderLock lock = {});
    ~OutputSet();
    OutputSet(const OutputSet&) = delete;
    OutputSet& operator=(const OutputSet&) = delete;

    /// Where to write the file that will be OUT/`name` ("clv.csv", "monitoring/x.csv"). Its folder exists.
    /// Throws ConfigError if OUT/`name` is an input.
    [[nodiscard]] std::filesystem::path path(std::string_view name);

    /// Throws OutputError if one of the files that are going to be written would take the place of a file that no run
    /// has left there: to be asked before work begins, and asked again when they are published.
    void refuse_somebodys(std::span<const std::string> names);

    /// The file that path() was asked for is not to be published after all.
    void leave_out(std::string_view name) { names_.erase(std::string(name)); }
    /// A file of the earlier run in this folder stays part of the set, unchanged.
    void keep(std::string name) { kept_.insert(std::move(name)); }
    /// Of every file that was written or is kept so far.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Publishes every file that path() was asked for, and `record` as run.json. Its member `files` becomes those of
    /// the set; the inputs in the folder that are not among them join its member `inputs`.
    /// Returns that record. Throws OutputError; Interrupted only before the first file is moved. Call it once.
    RunRecord commit(RunRecord record, EarlierFiles earlier = EarlierFiles::remove);

    /// The same, but what it did can still be taken back, and is unless commit() follows: of the files that path() is
    /// asked for from now on, which join those published.
    RunRecord publish(RunRecord record, EarlierFiles earlier = EarlierFiles::remove);
    /// Takes back what publish() did. Returns what the folder holds where that cannot be done; empty: all is as it was.
    [[nodiscard]] std::string take_back();
    /// The same, after the problem that is being handled. Throws OutputError, or MemoryError, that says both where it
    /// cannot be done.
    void take_back_after_problem();

    [[nodiscard]] const std::filesystem::path& out_dir() const noexcept { return out_dir_; }
    /// What was published over had been changed by somebody, and is kept under these names.
    [[nodiscard]] const std::vector<std::string>& set_aside() const noexcept { return set_aside_; }
    /// What was published went without these files of an earlier run.
    [[nodiscard]] const std::set<std::string>& removed() const noexcept { return outdated_; }

  private:
    /// Of what earlier runs have left.
    struct Outdated {
        std::vector<std::string> names;    ///< what goes
        std::vector<std::string> changed;  ///< what somebody changed of it, which is kept beside
    };

    [[nodiscard]] std::map<std::string, FileDigest> complete();
    [[nodiscard]] Outdated add_earlier(RunRecord& record, EarlierFiles earlier) const;
    [[nodiscard]] const StandingFiles& standing();
    [[nodiscard]] std::map<std::string, std::string> kept_beside(std::span<const std::string> changed);
    void lock_folder();
    void clean_up() noexcept;

    std::filesystem::path out_dir_;
    std::filesystem::path partial_dir_;
    std::vector<NamedFile> inputs_;
    std::vector<std::filesystem::path> created_dirs_;  ///< outermost first
    FolderLock folder_lock_;
    FolderLock partial_lock_;                  ///< tells that the process lives
    std::unique_ptr<StandingFiles> standing_;  ///< as they were before anything was published
    std::unique_ptr<Publication> publication_;
    std::set<std::string> names_;  ///< not yet published
    std::set<std::string> published_;
    std::set<std::string> outdated_;  ///< removed when publishing
    std::set<std::string> kept_;
    std::vector<std::string> set_aside_;
};

/// What a process does that has to end at once: takes back what is published and not yet committed. Needs no memory,
/// and may be called from a handler of signals. It knows of one set.
void take_back_at_once() noexcept;

/// Throws ConfigError if one of the files that are going to be written to `out_dir` is an input: to be asked before
/// work begins.
void refuse_overwriting(const std::filesystem::path& out_dir, std::span<const std::string> names,
                        std::span<const NamedFile> inputs);

/// As OutputSet::refuse_somebodys(), of a folder that nobody is going to write to now.
void refuse_somebodys(const std::filesystem::path& out_dir, std::span<const std::string> names);

/// The run.json of `dir`. Throws InputError unless there is one and every file that it lists is there, unchanged; but a
/// report, which can be made again, may have been removed, and is then not listed.
RunRecord verify_output_set(const std::filesystem::path& dir,
                            OutputSet::Reports reports = OutputSet::Reports::are_results);

/// Throws InputError unless the run.json beside `file` lists it, as it is.
void require_published(const std::filesystem::path& file);

}  // namespace clv
