#include "clv/output/folder_lock.hpp"

#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "clv/core/errors.hpp"
#include "descriptor.hpp"

namespace clv {

FolderLock::FolderLock(const std::filesystem::path& folder, For use) {
    Descriptor descriptor(folder);
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
