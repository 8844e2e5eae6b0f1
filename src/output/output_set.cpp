#include "clv/output/output_set.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/file_digest.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view run_file = "run.json";
constexpr std::string_view partial_prefix = ".partial-";

using Digests = std::map<std::string, FileDigest>;

[[noreturn]] void throw_folder_error(const fs::path& folder, const std::error_code& error) {
    throw OutputError(fmt::format("the output folder cannot be used ({}: {}): choose another --out or its permissions",
                                  folder.string(), error.message()));
}

/// A path that stays inside its folder.
bool is_inner_name(std::string_view name) {
    const fs::path path(name);
    return !name.empty() && path.is_relative() && path.has_filename() && path == path.lexically_normal() &&
           *path.begin() != ".." && *path.begin() != ".";
}

class Descriptor {
  public:
    explicit Descriptor(const fs::path& path) : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); }

  private:
    int value_;
};

void make_durable(const fs::path& path) {
    const Descriptor descriptor(path);
    // Some file systems cannot sync a folder and say EINVAL: there is nothing more to do about it.
    if (descriptor.get() < 0 || (::fsync(descriptor.get()) != 0 && errno != EINVAL)) {
        throw_write_error(path, errno, 0);
    }
}

bool is_running(pid_t process) {
    return ::kill(process, 0) == 0 || errno != ESRCH;
}

/// Its owner holds a lock on the folder. The process id is asked as well, for the moment between making the folder and
/// locking it; alone it would mislead where containers with their own process ids share a disk.
bool is_abandoned(const fs::path& partial_dir) {
    const std::string digits = partial_dir.filename().string().substr(partial_prefix.size());
    pid_t process = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), process);
    if (error != std::errc() || end != digits.data() + digits.size() || process <= 0) {
        return false;
    }
    const Descriptor folder(partial_dir);
    return folder.get() >= 0 && ::flock(folder.get(), LOCK_EX | LOCK_NB) == 0 &&
           (process == ::getpid() || !is_running(process));
}

void remove_abandoned(const fs::path& out_dir) {
    std::error_code error;
    std::vector<fs::path> abandoned;
    for (fs::directory_iterator entry(out_dir, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code entry_error;
        if (entry->path().filename().string().starts_with(partial_prefix) &&
            entry->symlink_status(entry_error).type() == fs::file_type::directory && is_abandoned(entry->path())) {
            abandoned.push_back(entry->path());
        }
    }
    for (const fs::path& partial_dir : abandoned) {
        fs::remove_all(partial_dir, error);
    }
}

nlohmann::json read_run_json(const fs::path& dir) {
    const fs::path path = dir / run_file;
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw InputError(fmt::format(
            "no complete results ({}: cannot be read): name the --out folder of a finished run", path.string()));
    }
    nlohmann::json run = nlohmann::json::parse(stream, nullptr, false);
    if (!run.is_object() || !run.contains("files") || !run["files"].is_object()) {
        throw InputError(fmt::format(
            "not the record of a run ({}: no member \"files\"): run the command that made it again", path.string()));
    }
    return run;
}

Digests listed_files(const fs::path& dir, const nlohmann::json& run) {
    Digests files;
    for (const auto& [name, entry] : run.at("files").items()) {
        const bool sound = is_inner_name(name) && entry.is_object() && entry.contains("sha256") &&
                           entry["sha256"].is_string() && entry.contains("bytes") &&
                           entry["bytes"].is_number_unsigned();
        if (!sound) {
            throw InputError(
                fmt::format("not the record of a run ({}: entry '{}' of \"files\"): run the command that made "
                            "it again",
                            (dir / run_file).string(), name));
        }
        files[name] = {entry["sha256"].get<std::string>(), entry["bytes"].get<std::uint64_t>()};
    }
    return files;
}

/// What the run.json in `dir` lists; nothing if there is none that can be understood.
Digests earlier_files(const fs::path& dir) {
    try {
        return listed_files(dir, read_run_json(dir));
    } catch (const InputError&) {
        return {};
    }
}

bool matches(const fs::path& path, const FileDigest& expected) {
    std::error_code error;
    return fs::is_regular_file(path, error) && fs::file_size(path, error) == expected.bytes && !error &&
           digest_file(path) == expected;
}

/// Still as an earlier run left it, so that it may go; a file that cannot be read is left alone.
bool is_unchanged(const fs::path& path, const FileDigest& expected) {
    try {
        return matches(path, expected);
    } catch (const InputError&) {
        return false;
    }
}

void rename_file(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (error) {
        throw OutputError(fmt::format("a result could not be moved into place ({}: {}): run the command again",
                                      to.string(), error.message()));
    }
}

/// The folders below `out_dir` that the names are in, innermost first.
std::vector<fs::path> folders_inside(const fs::path& out_dir, const std::set<std::string>& names) {
    std::set<fs::path> folders;
    for (const std::string& name : names) {
        for (fs::path folder = fs::path(name).parent_path(); !folder.empty(); folder = folder.parent_path()) {
            folders.insert(out_dir / folder);
        }
    }
    return {folders.rbegin(), folders.rend()};
}

}  // namespace

