#include "clv/output/hdf5/hdf5_file.hpp"

#include <fmt/format.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <map>
#include <new>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/progress.hpp"
#include "global_heap.hpp"
#include "hdf5_driver.hpp"
#include "hdf5_error.hpp"
#include "hdf5_library.hpp"

namespace clv {

namespace {

/// Room kept beyond the data for what HDF5 still writes when it closes the file.
constexpr std::uint64_t metadata_bytes = 128 * 1024;
/// Names, attributes and scales of one dataset.
constexpr std::uint64_t dataset_metadata_bytes = 8 * 1024;
constexpr std::size_t texts_per_block = 1 << 16;

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

using TextAt = std::function<std::string_view(std::size_t)>;

TextAt text_of(std::span<const std::string> values) {
    return [values](std::size_t index) { return std::string_view(values[index]); };
}

TextAt text_of(const IdColumn& values) {
    return [&values](std::size_t index) { return values[index]; };
}

Id utf8_type(std::size_t size) {
    Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), size);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

}  // namespace

struct Hdf5File::State {
    std::filesystem::path path;
    std::shared_ptr<DrivenFile> disk;  ///< what is written; null: the file is read
    bool is_own = false;               ///< this run has written it
    Id file;
    std::map<std::string, hsize_t, std::less<>> scales;

    [[noreturn]] void fail(std::string_view what) const {
        const auto [reason, out_of_memory] = last_hdf5_error();
        if (disk) {
            disk->throw_if_failed();
        }
        if (out_of_memory && (disk || is_own)) {
            throw std::bad_alloc();
        }
        if (out_of_memory) {  // by what a damaged file asks for, perhaps
            throw MemoryError(
                fmt::format("out of memory: results cannot be read ({}, {}: {}): free some, or run the command that "
                            "made them again if the file is damaged",
                            path.string(), what, reason));
        }
        if (disk || is_own) {
            throw OutputError(
                fmt::format("cannot {} results ({}, {}: {}): check the disk and its free space; "
                            "earlier results are as they were",
                            disk ? "write" : "read back", path.string(), what, reason));
        }
        throw InputError(fmt::format("cannot read results ({}, {}: {}): run the command that made it again",
                                     path.string(), what, reason));
    }

    /// Nothing is well after a write has failed, whatever the library says.
    void check(herr_t status, std::string_view what) const {
        if (status < 0 || (disk && disk->has_failed())) {
            fail(what);
        }
    }

    Id check(Id id, std::string_view what) const {
        check(id.is_open() ? 0 : -1, what);
        return id;
    }

    /// Whether it is so: a question that the library could not answer is not answered by no.
    [[nodiscard]] bool holds(htri_t answer, std::string_view what) const {
        check(answer, what);
        return answer > 0;
    }

    /// Makes sure that `bytes` more fit on the disk. Throws OutputError.
    void reserve(std::uint64_t bytes) const {
        hsize_t size = 0;
        check(H5Fget_filesize(file.get(), &size), "size");
        disk->reserve(size + bytes + metadata_bytes);
    }

