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
#include "clv/output/hdf5/results_reader.hpp"
#include "file_shapes.hpp"
#include "results_figures.hpp"

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

PathTotals read_totals_h5(const std::filesystem::path& path, const Hdf5File& results) {
    const Hdf5File file = Hdf5File::open(path);
    if (!file.has_attribute("format") || file.text_attribute("format") != totals_format ||
        file.integer_attribute("format_version") != totals_format_version) {
        throw InputError(
            fmt::format("{}: no totals of this version: run the command that made it again", path.string()));
    }
    require_shapes(file, file_spec("totals.h5"));
    std::vector<std::string> segments = results.read_strings("segment");
    if (!read_segments(results).empty()) {
        segments.erase(segments.begin());  // the portfolio is their sum
    }
    const std::vector<double> unit = file.read_doubles("unit");
    if (unit.size() != 1 || !(unit.front() > 0.0) || !std::isfinite(unit.front()) ||
        file.read_strings("segment") != segments || file.shape("path") != results.shape("path")) {
        throw InputError(fmt::format("{}: not the totals of the results beside it: run the command that made it again",
                                     path.string()));
    }
    PathTotals totals;
    totals.segments = static_cast<std::uint32_t>(segments.size());
    totals.apart = results.contains(churned_flags) ? 1 : 0;
    totals.paths = file.shape("path").front();
    totals.unit = unit.front();
    totals.values = file.read_integers("total_units");
    return totals;
}

}  // namespace clv
