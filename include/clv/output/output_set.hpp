#pragma once
// The files of one run, which appear whole or not at all. They are written into OUT/.partial-PID; commit() makes them
// durable, moves them into OUT one by one, and moves run.json, which lists the SHA-256 of every file, last. Without a
// commit (an error, an interruption) nothing is left and earlier results are as they were. Should the machine stop
// between two moves, the files no longer match run.json and verify_output_set() refuses them.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clv {

class OutputSet {
  public:
    /// What becomes of the files of an earlier run in the same folder that the new run does not write.
    enum class EarlierFiles {
        remove,  ///< removed, unless they have been changed since; customers.csv and truth.csv are kept and listed
        keep,    ///< kept, and listed in the new run.json as they were in the old one; but for reports, which show the
                 ///< other files as they were
    };

    /// Creates `out_dir` and its parents where they are missing, and removes what dead processes left in it.
    /// Throws OutputError if that is not possible or another run is writing there under the same process id.
    explicit OutputSet(std::filesystem::path out_dir);
    ~OutputSet();
    OutputSet(const OutputSet&) = delete;
    OutputSet& operator=(const OutputSet&) = delete;

    /// Where to write the file that will be OUT/`name` ("clv.csv", "monitoring/x.csv"). Its folder exists.
    [[nodiscard]] std::filesystem::path path(std::string_view name);

    /// A file of the earlier run in this folder stays part of the set, unchanged.
    void keep(std::string name) { kept_.insert(std::move(name)); }
    /// Of every file that was written or is kept so far.
    [[nodiscard]] std::vector<std::string> names() const;

    /// Publishes every file that path() was asked for, with `run` and the member "files" as run.json.
    /// Returns that run.json. Throws OutputError; Interrupted only before the first file is moved. Call it once.
    nlohmann::json commit(const nlohmann::json& run, EarlierFiles earlier = EarlierFiles::remove);

    [[nodiscard]] const std::filesystem::path& out_dir() const noexcept { return out_dir_; }

  private:
    void clean_up() noexcept;

    std::filesystem::path out_dir_;
    std::filesystem::path partial_dir_;
    std::vector<std::filesystem::path> created_dirs_;  ///< outermost first
    int lock_ = -1;                                    ///< held on partial_dir_ while this process lives
    std::set<std::string> names_;
    std::set<std::string> kept_;
};

/// The run.json of `dir`. Throws InputError unless there is one and every file that it lists is there, unchanged.
nlohmann::json verify_output_set(const std::filesystem::path& dir);

}  // namespace clv
