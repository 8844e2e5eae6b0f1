#include "abandoned.hpp"

#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string>
#include <system_error>
#include <vector>

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

}  // namespace

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

}  // namespace clv
