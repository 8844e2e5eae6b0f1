#include "hdf5_driver.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "clv/output/checked_file.hpp"

namespace clv {

DrivenFile::DrivenFile(std::filesystem::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) {
        throw_write_error(path_, errno, 0);
    }
}

DrivenFile::~DrivenFile() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

bool DrivenFile::fail() noexcept {
    if (failure_ == 0) {
        failure_ = errno;
    }
    return false;
}

bool DrivenFile::write_at(std::uint64_t offset, const void* bytes, std::size_t count) noexcept {
    constexpr std::size_t largest_write = std::size_t{1} << 30;
    const auto* next = static_cast<const char*>(bytes);
    while (count > 0) {
        const ssize_t written = ::pwrite(descriptor_, next, std::min(count, largest_write), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            errno = written == 0 ? EIO : errno;
            return fail();
        }
        next += written;
        count -= static_cast<std::size_t>(written);
        offset += static_cast<std::uint64_t>(written);
        size_ = std::max(size_, offset);
    }
    return true;
}

bool DrivenFile::read_at(std::uint64_t offset, void* bytes, std::size_t count) noexcept {
    auto* next = static_cast<char*>(bytes);
    while (count > 0) {
        const ssize_t read = ::pread(descriptor_, next, count, static_cast<off_t>(offset));
        if (read < 0 && errno == EINTR) {
            continue;
        }
        if (read < 0) {
            return fail();
        }
        if (read == 0) {
            std::memset(next, 0, count);
            return true;
        }
        next += read;
        count -= static_cast<std::size_t>(read);
        offset += static_cast<std::uint64_t>(read);
    }
    return true;
}

bool DrivenFile::resize(std::uint64_t bytes) noexcept {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
        return fail();
    }
    size_ = bytes;
    return true;
}

void DrivenFile::throw_if_failed() const {
    if (failure_ != 0) {
        throw_write_error(path_, failure_, size_);
    }
}

void DrivenFile::reserve(std::uint64_t bytes) const {
    if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) {
        return;
    }
    int reason = errno;
    if (reason == EOPNOTSUPP || reason == ENOSYS) {
        struct statvfs disk {};
        const std::uint64_t more = bytes > size_ ? bytes - size_ : 0;
        reason = ::fstatvfs(descriptor_, &disk) == 0 && disk.f_bavail * disk.f_frsize < more ? ENOSPC : 0;
    }
    if (reason != 0) {
        throw_write_error(path_, reason, size_);
    }
}

void DrivenFile::close() {
    throw_if_failed();
    if (!resize(size_) || ::close(std::exchange(descriptor_, -1)) != 0) {
        throw_write_error(path_, errno, size_);
    }
}

namespace {

/// What the library knows of an open file. It owns the file too: one that the library cannot close, it keeps.
struct DriverHandle {
    H5FD_t library_part;  // the library's own, first by its convention
    std::shared_ptr<DrivenFile> file;
    haddr_t end_of_allocation = 0;
};

/// As it stands in an access list.
struct DriverInfo {
    const std::shared_ptr<DrivenFile>* file;
};

DriverHandle& handle_of(H5FD_t* file) {
    return *reinterpret_cast<DriverHandle*>(file);
}

const DriverHandle& handle_of(const H5FD_t* file) {
    return *reinterpret_cast<const DriverHandle*>(file);
}

H5FD_t* open_driven(const char* /*name*/, unsigned /*flags*/, hid_t access, haddr_t /*largest*/) {
    const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
    auto* handle = info == nullptr ? nullptr : new (std::nothrow) DriverHandle{{}, *info->file, 0};
    return reinterpret_cast<H5FD_t*>(handle);
}

herr_t close_driven(H5FD_t* file) {
    delete &handle_of(file);
    return 0;
}

/// As the library's own driver, so that files have the same bytes.
herr_t query_driven(const H5FD_t* /*file*/, unsigned long* features) {
    *features = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
                H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

haddr_t allocated_end(const H5FD_t* file, H5FD_mem_t /*type*/) {
    return handle_of(file).end_of_allocation;
}

herr_t set_allocated_end(H5FD_t* file, H5FD_mem_t /*type*/, haddr_t address) {
    handle_of(file).end_of_allocation = address;
    return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t /*type*/) {
    return handle_of(file).file->size();
}

herr_t read_driven(H5FD_t* file, H5FD_mem_t /*type*/, hid_t /*transfer*/, haddr_t address, std::size_t count,
                   void* bytes) {
    return handle_of(file).file->read_at(address, bytes, count) ? 0 : -1;
}

herr_t write_driven(H5FD_t* file, H5FD_mem_t /*type*/, hid_t /*transfer*/, haddr_t address, std::size_t count,
                    const void* bytes) {
    return handle_of(file).file->write_at(address, bytes, count) ? 0 : -1;
}

herr_t truncate_driven(H5FD_t* file, hid_t /*transfer*/, hbool_t /*closing*/) {
    DriverHandle& handle = handle_of(file);
    const bool is_there = handle.file->size() == handle.end_of_allocation;
    return is_there || handle.file->resize(handle.end_of_allocation) ? 0 : -1;
}

hid_t driver() {
    static const hid_t registered = [] {
        static H5FD_class_t functions{};
#ifdef H5FD_CLASS_VERSION
        functions.version = H5FD_CLASS_VERSION;
#endif
        functions.name = "clv";
        functions.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
        functions.fc_degree = H5F_CLOSE_WEAK;
        functions.fapl_size = sizeof(DriverInfo);
        functions.open = open_driven;
        functions.close = close_driven;
        functions.query = query_driven;
        functions.get_eoa = allocated_end;
        functions.set_eoa = set_allocated_end;
        functions.get_eof = end_of_file;
        functions.read = read_driven;
        functions.write = write_driven;
        functions.truncate = truncate_driven;
        constexpr H5FD_mem_t kinds[] = H5FD_FLMAP_DICHOTOMY;
        std::ranges::copy(kinds, functions.fl_map);
        return H5FDregister(&functions);
    }();
    return registered;
}

}  // namespace

herr_t write_through(hid_t access, const std::shared_ptr<DrivenFile>& file) {
    const DriverInfo info{&file};
    return H5Pset_driver(access, driver(), &info);
}

}  // namespace clv