    /// Of the file with the room that it takes, for we read it back (global_heap.hpp); of a dataset of variable length,
    /// which h5py gives as str.
    void write_text_attribute(hid_t object, std::string_view name, std::string_view text) const {
        const std::string terminated(text);
        const char* const pointer = terminated.c_str();
        const bool is_of_file = object == file.get();
        const Id type = utf8_type(is_of_file ? terminated.size() + 1 : H5T_VARIABLE);
        const Id space = check({H5Screate(H5S_SCALAR), H5Sclose}, name);
        Id attribute =
            check({H5Acreate2(object, std::string(name).c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose},
                  name);
        check(H5Awrite(attribute.get(), type.get(), is_of_file ? static_cast<const void*>(pointer) : &pointer), name);
        check(attribute.close(), name);
    }

    void write_number_attribute(std::string_view name, hid_t file_type, hid_t memory_type, const void* value) const {
        reserve(dataset_metadata_bytes);
        const Id space = check({H5Screate(H5S_SCALAR), H5Sclose}, name);
        Id attribute =
            check({H5Acreate2(file.get(), std::string(name).c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                   H5Aclose},
                  name);
        check(H5Awrite(attribute.get(), memory_type, value), name);
        check(attribute.close(), name);
    }

    [[nodiscard]] std::vector<hsize_t> extents(std::string_view name, Dimensions dimensions) const {
        std::vector<hsize_t> result;
        for (const std::string_view dimension : dimensions) {
            const auto scale = scales.find(dimension);
            if (scale == scales.end()) {
                throw std::logic_error(fmt::format("dataset {}: no scale {}", name, dimension));
            }
            result.push_back(scale->second);
        }
        if (result.empty() || result.size() > 3) {
            throw std::logic_error(fmt::format("dataset {}: {} dimensions", name, result.size()));
        }
        return result;
    }

    /// The same for a dataset of so many values.
    [[nodiscard]] std::vector<hsize_t> extents(std::string_view name, Dimensions dimensions, std::size_t values) const {
        std::vector<hsize_t> result = extents(name, dimensions);
        hsize_t cells = 1;
        for (const hsize_t extent : result) {
            cells *= extent;
        }
        if (cells != values) {
            throw std::logic_error(fmt::format("dataset {}: {} values for {} cells", name, values, cells));
        }
        return result;
    }

    Id create_dataset(std::string_view name, hid_t type, std::span<const hsize_t> extents, std::uint64_t bytes) const {
        reserve(bytes + dataset_metadata_bytes);
        const Id space =
            check({H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose}, name);
        const Id properties = check({H5Pcreate(H5P_DATASET_CREATE), H5Pclose}, name);
        check(H5Pset_obj_track_times(properties.get(), false), name);
        // Where it stands must not depend on when it is written.
        check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), name);
        return check({H5Dcreate2(file.get(), std::string(name).c_str(), type, space.get(), H5P_DEFAULT,
                                 properties.get(), H5P_DEFAULT),
                      H5Dclose},
                     name);
    }

    static std::uint64_t bytes_of(hid_t type, std::span<const hsize_t> extents) {
        std::uint64_t bytes = H5Tget_size(type);
        for (const hsize_t extent : extents) {
            bytes *= extent;
        }
        return bytes;
    }

