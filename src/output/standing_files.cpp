#include "standing_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "abandoned.hpp"
#include "clv/core/errors.hpp"
#include "clv/output/documents/run_record.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::symlink_status(path, error).type() != fs::file_type::not_found;
}

/// Nothing for what is no file. Throws OutputError for what cannot be read: nobody knows whose it is.
std::optional<FileDigest> digest_of(const fs::path& path) {
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
        return std::nullopt;
    }
    try {
        return digest_file(path);
    } catch (const InputError& problem) {  // it is no input
        throw OutputError(problem.what());
    }
}

}  // namespace

StandingFiles::StandingFiles(fs::path folder) : folder_(std::move(folder)), has_record_(is_there(folder_ / run_file)) {
    for (const fs::path& stopped : stopped_runs(folder_)) {
        if (const std::optional<RunRecord> record = standing_run_record(stopped)) {
            left_.insert(record->files.begin(), record->files.end());
        }
    }
    if (std::optional<RunRecord> record = standing_run_record(folder_)) {
        knows_files_ = true;
        listed_ = std::move(record->files);
        left_.insert(listed_.begin(), listed_.end());
        for (KeptInput& input : record->inputs) {
            if (input.is_result) {
                left_.emplace(input.file, input.digest);
                read_.emplace(input.file, std::move(input));
            }
        }
    }
}

bool StandingFiles::is_of_a_run(const std::string& name) const {
    const auto [begin, end] = left_.equal_range(name);
    std::error_code error;
    const std::uintmax_t bytes = fs::file_size(folder_ / name, error);
    const auto has_its_size = [&](const auto& left) { return left.second.bytes == bytes; };
    if (error || std::none_of(begin, end, has_its_size)) {
        return false;
    }
    const std::optional<FileDigest> digest = digest_of(folder_ / name);
    return digest && has_left(name, *digest);
}

const KeptInput* StandingFiles::read_result(const std::string& name) const {
    const auto found = read_.find(name);
    return found == read_.end() ? nullptr : &found->second;
}

bool StandingFiles::has_left(const std::string& name, const FileDigest& digest) const {
    const auto [begin, end] = left_.equal_range(name);
    return std::any_of(begin, end, [&](const auto& left) { return left.second == digest; });
}

std::set<std::string> StandingFiles::names() const {
    std::set<std::string> names;
    for (const auto& [name, digest] : left_) {
        names.insert(name);
    }
    return names;
}

StandingFiles::Owner StandingFiles::owner_of(const std::string& name) const {
    if (!is_there(folder_ / name)) {
        return Owner::nobody;
    }
    if (is_of_a_run(name)) {
        return Owner::run;
    }
    return listed_.contains(name) || read_.contains(name) || (has_record_ && !knows_files_) ? Owner::changed
                                                                                            : Owner::somebody_else;
}

void StandingFiles::refuse_somebodys(std::span<const std::string> names) const {
    std::string all;
    for (const std::string& name : names) {
        if (!listed_.contains(name) && owner_of(name) == Owner::somebody_else) {
            all += (folder_ / name).string() + "; ";
        }
    }
    if (!all.empty()) {
        throw OutputError(fmt::format(
            "a result would take the place of a file that no run has left there ({}{}): move what it would replace "
            "elsewhere, or choose another --out",
            all, knows_files_ ? "not listed by run.json" : "the folder has no run.json"));
    }
}

bool StandingFiles::is_worth_keeping(const std::string& name) const {
    if (name == run_file) {
        return has_record_ && !knows_files_;
    }
    return !name.ends_with(".h5") && owner_of(name) == Owner::changed;
}

std::string StandingFiles::name_beside(const std::string& name) const {
    const fs::path path(name);
    const std::optional<FileDigest> digest = digest_of(folder_ / name);
    for (int number = 1;; ++number) {
        const std::string mark = number == 1 ? ".changed" : fmt::format(".changed-{}", number);
        const std::string beside =
            (path.parent_path() / (path.stem().string() + mark + path.extension().string())).string();
        if (!is_there(folder_ / beside)) {
            return beside;
        }
        if (digest && digest_of(folder_ / beside) == digest) {
            return {};
        }
    }
}

}  // namespace clv
