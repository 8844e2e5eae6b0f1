#include "clv/output/hdf5/hdf5_file.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <new>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "global_heap.hpp"
#include "hdf5_error.hpp"
#include "hdf5_library.hpp"
#include "hdf5_state.hpp"

namespace clv {

Id utf8_type(std::size_t size) {
    Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type.get(), size);
    H5Tset_cset(type.get(), H5T_CSET_UTF8);
    return type;
}

bool is_own = false;  ///< this run has written it
Id file;
std::map<std::string, hsize_t, std::less<>> scales;

void Hdf5File::State::fail(std::string_view what) const {
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
    throw InputError(fmt::format("cannot read results ({}, {}: {}): run the command that made it again", path.string(),
                                 what, reason));
}

void Hdf5File::State::check(herr_t status, std::string_view what) const {
    if (status < 0 || (disk && disk->has_failed())) {
        fail(what);
    }
}

Id Hdf5File::State::check(Id id, std::string_view what) const {
    check(id.is_open() ? 0 : -1, what);
    return id;
}

bool Hdf5File::State::holds(htri_t answer, std::string_view what) const {
    check(answer, what);
    return answer > 0;
}

Hdf5File::State::Selection Hdf5File::State::select(const Id& dataset, std::string_view name, std::size_t row,
                                                   std::size_t first, std::size_t count) const {
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

Id Hdf5File::State::open_dataset(std::string_view name) const {
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

void Hdf5File::State::refuse(std::string_view name, std::string_view what) const {
    throw InputError(
        fmt::format("{} is {}, and not values as clv stores them ({}): run the command that made it "
                    "again",
                    name, what, path.string()));
}

void Hdf5File::State::require_plain(const Id& dataset, std::string_view name) const {
    const Id properties = check({H5Dget_create_plist(dataset.get()), H5Pclose}, name);
    if (H5Pget_layout(properties.get()) != H5D_CONTIGUOUS || H5Pget_external_count(properties.get()) != 0 ||
        H5Pget_nfilters(properties.get()) != 0) {
        refuse(name, "stored in another way or place");
    }
    constexpr hsize_t text_reference_bytes = 16;
    const Id type = check({H5Dget_type(dataset.get()), H5Tclose}, name);
    const hsize_t cell = holds(H5Tis_variable_str(type.get()), name) ? text_reference_bytes : H5Tget_size(type.get());
    const hsize_t stored = H5Dget_storage_size(dataset.get());
    hsize_t all = 0;
    check(H5Fget_filesize(file.get(), &all), "size");
    if (cell == 0 || stored > all || stored % cell != 0 || stored / cell != count(dataset, name)) {
        refuse(name, "of another size than the file has room for");
    }
}

std::vector<hsize_t> Hdf5File::State::extents_of(const Id& space, std::string_view name) const {
    const int rank = H5Sget_simple_extent_ndims(space.get());
    check(rank, name);
    std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
    check(H5Sget_simple_extent_dims(space.get(), extents.data(), nullptr), name);
    return extents;
}

std::size_t Hdf5File::State::count(const Id& dataset, std::string_view name) const {
    const Id space = check({H5Dget_space(dataset.get()), H5Sclose}, name);
    const hssize_t points = H5Sget_simple_extent_npoints(space.get());
    check(points < 0 ? -1 : 0, name);
    return static_cast<std::size_t>(points);
}

Id Hdf5File::State::open_attribute(hid_t object, std::string_view name) const {
    return check({H5Aopen(object, std::string(name).c_str(), H5P_DEFAULT), H5Aclose}, name);
}

void Hdf5File::State::read_attribute(std::string_view name, H5T_class_t kind, hid_t type, void* value) const {
    const Id attribute = open_attribute(file.get(), name);
    const Id stored = check({H5Aget_type(attribute.get()), H5Tclose}, name);
    const Id space = check({H5Aget_space(attribute.get()), H5Sclose}, name);
    if (H5Tget_class(stored.get()) != kind || H5Sget_simple_extent_npoints(space.get()) != 1) {
        fail(name);
    }
    check(H5Aread(attribute.get(), type, value), name);
}

std::string Hdf5File::State::read_text_attribute(hid_t object, std::string_view name) const {
    const Id attribute = open_attribute(object, name);
    const Id stored = check({H5Aget_type(attribute.get()), H5Tclose}, name);
    const Id space = check({H5Aget_space(attribute.get()), H5Sclose}, name);
    if (object != file.get() && holds(H5Tis_variable_str(stored.get()), name)) {  // of a dataset, which only tests read
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

void Hdf5File::State::check_texts(hid_t dataset, std::size_t count, std::string_view name) const {
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
std::vector<T> Hdf5File::State::read_numbers(std::string_view name, hid_t memory_type) const {
    const Id dataset = open_dataset(name);
    std::vector<T> values(count(dataset, name));
    check(H5Dread(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), name);
    return values;
}

Hdf5File::Hdf5File(std::unique_ptr<State> state) : state_(std::move(state)) {}
Hdf5File::~Hdf5File() = default;
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File& Hdf5File::operator=(Hdf5File&&) noexcept = default;

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

void Hdf5File::read_part(std::string_view name, std::size_t row, std::size_t first, std::span<double> values) const {
    const Id dataset = state_->open_dataset(name);
    const State::Selection part = state_->select(dataset, name, row, first, values.size());
    state_->check(H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, part.memory_space.get(), part.file_space.get(), H5P_DEFAULT,
                          values.data()),
                  name);
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
