#include "clv/data/readers/segment_curves_reader.hpp"

#include <fmt/format.h>

#include <utility>

#include "clv/core/errors.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/parse_number.hpp"

namespace clv {

std::map<std::string, std::vector<double>> read_segment_curves(const std::filesystem::path& file) {
    CsvReader reader(file);
    const auto refuse = [&](const std::string& problem, const std::string& remedy) {
        const std::uint64_t line = reader.size() > 0 ? reader.line() : 1;
        return InputError(fmt::format("{} ({}, line {}): {}", problem, file.string(), line, remedy));
    };
    std::map<std::string, std::vector<double>> curves;
    bool is_header = true;
    std::size_t columns = 0;
    while (reader.next()) {
        if (is_header) {
            columns = reader.size();
            bool sound = columns >= 2 && reader[0] == "segment";
            for (std::size_t month = 1; sound && month < columns; ++month) {
                sound = reader[month] == fmt::format("survival_{}", month);
            }
            if (!sound) {
                throw refuse("the header is not that of survival curves",
                             "name the columns segment, survival_1, survival_2, ..");
            }
            is_header = false;
            continue;
        }
        if (reader.size() != columns) {
            throw refuse(fmt::format("{} fields where the header has {}", reader.size(), columns), "complete the row");
        }
        std::vector<double> curve;
        for (std::size_t month = 1; month < columns; ++month) {
            const NumberCell number = parse_number(reader[month]);
            if (number.kind != CellKind::number || number.value < 0.0 || number.value > 1.0) {
                throw refuse(fmt::format("survival_{} is '{}'", month, shortened(reader[month])),
                             "give a number between 0 and 1");
            }
            if (number.value > (curve.empty() ? 1.0 : curve.back())) {
                throw refuse(fmt::format("survival_{} is higher than the month before", month),
                             "survival cannot increase");
            }
            curve.push_back(number.value);
        }
        if (!curves.emplace(reader[0], std::move(curve)).second) {
            throw refuse(fmt::format("segment '{}' has two curves", reader[0]), "keep one");
        }
    }
    if (reader.fault()) {
        throw InputError(fmt::format("{}: {}", file.string(), to_string(*reader.fault())));
    }
    if (curves.empty()) {
        throw InputError(fmt::format("there are no survival curves ({}): give one row per segment", file.string()));
    }
    return curves;
}

}  // namespace clv
