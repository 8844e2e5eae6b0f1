#pragma once
// totals.h5: the exact sums behind path_total of results.h5, whose numbers in currency are rounded to doubles. A later
// run with another plan starts from them, and comes to the same bits as one that simulates everybody again.

#include <filesystem>
#include <span>
#include <string>

#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// Version of the layout; a reader refuses any other.
inline constexpr std::uint64_t totals_format_version = 1;

/// Value without any action. `segments` has their names, or that of everybody where there are none. Throws OutputError.
void write_totals_h5(const std::filesystem::path& path, const PathTotals& totals,
                     std::span<const std::string> segments);

/// Throws InputError if the file cannot be read, is of another version, or does not belong to `results`.
[[nodiscard]] PathTotals read_totals_h5(const std::filesystem::path& path, const Hdf5File& results);

}  // namespace clv
