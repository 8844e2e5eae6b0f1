#pragma once
// The files of one run, which appear whole or not at all. They are written into OUT/.partial-PID; commit() makes them
// durable, moves them into OUT one by one, and moves run.json, which lists the SHA-256 of every file, last. Without a
// commit (an error, an interruption) nothing is left and earlier results are as they were. A move that fails takes
// those before it back. Should the machine stop between two moves, the files no longer match run.json and
// verify_output_set() refuses them.
//
// What a run reads it never removes or overwrites. Of an earlier run in the folder, what the new one does not write is
// removed, unless it was changed since, lies behind a symbolic link, is an input of the new one, or a generated world
// (customers.csv, transactions.csv, truth.csv), which is data and stays.

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/core/named_file.hpp"
#include "clv/output/file_digest.hpp"

namespace clv {

struct RunRecord;

class OutputSet {
  public:
    /// What becomes of the files of an earlier run in the same folder that the new run does not write.
    enum class EarlierFiles {
        remove,  ///< removed, but for what the rule above keeps
        keep,    ///< kept, and listed in the new run.json as they were in the old one; but for reports, which show the
                 ///< other files as they were. For a command that goes on with the set, or joins it
    };

    /// Creates `out_dir` and its parents where they are missing, and removes what dead processes left in it. `inputs`
    /// are the files that the run reads, wherever they are; what they are decides, not how they are spelled.
    /// Throws OutputError if that is not possible or another run is writing there under the same process id.
    explicit OutputSet(std::filesystem::path out_dir, std::vector<NamedFile> inputs = {});
    ~OutputSet();
    OutputSet(const OutputSet&) = delete;
    OutputSet& operator=(const OutputSet&) = delete;

    /// Where to write the file that will be OUT/`name` ("clv.csv", "monitoring/x.csv"). Its folder exists.
    /// Throws ConfigError if OUT/`name` is an input.
    [[nodiscard]] std::filesystem::path path(std::string_view name);

    /// A file of the earlier run in this folder stays part of the set, unchanged.
    void keep(std::string name) { kept_.insert(std::move(name)); }
    /// Of every file that was written or is kept so far.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Publishes every file that path() was asked for, and `record` as run.json. Its member `files` becomes those of
    /// the set; the inputs in the folder that are not among them join its member `inputs`.
    /// Returns that record. Throws OutputError; Interrupted only before the first file is moved. Call it once.
    RunRecord commit(RunRecord record, EarlierFiles earlier = EarlierFiles::remove);

    [[nodiscard]] const std::filesystem::path& out_dir() const noexcept { return out_dir_; }

  private:
    [[nodiscard]] std::map<std::string, FileDigest> complete();
    [[nodiscard]] std::vector<std::string> add_earlier(RunRecord& record, EarlierFiles earlier) const;
    void clean_up() noexcept;

    std::filesystem::path out_dir_;
    std::filesystem::path partial_dir_;
    std::vector<NamedFile> inputs_;
    std::vector<std::filesystem::path> created_dirs_;  ///< outermost first
    int lock_ = -1;                                    ///< held on partial_dir_ while this process lives
    std::set<std::string> names_;
    std::set<std::string> kept_;
};

/// Throws ConfigError if one of the files that are going to be written to `out_dir` is an input: to be asked before
/// work begins.
void refuse_overwriting(const std::filesystem::path& out_dir, std::span<const std::string> names,
                        std::span<const NamedFile> inputs);

/// The run.json of `dir`. Throws InputError unless there is one and every file that it lists is there, unchanged; but a
/// report, which can be made again, may have been removed, and is then not listed.
RunRecord verify_output_set(const std::filesystem::path& dir);

/// Throws InputError unless the run.json beside `file` lists it, as it is.
void require_published(const std::filesystem::path& file);

}  // namespace clv
