#include "clv/pipeline/current_policy.hpp"

#include <fmt/format.h>

#include <utility>

#include "clv/data/readers/policy_reader.hpp"

namespace clv {

std::vector<std::uint8_t> current_policy(const std::string& file, const IdColumn& customer_id,
                                         const std::vector<std::string>& actions, Terminal& terminal) {
    if (file.empty()) {
        return {};
    }
    CsvReader reader{std::filesystem::path(file)};
    PolicyRead read = read_policy(reader, customer_id, actions);
    require_faultless(read.report);
    if (read.unknown > 0) {
        terminal.message(fmt::format("note: {} customers of {} are not in the data and play no part",
                                     with_thousands(static_cast<std::int64_t>(read.unknown)), file));
    }
    return std::move(read.action);
}

}  // namespace clv
