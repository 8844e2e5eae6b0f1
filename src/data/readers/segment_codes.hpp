#pragma once
// Segments of the rows of a table: numbered as they come, and in the order of their names at the end.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "data/tables/text_dictionary.hpp"

namespace clv {

class SegmentCodes {
  public:
    /// The number of the segment that stands on `line` of the report's table; a blank one is "(blank)". Throws
    /// InputError, with `remedy`, where there are too many.
    [[nodiscard]] std::uint32_t code(std::string_view text, const ValidationReport& report, std::uint64_t line,
                                     std::string_view remedy) {
        const std::string_view segment = trimmed(text);
        const auto code = names_.find_or_add(segment.empty() ? "(blank)" : segment);
        if (!code) {
            throw InputError(fmt::format("{}: more than {} segments ({}): {}", report.file, TextDictionary::max_texts,
                                         line_text(line, report.in_memory), remedy));
        }
        return *code;
    }

    /// The names in their order. `codes` are the numbers given before, which become places among the names.
    [[nodiscard]] std::vector<std::string> sort(std::vector<std::uint32_t>& codes) const {
        const std::vector<std::string> found = names_.texts();
        std::vector<std::string> sorted = found;
        std::ranges::sort(sorted);
        std::vector<std::uint32_t> place;
        for (const std::string& name : found) {
            place.push_back(static_cast<std::uint32_t>(std::ranges::lower_bound(sorted, name) - sorted.begin()));
        }
        for (std::uint32_t& code : codes) {
            code = place[code];
        }
        return sorted;
    }

  private:
    TextDictionary names_;
};

}  // namespace clv