    Id write_numbers(std::string_view name, hid_t file_type, hid_t memory_type, std::span<const hsize_t> extents,
                     const void* values) const {
        Id dataset = create_dataset(name, file_type, extents, bytes_of(file_type, extents));
        std::size_t rows = 1;
        std::ranges::for_each(extents.first(extents.size() - 1), [&](hsize_t extent) { rows *= extent; });
        const auto columns = static_cast<std::size_t>(extents.back());
        for (std::size_t row = 0; row < rows && columns > stretch; ++row) {
            write_entries(dataset, name, row, 0, columns, memory_type,
                          static_cast<const char*>(values) + row * columns * H5Tget_size(memory_type));
        }
        if (columns <= stretch) {
            check(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), name);
        }
        return dataset;
    }

    /// Part of a dataset, as it lies in the file and in memory.
    struct Selection {
        Id file_space;
        Id memory_space;
    };
    /// Entries first .. first + count - 1 of a row along the last dimension. Throws std::logic_error.
    [[nodiscard]] Selection select(const Id& dataset, std::string_view name, std::size_t row, std::size_t first,
                                   std::size_t count) const {
        Id space = check({H5Dget_space(dataset.get()), H5Sclose}, name);
        const std::vector<hsize_t> extents = extents_of(space, name);
        std::vector<hsize_t> start(extents.size(), 0);
        std::vector<hsize_t> box(extents.size(), 1);
        start.back() = first;
        box.back() = count;
        hsize_t rest = row;
        for (std::size_t axis = extents.size() - 1; axis-- > 0;) {
            start[axis] = rest % extents[axis];
            rest /= extents[axis];
        }
        if (rest != 0 || first > extents.back() || count > extents.back() - first) {
            throw std::logic_error(
                fmt::format("dataset {}: no entries {} to {} in row {}", name, first, first + count, row));
        }
        check(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, box.data(), nullptr), name);
        const hsize_t in_memory = count;
        return {std::move(space), check({H5Screate_simple(1, &in_memory, nullptr), H5Sclose}, name)};
    }
    /// Entries along the last dimension, so many at a time that who wants to stop need not wait.
    void write_entries(const Id& dataset, std::string_view name, std::size_t row, std::size_t first, std::size_t count,
                       hid_t type, const void* values) const {
        static_cast<void>(select(dataset, name, row, first, count));  // whether they are there
        in_stretches(count, [&](std::size_t begin, std::size_t end) {
            const Selection part = select(dataset, name, row, first + begin, end - begin);
            check(H5Dwrite(dataset.get(), type, part.memory_space.get(), part.file_space.get(), H5P_DEFAULT,
                           static_cast<const char*>(values) + begin * H5Tget_size(type)),
                  name);
        });
    }
    void write_part(std::string_view name, std::size_t row, std::size_t first, std::size_t count, hid_t type,
                    const void* values) const {
        Id dataset = open_dataset(name);
        write_entries(dataset, name, row, first, count, type, values);
        check(dataset.close(), name);
    }

    /// Texts of their own length: as such every reader of netCDF-4 knows them for texts, where texts of one length are
    /// bytes to one and texts to another. Written block by block: there is never a second copy of them all.
    Id write_texts(std::string_view name, std::span<const hsize_t> extents, std::size_t count,
                   const TextAt& text_at) const {
        std::uint64_t bytes = 0;
        for (std::size_t i = 0; i < count; ++i) {
            bytes += 32 + (text_at(i).size() + 8) / 8 * 8;
        }
        const Id type = utf8_type(H5T_VARIABLE);
        // Collections of texts are allocated whole.
        Id dataset = create_dataset(name, type.get(), extents, bytes + bytes / 8 + 4096);
        for (std::size_t first = 0; first < count; first += texts_per_block) {
            throw_if_interrupted();
            const std::size_t texts = std::min(texts_per_block, count - first);
            std::string cells;
            std::vector<std::size_t> begins;
            for (std::size_t i = 0; i < texts; ++i) {
                begins.push_back(cells.size());
                cells += text_at(first + i);
                cells += '\0';
            }
            std::vector<const char*> pointers;
            for (const std::size_t begin : begins) {
                pointers.push_back(cells.data() + begin);
            }
            const Selection box = select(dataset, name, 0, first, texts);
            check(H5Dwrite(dataset.get(), type.get(), box.memory_space.get(), box.file_space.get(), H5P_DEFAULT,
                           pointers.data()),
                  name);
        }
        return dataset;
    }

    void annotate(const Id& dataset, const Annotation& annotation) const {
        if (!annotation.unit.empty()) {
            write_text_attribute(dataset.get(), "units", annotation.unit);
        }
        write_text_attribute(dataset.get(), "description", annotation.description);
    }

    void finish_scale(Id dataset, std::string_view name, std::size_t size, const Annotation& annotation) {
        check(H5DSset_scale(dataset.get(), std::string(name).c_str()), name);
        annotate(dataset, annotation);
        scales.emplace(name, size);
        check(dataset.close(), name);
    }

    void create_empty(std::string_view name, hid_t type, Dimensions dimensions, const Annotation& annotation) const {
        const auto sizes = extents(name, dimensions);
        finish(create_dataset(name, type, sizes, bytes_of(type, sizes)), name, dimensions, annotation);
    }

    void finish(Id dataset, std::string_view name, Dimensions dimensions, const Annotation& annotation) const {
        unsigned axis = 0;
        for (const std::string_view dimension : dimensions) {
            Id scale = open_dataset(dimension);
            check(H5DSattach_scale(dataset.get(), scale.get(), axis++), name);
            check(scale.close(), dimension);
        }
        annotate(dataset, annotation);
        check(dataset.close(), name);
    }

    [[nodiscard]] Id open_dataset(std::string_view name) const {
        const std::string terminated(name);
        if (disk) {
            return check({H5Dopen2(file.get(), terminated.c_str(), H5P_DEFAULT), H5Dclose}, name);
        }
        H5L_info_t link{};
        check(H5Lget_info(file.get(), terminated.c_str(), &link, H5P_DEFAULT), name);
        if (link.type != H5L_TYPE_HARD) {
            refuse(name, "a link to something else");
        }
        Id dataset = check({H5Dopen2(file.get(), terminated.c_str(), H5P_DEFAULT), H5Dclose}, name);
        require_plain(dataset, name);
        return dataset;
    }

    [[noreturn]] void refuse(std::string_view name, std::string_view what) const {
        throw InputError(
            fmt::format("{} is {}, and not values as clv stores them ({}): run the command that made it "
                        "again",
                        name, what, path.string()));
    }

    /// Values lie in this file, one after the other, as many as it says: nothing in other files, nothing that a filter
    /// would have to decode.
    void require_plain(const Id& dataset, std::string_view name) const {
        const Id properties = check({H5Dget_create_plist(dataset.get()), H5Pclose}, name);
        if (H5Pget_layout(properties.get()) != H5D_CONTIGUOUS || H5Pget_external_count(properties.get()) != 0 ||
            H5Pget_nfilters(properties.get()) != 0) {
            refuse(name, "stored in another way or place");
        }
        constexpr hsize_t text_reference_bytes = 16;
        const Id type = check({H5Dget_type(dataset.get()), H5Tclose}, name);
        const hsize_t cell =
            holds(H5Tis_variable_str(type.get()), name) ? text_reference_bytes : H5Tget_size(type.get());
        const hsize_t stored = H5Dget_storage_size(dataset.get());
        hsize_t all = 0;
        check(H5Fget_filesize(file.get(), &all), "size");
        if (cell == 0 || stored > all || stored % cell != 0 || stored / cell != count(dataset, name)) {
            refuse(name, "of another size than the file has room for");
        }
    }

    [[nodiscard]] std::vector<hsize_t> extents_of(const Id& space, std::string_view name) const {
        const int rank = H5Sget_simple_extent_ndims(space.get());
        check(rank, name);
        std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
        check(H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr), name);
        return extents;
    }

    [[nodiscard]] std::size_t count(const Id& dataset, std::string_view name) const {
        const Id space = check({H5Dget_space(dataset.get()), H5Sclose}, name);
        const hssize_t points = H5Sget_simple_extent_npoints(space.get());
        check(points < 0 ? -1 : 0, name);
        return static_cast<std::size_t>(points);
    }

    [[nodiscard]] Id open_attribute(hid_t object, std::string_view name) const {
        return check({H5Aopen(object, std::string(name).c_str(), H5P_DEFAULT), H5Aclose}, name);
    }

    /// A number of the root group.
    void read_attribute(std::string_view name, H5T_class_t kind, hid_t type, void* value) const {
        const Id attribute = open_attribute(file.get(), name);
        const Id stored = check({H5Aget_type(attribute.get()), H5Tclose}, name);
        const Id space = check({H5Aget_space(attribute.get()), H5Sclose}, name);
        if (H5Tget_class(stored.get()) != kind || H5Sget_simple_extent_npoints(space.get()) != 1) {
            fail(name);
        }
        check(H5Aread(attribute.get(), type, value), name);
    }

    [[nodiscard]] std::string read_text_attribute(hid_t object, std::string_view name) const {
        const Id attribute = open_attribute(object, name);
        const Id stored = check({H5Aget_type(attribute.get()), H5Tclose}, name);
        const Id space = check({H5Aget_space(attribute.get()), H5Sclose}, name);
        if (object != file.get() &&
            holds(H5Tis_variable_str(stored.get()), name)) {  // of a dataset, which only tests read
            char* pointer = nullptr;
            check(H5Aread(attribute.get(), utf8_type(H5T_VARIABLE).get(), &pointer), name);
            const std::unique_ptr<char, herr_t (*)(void*)> text(pointer, H5free_memory);
            return text ? std::string(text.get()) : std::string();
        }
        constexpr std::size_t longest = 4'096;
        const std::size_t size = H5Tget_size(stored.get());
        if (H5Tget_class(stored.get()) != H5T_STRING || H5Tis_variable_str(stored.get()) != 0 || size > longest ||
            H5Sget_simple_extent_npoints(space.get()) != 1) {
            fail(name);
        }
        std::string text(size, '\0');
        check(H5Aread(attribute.get(), stored.get(), text.data()), name);
        return text.substr(0, text.find('\0'));
    }

    /// Throws unless the texts of variable length of a dataset can be read.
    void check_texts(hid_t dataset, std::size_t count, std::string_view name) const {
        const Id created = check({H5Fget_create_plist(file.get()), H5Pclose}, name);
        std::size_t address_bytes = 0;
        std::size_t length_bytes = 0;
        hsize_t user_block = 0;
        check(H5Pget_sizes(created.get(), &address_bytes, &length_bytes), name);
        check(H5Pget_userblock(created.get(), &user_block), name);
        const haddr_t offset = H5Dget_offset(dataset);
        const bool readable = address_bytes == 8 && length_bytes == 8 && user_block == 0 && offset != HADDR_UNDEF;
        if (count > 0 && !(readable && GlobalHeap(path).holds_all(offset, count))) {
            fail(name);
        }
    }

    template <class T>
    [[nodiscard]] std::vector<T> read_numbers(std::string_view name, hid_t memory_type) const {
        const Id dataset = open_dataset(name);
        std::vector<T> values(count(dataset, name));
        check(H5Dread(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), name);
        return values;
    }
};

