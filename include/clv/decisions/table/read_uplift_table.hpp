#pragma once

#include <map>
#include <optional>
#include <string>

#include "clv/core/progress.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

/// An uplift CSV as a table (read_uplift), with the CVaR of value where its level is given. Throws InputError with
/// every fault.
[[nodiscard]] UpliftTable read_uplift_table(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                            bool require_choice, std::optional<double> cvar_level, Progress& progress);

}  // namespace clv
