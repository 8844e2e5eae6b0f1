#include "file_shapes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdint>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

/// The names in "action, customer_id".
std::vector<std::string_view> names_in(std::string_view dimensions) {
    constexpr std::string_view separator = ", ";
    std::vector<std::string_view> names;
    while (!dimensions.empty()) {
        const std::size_t end = dimensions.find(separator);
        names.push_back(dimensions.substr(0, end));
        dimensions.remove_prefix(end == std::string_view::npos ? dimensions.size() : end + separator.size());
    }
    return names;
}

}  // namespace

void require_shapes(const Hdf5File& file, const FileSpec& spec) {
    const auto refuse = [&](std::string_view dataset, const std::string& problem) {
        throw InputError(
            fmt::format("{} does not fit the rest of the file ({}: {}): run the command that made it again", dataset,
                        file.path().string(), problem));
    };
    for (const ColumnSpec& dataset : spec.columns) {
        if (!file.contains(dataset.name)) {
            continue;
        }
        std::vector<std::uint64_t> expected;
        for (const std::string_view scale : names_in(dataset.dimensions)) {
            if (!file.contains(scale)) {
                refuse(dataset.name, fmt::format("no scale {}", scale));
            }
            const std::vector<std::uint64_t> length = file.shape(scale);
            if (length.size() != 1) {
                refuse(scale, fmt::format("{} dimensions", length.size()));
            }
            expected.push_back(length.front());
        }
        if (const std::vector<std::uint64_t> found = file.shape(dataset.name); found != expected) {
            refuse(dataset.name, fmt::format("{} values where {} say {}", fmt::join(found, " x "), dataset.dimensions,
                                             fmt::join(expected, " x ")));
        }
    }
}

}  // namespace clv
