#pragma once
// Survival curves by segment, from a file of their own.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace clv {

/// Curves from a file `segment, survival_1..survival_T`. Throws InputError with line and column.
[[nodiscard]] std::map<std::string, std::vector<double>> read_segment_curves(const std::filesystem::path& file);

}  // namespace clv