Hdf5File::Hdf5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5File::~Hdf5File() = default;
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;

Hdf5File Hdf5File::create(const std::filesystem::path& path) {
    start_hdf5();
    auto state = std::make_unique<State>();
    state->path = path;
    state->disk = std::make_shared<DrivenFile>(path);
    state->disk->reserve(metadata_bytes);
    const Id access = state->check({H5Pcreate(H5P_FILE_ACCESS), H5Pclose}, "create");
    state->check(write_through(access.get(), state->disk), "create");
    state->check(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18), "create");
    state->check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "create");
    const Id creation = state->check({H5Pcreate(H5P_FILE_CREATE), H5Pclose}, "create");
    state->check(H5Pset_obj_track_times(creation.get(), false), "create");
    state->file =
        state->check({H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get()), H5Fclose}, "create");
    return Hdf5File(std::move(state));
}

Hdf5File Hdf5File::open(const std::filesystem::path& path, Source source) {
    static_cast<void>(OpenInput(path));  // the library would wait for a pipe
    start_hdf5();
    auto state = std::make_unique<State>();
    state->path = path;
    state->is_own = source == Source::this_run;
    const Id access = state->check({H5Pcreate(H5P_FILE_ACCESS), H5Pclose}, "open");
    state->check(H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG), "open");
    // Some network disks have no locks.
    state->check(H5Pset_file_locking(access.get(), false, true), "open");
    state->file = state->check({H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose}, "open");
    return Hdf5File(std::move(state));
}