OutputSet::OutputSet(fs::path out_dir) : out_dir_(std::move(out_dir)) {
    std::error_code error;
    out_dir_ = fs::absolute(out_dir_.empty() ? fs::path(".") : out_dir_, error).lexically_normal();
    if (!out_dir_.has_filename()) {
        out_dir_ = out_dir_.parent_path();
    }
    std::vector<fs::path> missing;
    for (fs::path folder = out_dir_; !folder.empty() && !fs::exists(folder, error); folder = folder.parent_path()) {
        if (error) {
            throw_folder_error(out_dir_, error);
        }
        missing.push_back(folder);
    }
    try {
        for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
            if (fs::create_directory(*folder, error)) {
                created_dirs_.push_back(*folder);
            } else if (error) {
                throw_folder_error(*folder, error);
            }
        }
        if (!fs::is_directory(out_dir_, error)) {
            throw_folder_error(out_dir_, std::make_error_code(std::errc::not_a_directory));
        }
        remove_abandoned(out_dir_);

        const fs::path partial_dir = out_dir_ / fmt::format("{}{}", partial_prefix, ::getpid());
        if (!fs::create_directory(partial_dir, error)) {
            throw_folder_error(partial_dir, error ? error : std::make_error_code(std::errc::file_exists));
        }
        partial_dir_ = partial_dir;
        Descriptor folder(partial_dir_);
        ::flock(folder.get(), LOCK_EX | LOCK_NB);
        lock_ = folder.release();
    } catch (...) {
        clean_up();
        throw;
    }
}

OutputSet::~OutputSet() {
    clean_up();
}

void OutputSet::clean_up() noexcept {
    std::error_code error;
    if (!partial_dir_.empty()) {
        fs::remove_all(partial_dir_, error);
        partial_dir_.clear();
    }
    if (const int lock = std::exchange(lock_, -1); lock >= 0) {
        ::close(lock);
    }
    // Fails, as it should, for a folder that has something in it.
    for (auto folder = created_dirs_.rbegin(); folder != created_dirs_.rend(); ++folder) {
        fs::remove(*folder, error);
    }
    created_dirs_.clear();
}

fs::path OutputSet::path(std::string_view name) {
    if (!is_inner_name(name) || name == run_file || name.starts_with(partial_prefix)) {
        throw OutputError(
            fmt::format("not a name for a result ({}): use a relative path inside the output folder", name));
    }
    const fs::path path = partial_dir_ / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) {
        throw_folder_error(path.parent_path(), error);
    }
    names_.emplace(name);
    return path;
}

std::vector<std::string> OutputSet::names() const {
    std::set<std::string> all = names_;
    all.insert(kept_.begin(), kept_.end());
    return {all.begin(), all.end()};
}

nlohmann::json OutputSet::commit(const nlohmann::json& run, EarlierFiles earlier) {
    if (partial_dir_.empty()) {
        throw std::logic_error("an output set can be committed once");
    }
    std::error_code error;
    Digests files;
    for (const std::string& name : names_) {
        const fs::path path = partial_dir_ / name;
        if (!fs::is_regular_file(path, error)) {
            throw OutputError(
                fmt::format("a result was announced but not written ({}): report this fault", path.string()));
        }
        if (fs::is_directory(out_dir_ / name, error)) {
            throw_folder_error(out_dir_ / name, std::make_error_code(std::errc::is_a_directory));
        }
        make_durable(path);
        files[name] = digest_file(path);
    }

    // One run at a time publishes into a folder; where locks are not supported, run.json still tells a mixed set.
    const Descriptor publishing(out_dir_);
    ::flock(publishing.get(), LOCK_EX);

    std::vector<std::string> outdated;
    Digests listed = files;
    for (const auto& [name, digest] : earlier_files(out_dir_)) {
        if (files.contains(name)) {
            continue;
        }
        // A generated world may be what this run has just read.
        const bool is_world = name == "customers.csv" || name == "truth.csv";
        const bool shows_others = name == "report.html" || name == "report.xlsx";
        const bool is_kept = kept_.contains(name) || (earlier == EarlierFiles::keep && !shows_others);
        if (is_kept || (is_world && is_unchanged(out_dir_ / name, digest))) {
            listed.emplace(name, digest);
        } else if (is_unchanged(out_dir_ / name, digest)) {
            outdated.push_back(name);
        }
    }

    nlohmann::json record = run;
    record["files"] = nlohmann::json::object();
    for (const auto& [name, digest] : listed) {
        record["files"][name] = {{"sha256", digest.sha256}, {"bytes", digest.bytes}};
    }
    const fs::path new_run_file = partial_dir_ / run_file;
    write_text_file(new_run_file, record.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    make_durable(new_run_file);

    const std::vector<fs::path> folders = folders_inside(out_dir_, names_);
    throw_if_interrupted();
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
        if (fs::create_directory(*folder, error)) {
            created_dirs_.push_back(*folder);
        } else if (error) {
            throw_folder_error(*folder, error);
        }
    }

    for (const std::string& name : outdated) {
        fs::remove(out_dir_ / name, error);
    }
    for (const auto& [name, digest] : files) {
        rename_file(partial_dir_ / name, out_dir_ / name);
    }
    for (const fs::path& folder : folders) {
        make_durable(folder);
    }
    make_durable(out_dir_);
    rename_file(new_run_file, out_dir_ / run_file);
    make_durable(out_dir_);
    created_dirs_.clear();
    clean_up();

    // Folders that held nothing but outdated files.
    for (const fs::path& folder : folders_inside(out_dir_, {outdated.begin(), outdated.end()})) {
        fs::remove(folder, error);
    }
    return record;
}

nlohmann::json verify_output_set(const fs::path& dir) {
    nlohmann::json run = read_run_json(dir);
    for (const auto& [name, digest] : listed_files(dir, run)) {
        if (!matches(dir / name, digest)) {
            throw InputError(fmt::format("a result is missing or was changed ({}): run the command that made it again",
                                         (dir / name).string()));
        }
    }
    return run;
}

}  // namespace clv
