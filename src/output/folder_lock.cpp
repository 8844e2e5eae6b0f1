#include "clv/output/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "clv/core/errors.hpp"
#include "descriptor.hpp"

namespace clv {

FolderLock::FolderLock(const std::filesystem::path& folder, For use) {
    Descriptor descriptor(folder, O_DIRECTORY);
    const int error = descriptor.get() < 0 ? errno : 0;
    if (error != 0 && error != ENOENT && error != ENOTDIR) {  // who needs it will say that it is not there
        throw OutputError(fmt::format(
            "the folder cannot be locked ({}: {}): {}", folder.string(), std::generic_category().message(error),
            error == EMFILE || error == ENFILE ? "allow more open files (ulimit -n)"
                                               : "check its permissions, or name another folder"));
    }
    if (::flock(descriptor.get(), (use == For::writing ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        throw OutputError(
            fmt::format("another run is at work in the folder ({}): wait until it has ended, or name another folder",
                        folder.string()));
    }
    descriptor_ = descriptor.release();
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace clv