void Hdf5File::write_scale(std::string_view name, std::span<const double> values, const Annotation& annotation) {
    const std::array<hsize_t, 1> extents{values.size()};
    state_->finish_scale(state_->write_numbers(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, extents, values.data()), name,
                         values.size(), annotation);
}

void Hdf5File::write_scale(std::string_view name, std::span<const std::uint64_t> values, const Annotation& annotation) {
    const std::array<hsize_t, 1> extents{values.size()};
    state_->finish_scale(state_->write_numbers(name, H5T_STD_U64LE, H5T_NATIVE_UINT64, extents, values.data()), name,
                         values.size(), annotation);
}

void Hdf5File::write_scale(std::string_view name, std::span<const std::string> values, const Annotation& annotation) {
    const std::array<hsize_t, 1> extents{values.size()};
    state_->finish_scale(state_->write_texts(name, extents, values.size(), text_of(values)), name, values.size(),
                         annotation);
}

void Hdf5File::write_scale(std::string_view name, const IdColumn& values, const Annotation& annotation) {
    const std::array<hsize_t, 1> extents{values.size()};
    state_->finish_scale(state_->write_texts(name, extents, values.size(), text_of(values)), name, values.size(),
                         annotation);
}

void Hdf5File::write(std::string_view name, Dimensions dimensions, std::span<const double> values,
                     const Annotation& annotation) {
    const auto extents = state_->extents(name, dimensions, values.size());
    state_->finish(state_->write_numbers(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, extents, values.data()), name,
                   dimensions, annotation);
}

