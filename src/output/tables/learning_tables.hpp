#pragma once
// What the tables of learned churn and of learned values share.

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/estimate.hpp"
#include "clv/learning/learner.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/risk/resampled.hpp"

namespace clv {

inline constexpr std::size_t drivers_shown = 3;

/// Header of scores.csv, of whose optional columns only these are there.
[[nodiscard]] std::vector<std::string> scores_header(const std::vector<std::string_view>& optional);

/// The cell of a customer's fold, from 1; empty for who was not learned from.
void learned_fold(CsvWriter& csv, const TrainedCustomers& trained, std::uint64_t id_hash);

/// drivers_shown cells.
void learned_drivers(CsvWriter& csv, const std::vector<std::string>& drivers);

/// contributions.csv; `contributions` is [customer][column].
void learned_contributions(const std::filesystem::path& path, const IdColumn& customers,
                           std::span<const LearnedColumn> columns, std::span<const float> contributions);

/// importance.csv: the most important first, then what was left out.
void learned_importance(const std::filesystem::path& path, const std::vector<Estimate>& importance,
                        std::span<const LearnedColumn> columns, std::span<const LeftOut> left_out);

/// An estimate in quality.json.
[[nodiscard]] nlohmann::ordered_json learned_estimate(const Estimate& estimate);

/// The tenths of a ranking there; `actual` names what came of each.
[[nodiscard]] nlohmann::ordered_json learned_gain(const std::vector<Decile>& deciles, const std::string& actual);

}  // namespace clv
