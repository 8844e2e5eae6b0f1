#pragma once
// One HDF5 file of named arrays: a flat root group of contiguous row-major datasets whose axes are dimension scales, as
// netCDF readers (xarray, h5netcdf) and h5py expect them. The same calls give the same bytes: objects carry no
// timestamps and the format version is fixed.
//
// Space on the disk is reserved before it is written to, so that a full disk is found while the file can still be
// closed; HDF5 itself cannot recover from a write that failed. One that fails all the same is found when it happens or
// at the latest by close(), whether the library reports it or not.
//
// What is read has to be as it is written here: no links, nothing in other files, no filters.

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

/// The attributes of a dataset.
struct Annotation {
    std::string_view unit;         ///< attribute "units"; none if empty
    std::string_view description;  ///< attribute "description"
};

class Hdf5File {
  public:
    using Dimensions = std::initializer_list<std::string_view>;

    /// Creates or truncates the file. Functions that write throw OutputError.
    [[nodiscard]] static Hdf5File create(const std::filesystem::path& path);
    /// Whose file it is: functions that read throw InputError, of what this run has just written OutputError.
    enum class Source { input, this_run };
    /// Opens a file for reading.
    [[nodiscard]] static Hdf5File open(const std::filesystem::path& path, Source source = Source::input);
    ~Hdf5File();
    Hdf5File(Hdf5File&&) noexcept;
    Hdf5File& operator=(Hdf5File&&) noexcept;

    /// A one-dimensional dataset whose name later datasets can give as one of their dimensions.
    void write_scale(std::string_view name, std::span<const double> values, const Annotation& annotation);
    void write_scale(std::string_view name, std::span<const std::uint64_t> values, const Annotation& annotation);
    void write_scale(std::string_view name, std::span<const std::string> values, const Annotation& annotation);
    void write_scale(std::string_view name, const IdColumn& values, const Annotation& annotation);

    /// `values` is row-major over `dimensions`, the names of one to three scales written before. Throws
    /// std::logic_error if a scale is unknown or the sizes do not agree.
    void write(std::string_view name, Dimensions dimensions, std::span<const double> values,
               const Annotation& annotation);
    void write(std::string_view name, Dimensions dimensions, std::span<const std::int64_t> values,
               const Annotation& annotation);
    void write(std::string_view name, Dimensions dimensions, std::span<const std::uint32_t> values,
               const Annotation& annotation);
    void write(std::string_view name, Dimensions dimensions, std::span<const std::uint8_t> values,
               const Annotation& annotation);
    void write(std::string_view name, Dimensions dimensions, std::span<const std::string> values,
               const Annotation& annotation);
    /// A dataset of doubles that write_part() fills. Its place in the file is taken at once, so the order and the size
    /// of the parts do not show in the bytes.
    void create_doubles(std::string_view name, Dimensions dimensions, const Annotation& annotation);
    /// The same of counts, in 32 bits.
    void create_counts(std::string_view name, Dimensions dimensions, const Annotation& annotation);
    /// Entries `first`, `first` + 1, .. of a row along the last dimension; rows are counted row-major. Throws
    /// std::logic_error if the dataset has no such entries.
    void write_part(std::string_view name, std::size_t row, std::size_t first, std::span<const double> values);
    void write_part(std::string_view name, std::size_t row, std::size_t first, std::span<const std::uint32_t> values);

    /// Attributes of the root group.
    void write_attribute(std::string_view name, std::string_view text);
    void write_attribute(std::string_view name, std::uint64_t value);
    void write_attribute(std::string_view name, double value);

    /// Writes what is buffered and closes the file, checked. Call it last; without it the file may be incomplete.
    void close();

    [[nodiscard]] bool contains(std::string_view name) const;
    [[nodiscard]] std::vector<std::uint64_t> shape(std::string_view name) const;
    [[nodiscard]] const std::filesystem::path& path() const;
    /// Values of a dataset, row-major; numbers of other types are converted.
    [[nodiscard]] std::vector<double> read_doubles(std::string_view name) const;
    /// The part of a row that write_part would write. Throws std::logic_error if there is no such part.
    void read_part(std::string_view name, std::size_t row, std::size_t first, std::span<double> values) const;
    [[nodiscard]] std::vector<std::int64_t> read_integers(std::string_view name) const;
    [[nodiscard]] std::vector<std::string> read_strings(std::string_view name) const;
    /// Attributes of the root group.
    [[nodiscard]] bool has_attribute(std::string_view name) const;
    [[nodiscard]] std::string text_attribute(std::string_view name) const;
    [[nodiscard]] std::uint64_t integer_attribute(std::string_view name) const;
    [[nodiscard]] double number_attribute(std::string_view name) const;
    /// An attribute of a dataset, e.g. ("clv_mean", "units").
    [[nodiscard]] std::string text_attribute(std::string_view dataset, std::string_view name) const;

  private:
    struct State;
    explicit Hdf5File(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace clv