void Hdf5File::write(std::string_view name, Dimensions dimensions, std::span<const std::int64_t> values,
                     const Annotation& annotation) {
    const auto extents = state_->extents(name, dimensions, values.size());
    state_->finish(state_->write_numbers(name, H5T_STD_I64LE, H5T_NATIVE_INT64, extents, values.data()), name,
                   dimensions, annotation);
}

void Hdf5File::write(std::string_view name, Dimensions dimensions, std::span<const std::uint32_t> values,
                     const Annotation& annotation) {
    const auto extents = state_->extents(name, dimensions, values.size());
    state_->finish(state_->write_numbers(name, H5T_STD_U32LE, H5T_NATIVE_UINT32, extents, values.data()), name,
                   dimensions, annotation);
}

void Hdf5File::write(std::string_view name, Dimensions dimensions, std::span<const std::uint8_t> values,
                     const Annotation& annotation) {
    const auto extents = state_->extents(name, dimensions, values.size());
    state_->finish(state_->write_numbers(name, H5T_STD_U8LE, H5T_NATIVE_UINT8, extents, values.data()), name,
                   dimensions, annotation);
}

void Hdf5File::write(std::string_view name, Dimensions dimensions, std::span<const std::string> values,
                     const Annotation& annotation) {
    const auto extents = state_->extents(name, dimensions, values.size());
    state_->finish(state_->write_texts(name, extents, values.size(), text_of(values)), name, dimensions, annotation);
}

void Hdf5File::create_doubles(std::string_view name, Dimensions dimensions, const Annotation& annotation) {
    state_->create_empty(name, H5T_IEEE_F64LE, dimensions, annotation);
}

void Hdf5File::create_counts(std::string_view name, Dimensions dimensions, const Annotation& annotation) {
    state_->create_empty(name, H5T_STD_U32LE, dimensions, annotation);
}

void Hdf5File::write_part(std::string_view name, std::size_t row, std::size_t first, std::span<const double> values) {
    state_->write_part(name, row, first, values.size(), H5T_NATIVE_DOUBLE, values.data());
}

void Hdf5File::write_part(std::string_view name, std::size_t row, std::size_t first,
                          std::span<const std::uint32_t> values) {
    state_->write_part(name, row, first, values.size(), H5T_NATIVE_UINT32, values.data());
}

void Hdf5File::read_part(std::string_view name, std::size_t row, std::size_t first, std::span<double> values) const {
    const Id dataset = state_->open_dataset(name);
    const State::Selection part = state_->select(dataset, name, row, first, values.size());
    state_->check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, part.memory_space.get(), part.file_space.get(), H5P_DEFAULT,
                          values.data()),
                  name);
}

