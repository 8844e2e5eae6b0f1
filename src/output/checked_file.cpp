#include "clv/output/checked_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

CheckedFile::CheckedFile(std::filesystem::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
        throw_write_error(path_, errno, 0);
    }
}

CheckedFile::~CheckedFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void CheckedFile::write(std::string_view bytes) {
    constexpr std::size_t largest_write = std::size_t{1} << 30;
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), largest_write));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            throw_write_error(path_, written == 0 ? EIO : errno, bytes_written_);
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        bytes_written_ += static_cast<std::uint64_t>(written);
    }
}

void CheckedFile::close() {
    if (const int descriptor = std::exchange(descriptor_, -1); descriptor >= 0 && ::close(descriptor) != 0) {
        throw_write_error(path_, errno, bytes_written_);
    }
}

void write_text_file(const std::filesystem::path& path, std::string_view text) {
    CheckedFile file(path);
    file.write(text);
    file.close();
}

void throw_write_error(const std::filesystem::path& path, int error_number, std::uint64_t bytes_written) {
    const std::string reason = std::generic_category().message(error_number);
    if (error_number == EFBIG) {
        throw OutputError(fmt::format(
            "a file is larger than it may be ({}: {} after {:.1f} MB): raise the limit (ulimit -f) or choose "
            "another --out; earlier results are as they were",
            path.string(), reason, static_cast<double>(bytes_written) / 1e6));
    }
    if (error_number == ENOSPC || error_number == EDQUOT) {
        throw OutputError(fmt::format(
            "the disk is full ({}: {} after {:.1f} MB of this file): free some space or choose another --out; "
            "earlier results are as they were",
            path.string(), reason, static_cast<double>(bytes_written) / 1e6));
    }
    throw OutputError(
        fmt::format("cannot write a result ({}: {}): check the folder and its permissions; "
                    "earlier results are as they were",
                    path.string(), reason));
}

}  // namespace clv
