#pragma once
// What lies in an output folder under the names of results, and whose it is: nobody's file is lost to a result.

#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"

namespace clv {

class StandingFiles {
  public:
    /// Reads run.json of the folder, and those of runs that were stopped while they published to it.
    explicit StandingFiles(std::filesystem::path folder);

    enum class Owner {
        nobody,   ///< nothing is there
        run,      ///< as an earlier run, or one that was stopped, has left it
        changed,  ///< a result of an earlier run that is not as it was; or there is a run.json that nobody can read
        somebody_else
    };
    [[nodiscard]] Owner owner_of(const std::string& name) const;
    /// What run.json lists.
    [[nodiscard]] const std::map<std::string, FileDigest>& listed() const noexcept { return listed_; }
    /// The entry of run.json for what a run left there and another one read; null: it is none.
    [[nodiscard]] const KeptInput* read_result(const std::string& name) const;
    [[nodiscard]] bool has_left(const std::string& name, const FileDigest& digest) const;
    /// Of all files that runs have left, or would have.
    [[nodiscard]] std::set<std::string> names() const;

    /// Throws OutputError if what is written as one of the names would take the place of somebody's own file.
    void refuse_somebodys(std::span<const std::string> names) const;
    /// Whether the file is to be kept beside what takes its place: somebody may have worked on it. HDF5 files nobody
    /// edits.
    [[nodiscard]] bool is_worth_keeping(const std::string& name) const;
    /// Where it is kept: "report.changed.xlsx", "report.changed-2.xlsx"; empty: it stands there already.
    [[nodiscard]] std::string name_beside(const std::string& name) const;

  private:
    [[nodiscard]] bool is_of_a_run(const std::string& name) const;

    std::filesystem::path folder_;
    bool has_record_ = false;  ///< a run.json, whatever it is
    bool knows_files_ = false;
    std::multimap<std::string, FileDigest> left_;  ///< by runs
    std::map<std::string, FileDigest> listed_;     ///< in run.json
    std::map<std::string, KeptInput> read_;        ///< the results among the inputs of run.json
};

}  // namespace clv