void Hdf5File::write_attribute(std::string_view name, std::string_view text) {
    state_->reserve(dataset_metadata_bytes + 2 * text.size());
    state_->write_text_attribute(state_->file.get(), name, text);
}

void Hdf5File::write_attribute(std::string_view name, std::uint64_t value) {
    state_->write_number_attribute(name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

void Hdf5File::write_attribute(std::string_view name, double value) {
    state_->write_number_attribute(name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5File::close() {
    if (!state_->file.is_open()) {
        return;
    }
    if (state_->disk) {
        state_->check(H5Fflush(state_->file.get(), H5F_SCOPE_GLOBAL), "flush");
    }
    state_->check(state_->file.close(), "close");
    if (state_->disk) {
        state_->disk->close();
    }
}

bool Hdf5File::contains(std::string_view name) const {
    return state_->holds(H5Lexists(state_->file.get(), std::string(name).c_str(), H5P_DEFAULT), name);
}

std::vector<std::uint64_t> Hdf5File::shape(std::string_view name) const {
    const Id dataset = state_->open_dataset(name);
    const Id space = state_->check({H5Dget_space(dataset.get()), H5Sclose}, name);
    const std::vector<hsize_t> extents = state_->extents_of(space, name);
    return {extents.begin(), extents.end()};
}

const std::filesystem::path& Hdf5File::path() const {
    return state_->path;
}

std::vector<double> Hdf5File::read_doubles(std::string_view name) const {
    return state_->read_numbers<double>(name, H5T_NATIVE_DOUBLE);
}

std::vector<std::int64_t> Hdf5File::read_integers(std::string_view name) const {
    return state_->read_numbers<std::int64_t>(name, H5T_NATIVE_INT64);
}

std::vector<std::string> Hdf5File::read_strings(std::string_view name) const {
    const Id dataset = state_->open_dataset(name);
    const std::size_t count = state_->count(dataset, name);
    const Id stored = state_->check({H5Dget_type(dataset.get()), H5Tclose}, name);
    if (H5Tget_class(stored.get()) != H5T_STRING) {
        state_->fail(name);
    }
    std::vector<std::string> texts;
    texts.reserve(count);
    if (state_->holds(H5Tis_variable_str(stored.get()), name)) {
        state_->check_texts(dataset.get(), count, name);
        const Id type = utf8_type(H5T_VARIABLE);
        std::vector<char*> pointers(count, nullptr);
        state_->check(H5Dread(dataset.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), name);
        for (char* const pointer : pointers) {
            texts.emplace_back(pointer == nullptr ? "" : pointer);
            H5free_memory(pointer);
        }
        return texts;
    }
    const std::size_t size = H5Tget_size(stored.get());
    std::string cells(size * count, '\0');
    state_->check(H5Dread(dataset.get(), stored.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, cells.data()), name);
    for (std::size_t i = 0; i < count; ++i) {
        const std::string_view cell = std::string_view(cells).substr(size * i, size);
        texts.emplace_back(cell.substr(0, cell.find('\0')));
    }
    return texts;
}

bool Hdf5File::has_attribute(std::string_view name) const {
    return state_->holds(H5Aexists(state_->file.get(), std::string(name).c_str()), name);
}

std::string Hdf5File::text_attribute(std::string_view name) const {
    return state_->read_text_attribute(state_->file.get(), name);
}

std::uint64_t Hdf5File::integer_attribute(std::string_view name) const {
    std::uint64_t value = 0;
    state_->read_attribute(name, H5T_INTEGER, H5T_NATIVE_UINT64, &value);
    return value;
}

double Hdf5File::number_attribute(std::string_view name) const {
    double value = 0.0;
    state_->read_attribute(name, H5T_FLOAT, H5T_NATIVE_DOUBLE, &value);
    return value;
}

std::string Hdf5File::text_attribute(std::string_view dataset, std::string_view name) const {
    return state_->read_text_attribute(state_->open_dataset(dataset).get(), name);
}

}  // namespace clv
