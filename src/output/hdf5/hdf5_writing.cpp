#include <fmt/format.h>
#include <hdf5.h>
#include <hdf5_hl.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "clv/core/progress.hpp"
#include "hdf5_library.hpp"
#include "hdf5_state.hpp"

namespace clv {

namespace {

/// Room kept beyond the data for what HDF5 still writes when it closes the file.
constexpr std::uint64_t metadata_bytes = 128 * 1024;
/// Names, attributes and scales of one dataset.
constexpr std::uint64_t dataset_metadata_bytes = 8 * 1024;
constexpr std::size_t texts_per_block = 1 << 16;

TextAt text_of(std::span<const std::string> values) {
    return [values](std::size_t index) { return std::string_view(values[index]); };
}

TextAt text_of(const IdColumn& values) {
    return [&values](std::size_t index) { return values[index]; };
}

}  // namespace

void Hdf5File::State::reserve(std::uint64_t bytes) const {
    hsize_t size = 0;
    check(H5Fget_filesize(file.get(), &size), "size");
    disk->reserve(size + bytes + metadata_bytes);
}

void Hdf5File::State::write_text_attribute(hid_t object, std::string_view name, std::string_view text) const {
    const std::string terminated(text);
    const char* const pointer = terminated.c_str();
    const bool is_of_file = object == file.get();
    const Id type = utf8_type(is_of_file ? terminated.size() + 1 : H5T_VARIABLE);
    const Id space = check({H5Screate(H5S_SCALAR), H5Sclose}, name);
    Id attribute = check(
        {H5Acreate2(object, std::string(name).c_str(), type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose},
        name);
    check(H5Awrite(attribute.get(), type.get(), is_of_file ? static_cast<const void*>(pointer) : &pointer), name);
    check(attribute.close(), name);
}

void Hdf5File::State::write_number_attribute(std::string_view name, hid_t file_type, hid_t memory_type,
                                             const void* value) const {
    reserve(dataset_metadata_bytes);
    const Id space = check({H5Screate(H5S_SCALAR), H5Sclose}, name);
    Id attribute = check(
        {H5Acreate2(file.get(), std::string(name).c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose},
        name);
    check(H5Awrite(attribute.get(), memory_type, value), name);
    check(attribute.close(), name);
}

std::vector<hsize_t> Hdf5File::State::extents(std::string_view name, Dimensions dimensions) const {
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

std::vector<hsize_t> Hdf5File::State::extents(std::string_view name, Dimensions dimensions, std::size_t values) const {
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

Id Hdf5File::State::create_dataset(std::string_view name, hid_t type, std::span<const hsize_t> extents,
                                   std::uint64_t bytes) const {
    reserve(bytes + dataset_metadata_bytes);
    const Id space =
        check({H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr), H5Sclose}, name);
    const Id properties = check({H5Pcreate(H5P_DATASET_CREATE), H5Pclose}, name);
    check(H5Pset_obj_track_times(properties.get(), false), name);
    // Where it stands must not depend on when it is written.
    check(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), name);
    return check({H5Dcreate2(file.get(), std::string(name).c_str(), type, space.get(), H5P_DEFAULT, properties.get(),
                             H5P_DEFAULT),
                  H5Dclose},
                 name);
}

std::uint64_t Hdf5File::State::bytes_of(hid_t type, std::span<const hsize_t> extents) {
    std::uint64_t bytes = H5Tget_size(type);
    for (const hsize_t extent : extents) {
        bytes *= extent;
    }
    return bytes;
}

Id Hdf5File::State::write_numbers(std::string_view name, hid_t file_type, hid_t memory_type,
                                  std::span<const hsize_t> extents, const void* values) const {
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

void Hdf5File::State::write_entries(const Id& dataset, std::string_view name, std::size_t row, std::size_t first,
                                    std::size_t count, hid_t type, const void* values) const {
    static_cast<void>(select(dataset, name, row, first, count));  // whether they are there
    in_stretches(count, [&](std::size_t begin, std::size_t end) {
        const Selection part = select(dataset, name, row, first + begin, end - begin);
        check(H5Dwrite(dataset.get(), type, part.memory_space.get(), part.file_space.get(), H5P_DEFAULT,
                       static_cast<const char*>(values) + begin * H5Tget_size(type)),
              name);
    });
}

void Hdf5File::State::write_part(std::string_view name, std::size_t row, std::size_t first, std::size_t count,
                                 hid_t type, const void* values) const {
    Id dataset = open_dataset(name);
    write_entries(dataset, name, row, first, count, type, values);
    check(dataset.close(), name);
}

Id Hdf5File::State::write_texts(std::string_view name, std::span<const hsize_t> extents, std::size_t count,
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

void Hdf5File::State::annotate(const Id& dataset, const Annotation& annotation) const {
    if (!annotation.unit.empty()) {
        write_text_attribute(dataset.get(), "units", annotation.unit);
    }
    write_text_attribute(dataset.get(), "description", annotation.description);
}

void Hdf5File::State::finish_scale(Id dataset, std::string_view name, std::size_t size, const Annotation& annotation) {
    check(H5DSset_scale(dataset.get(), std::string(name).c_str()), name);
    annotate(dataset, annotation);
    scales.emplace(name, size);
    check(dataset.close(), name);
}

void Hdf5File::State::create_empty(std::string_view name, hid_t type, Dimensions dimensions,
                                   const Annotation& annotation) const {
    const auto sizes = extents(name, dimensions);
    finish(create_dataset(name, type, sizes, bytes_of(type, sizes)), name, dimensions, annotation);
}

void Hdf5File::State::finish(Id dataset, std::string_view name, Dimensions dimensions,
                             const Annotation& annotation) const {
    unsigned axis = 0;
    for (const std::string_view dimension : dimensions) {
        Id scale = open_dataset(dimension);
        check(H5DSattach_scale(dataset.get(), scale.get(), axis++), name);
        check(scale.close(), dimension);
    }
    annotate(dataset, annotation);
    check(dataset.close(), name);
}

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

}  // namespace clv
