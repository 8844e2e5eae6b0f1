#pragma once
// How HDF5 writes to the disk. A write may fail where the library cannot say so, for instance when it flushes what it
// holds of a dataset that is closed. This file driver makes the system calls itself and remembers the first that
// failed.

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace clv {

/// A file that the library writes through write_through().
class DrivenFile {
  public:
    /// Creates or truncates it. Throws OutputError, like all that are not noexcept.
    explicit DrivenFile(std::filesystem::path path);
    ~DrivenFile();
    DrivenFile(const DrivenFile&) = delete;
    DrivenFile& operator=(const DrivenFile&) = delete;

    /// False: it failed, and the file says so from now on.
    [[nodiscard]] bool write_at(std::uint64_t offset, const void* bytes, std::size_t count) noexcept;
    /// What is beyond the end reads as zeros.
    [[nodiscard]] bool read_at(std::uint64_t offset, void* bytes, std::size_t count) noexcept;
    [[nodiscard]] bool resize(std::uint64_t bytes) noexcept;
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    [[nodiscard]] bool has_failed() const noexcept { return failure_ != 0; }
    void throw_if_failed() const;
    /// Makes sure that it can grow to `bytes`.
    void reserve(std::uint64_t bytes) const;
    /// Gives back what was reserved beyond the end, and closes.
    void close();

  private:
    bool fail() noexcept;

    std::filesystem::path path_;
    int descriptor_ = -1;
    int failure_ = 0;  ///< of <cerrno>
    std::uint64_t size_ = 0;
};

/// Files that are created with this access list are written through `file`, whatever they are called.
[[nodiscard]] herr_t write_through(hid_t access, const std::shared_ptr<DrivenFile>& file);

}  // namespace clv
