#pragma once
// How levels stand in the names of columns.

#include <string>

namespace clv {

/// A level as it stands in column names: level x 100, two digits, `.` as `_` (0.05 -> "05", 0.025 -> "02_5").
/// `level` in [0, 1]; throws std::invalid_argument otherwise.
[[nodiscard]] std::string level_suffix(double level);
[[nodiscard]] std::string quantile_column(double level);  ///< "clv_q05"
[[nodiscard]] std::string cvar_column(double level);      ///< "clv_cvar05"
[[nodiscard]] std::string var_column(double level);       ///< "clv_var05"

}  // namespace clv
