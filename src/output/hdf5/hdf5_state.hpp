#pragma once
// What an Hdf5File holds, for the two files that have its functions.

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/output/hdf5/hdf5_file.hpp"
#include "hdf5_driver.hpp"

namespace clv {

/// An HDF5 identifier and how it is closed.
class Id {
  public:
    using Closer = herr_t (*)(hid_t);
    Id() = default;
    Id(hid_t value, Closer close) : value_(value), close_(close) {}
    ~Id() {
        if (value_ >= 0) {
            close_(value_);
        }
    }
    Id(Id&& other) noexcept : value_(std::exchange(other.value_, H5I_INVALID_HID)), close_(other.close_) {}
    Id& operator=(Id&& other) noexcept {
        std::swap(value_, other.value_);
        std::swap(close_, other.close_);
        return *this;
    }
    [[nodiscard]] hid_t get() const noexcept { return value_; }
    [[nodiscard]] bool is_open() const noexcept { return value_ >= 0; }
    herr_t close() { return close_(std::exchange(value_, H5I_INVALID_HID)); }

  private:
    hid_t value_ = H5I_INVALID_HID;
    Closer close_ = nullptr;
};

/// Of texts of so many bytes, or H5T_VARIABLE.
[[nodiscard]] Id utf8_type(std::size_t size);

using TextAt = std::function<std::string_view(std::size_t)>;

struct Hdf5File::State {
    std::filesystem::path path;
    std::shared_ptr<DrivenFile> disk;  ///< what is written; null: the file is read
    bool is_own = false;               ///< this run has written it
    Id file;
    std::map<std::string, hsize_t, std::less<>> scales;  ///< sizes by name

    // how errors of the library become exceptions

    [[noreturn]] void fail(std::string_view what) const;
    /// Nothing is well after a write has failed, whatever the library says.
    void check(herr_t status, std::string_view what) const;
    Id check(Id id, std::string_view what) const;
    /// Whether it is so: a question that the library could not answer is not answered by no.
    [[nodiscard]] bool holds(htri_t answer, std::string_view what) const;

    // hdf5_writing.cpp

    /// Makes sure that `bytes` more fit on the disk. Throws OutputError.
    void reserve(std::uint64_t bytes) const;
    /// Of the file with the room that it takes, for we read it back (global_heap.hpp); of a dataset of variable length,
    /// which h5py gives as str.
    void write_text_attribute(hid_t object, std::string_view name, std::string_view text) const;
    void write_number_attribute(std::string_view name, hid_t file_type, hid_t memory_type, const void* value) const;
    [[nodiscard]] std::vector<hsize_t> extents(std::string_view name, Dimensions dimensions) const;
    /// The same for a dataset of so many values.
    [[nodiscard]] std::vector<hsize_t> extents(std::string_view name, Dimensions dimensions, std::size_t values) const;
    Id create_dataset(std::string_view name, hid_t type, std::span<const hsize_t> extents, std::uint64_t bytes) const;
    static std::uint64_t bytes_of(hid_t type, std::span<const hsize_t> extents);
    Id write_numbers(std::string_view name, hid_t file_type, hid_t memory_type, std::span<const hsize_t> extents,
                     const void* values) const;
    /// Entries along the last dimension, so many at a time that who wants to stop need not wait.
    void write_entries(const Id& dataset, std::string_view name, std::size_t row, std::size_t first, std::size_t count,
                       hid_t type, const void* values) const;
    void write_part(std::string_view name, std::size_t row, std::size_t first, std::size_t count, hid_t type,
                    const void* values) const;
    /// Texts of their own length: as such every reader of netCDF-4 knows them for texts, where texts of one length are
    /// bytes to one and texts to another. Written block by block: there is never a second copy of them all.
    Id write_texts(std::string_view name, std::span<const hsize_t> extents, std::size_t count,
                   const TextAt& text_at) const;
    void annotate(const Id& dataset, const Annotation& annotation) const;
    void finish_scale(Id dataset, std::string_view name, std::size_t size, const Annotation& annotation);
    void create_empty(std::string_view name, hid_t type, Dimensions dimensions, const Annotation& annotation) const;
    void finish(Id dataset, std::string_view name, Dimensions dimensions, const Annotation& annotation) const;

    // hdf5_file.cpp: what reading needs

    [[nodiscard]] Id open_dataset(std::string_view name) const;
    [[noreturn]] void refuse(std::string_view name, std::string_view what) const;
    /// Values lie in this file, one after the other, as many as it says: nothing in other files, nothing that a filter
    /// would have to decode.
    void require_plain(const Id& dataset, std::string_view name) const;
    [[nodiscard]] std::vector<hsize_t> extents_of(const Id& space, std::string_view name) const;
    [[nodiscard]] std::size_t count(const Id& dataset, std::string_view name) const;
    /// Part of a dataset, as it lies in the file and in memory.
    struct Selection {
        Id file_space;
        Id memory_space;
    };
    /// Entries first .. first + count - 1 of a row along the last dimension. Throws std::logic_error.
    [[nodiscard]] Selection select(const Id& dataset, std::string_view name, std::size_t row, std::size_t first,
                                   std::size_t count) const;
    [[nodiscard]] Id open_attribute(hid_t object, std::string_view name) const;
    /// A number of the root group.
    void read_attribute(std::string_view name, H5T_class_t kind, hid_t type, void* value) const;
    [[nodiscard]] std::string read_text_attribute(hid_t object, std::string_view name) const;
    /// Throws unless the texts of variable length of a dataset can be read.
    void check_texts(hid_t dataset, std::size_t count, std::string_view name) const;
    template <class T>
    [[nodiscard]] std::vector<T> read_numbers(std::string_view name, hid_t memory_type) const;
};

}  // namespace clv
