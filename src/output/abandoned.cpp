#include "abandoned.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <iterator>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "clv/output/documents/run_record.hpp"
#include "descriptor.hpp"

namespace clv {

namespace fs = std::filesystem;

namespace {

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

/// Folders, and no links to any, whose names begin so.
std::vector<fs::path> folders_called(const fs::path& out_dir, std::string_view prefix) {
    std::error_code error;
    std::vector<fs::path> folders;
    for (fs::directory_iterator entry(out_dir, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code entry_error;
        if (entry->path().filename().string().starts_with(prefix) &&
            entry->symlink_status(entry_error).type() == fs::file_type::directory) {
            folders.push_back(entry->path());
        }
    }
    return folders;
}

void remove_all_but_record(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> others;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().filename() != run_file) {
            others.push_back(entry->path());
        }
    }
    for (const fs::path& other : others) {
        fs::remove_all(other, error);
    }
}

}  // namespace

void remove_abandoned(const fs::path& out_dir) {
    std::error_code error;
    for (const fs::path& partial_dir : folders_called(out_dir, partial_prefix)) {
        if (!is_abandoned(partial_dir)) {
            continue;
        }
        if (find_run_record(partial_dir)) {
            keep_as_stopped(partial_dir);
        } else {
            fs::remove_all(partial_dir, error);
        }
    }
    for (const fs::path& stopped : folders_called(out_dir, stopped_prefix)) {
        remove_all_but_record(stopped);  // where that was stopped, too
    }
}

void keep_as_stopped(const fs::path& partial_dir) noexcept {
    try {
        std::error_code error;
        if (!fs::exists(partial_dir / run_file, error)) {
            return;
        }
        fs::path stopped;
        int number = 1;
        do {
            stopped = partial_dir.parent_path() / (std::string(stopped_prefix) + std::to_string(number++));
        } while (fs::symlink_status(stopped, error).type() != fs::file_type::not_found);
        fs::rename(partial_dir, stopped, error);
        if (!error) {
            remove_all_but_record(stopped);
        }
    } catch (const std::bad_alloc&) {  // the next run does it
    }
}

std::vector<fs::path> stopped_runs(const fs::path& out_dir) {
    std::vector<fs::path> folders = folders_called(out_dir, stopped_prefix);
    std::ranges::move(folders_called(out_dir, partial_prefix), std::back_inserter(folders));
    return folders;
}

void forget_stopped_runs(const fs::path& out_dir) noexcept {
    try {
        std::error_code error;
        for (const fs::path& stopped : folders_called(out_dir, stopped_prefix)) {
            fs::remove_all(stopped, error);
        }
    } catch (const std::bad_alloc&) {  // the next run does it
    }
}

}  // namespace clv
