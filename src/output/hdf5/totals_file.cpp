#include "clv/output/hdf5/totals_file.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/output/documents/formats.hpp"
#include "clv/output/files.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"

namespace clv {

namespace {

Annotation totals_annotation(std::string_view dataset) {
    const ColumnSpec& spec = column_spec(file_spec("totals.h5"), dataset);
    return {spec.unit, spec.meaning};
}

}  // namespace

void write_totals_h5(const std::filesystem::path& path, const PathTotals& totals,
                     std::span<const std::string> segments) {
    Hdf5File file = Hdf5File::create(path);
    file.write_attribute("format", totals_format);
    file.write_attribute("format_version", totals_format_version);
    std::vector<std::uint64_t> path_index(totals.paths);
    std::iota(path_index.begin(), path_index.end(), std::uint64_t{0});
    file.write_scale("segment", segments, totals_annotation("segment"));
    file.write_scale("path", path_index, totals_annotation("path"));
    const std::vector<double> unit(1, totals.unit);
    file.write_scale("unit", unit, totals_annotation("unit"));
    file.write("total_units", {"segment", "path"}, std::span<const std::int64_t>(totals.values),
               totals_annotation("total_units"));
    file.close();
}

PathTotals read_totals_h5(const std::filesystem::path& path) {
    const Hdf5File file = Hdf5File::open(path);
    if (!file.has_attribute("format") || file.text_attribute("format") != totals_format ||
        file.integer_attribute("format_version") != totals_format_version) {
        throw InputError(
            fmt::format("{}: no totals of this version: run the command that made it again", path.string()));
    }
    PathTotals totals;
    const std::vector<std::uint64_t> shape = file.shape("total_units");
    const std::vector<double> unit = file.read_doubles("unit");
    if (shape.size() != 2 || unit.size() != 1 || !(unit.front() > 0.0) || !std::isfinite(unit.front())) {
        throw InputError(
            fmt::format("{}: not what totals look like: run the command that made it again", path.string()));
    }
    totals.segments = static_cast<std::uint32_t>(shape[0]);
    totals.paths = shape[1];
    totals.unit = unit.front();
    totals.values = file.read_integers("total_units");
    return totals;
}

}  // namespace clv
