#pragma once
// A configuration taken apart: what is below a command takes one of these, or a section, and never the whole.

#include <filesystem>
#include <optional>

#include "clv/config/config.hpp"
#include "clv/output/tables/world.hpp"
#include "clv/steps/population_settings.hpp"

namespace clv {

[[nodiscard]] PopulationSettings population_settings(const RunConfig& config);

[[nodiscard]] WorldSettings world_settings(const RunConfig& config);

/// Whether churn is learned from the customers.
[[nodiscard]] bool learns(const RunConfig& config);
/// Whether customers are judged by rules and not valued: there is a file of rules, and no model of purchases.
[[nodiscard]] bool rules_alone(const RunConfig& config);
/// Whether values are learned from transactions, or a learner of them is read.
[[nodiscard]] bool learns_values(const RunConfig& config);
/// Whether a plan comes with retention_results.csv: it is made for customers whose churn was learned.
[[nodiscard]] bool is_prescriptive(const RunConfig& config);

/// The world that `clv run` makes before it values its customers; none where an input is named, or no world described.
[[nodiscard]] std::optional<WorldSettings> world_to_generate(const RunConfig& config);

/// Whether customers have no contract, be they read or generated.
[[nodiscard]] bool has_purchases(const RunConfig& config);

/// The file that the world's customers or their transactions stand in.
[[nodiscard]] const char* world_file(const GenerateSettings& world);

/// Makes the world in `folder` the input.
void use_world(const std::filesystem::path& folder, const GenerateSettings& world, InputSettings& input);

/// Throws ConfigError if the configuration names neither customers nor purchases.
void require_input(const RunConfig& config);

/// The same of [segment] alone.
void require_segment_agreement(const SegmentSettings& segment);

/// Throws ConfigError for keys of `clv run` that another one leaves without effect.
void require_agreement(const RunConfig& config);

/// Throws ConfigError for what no customers could mend: a filter that is none, a limit of the plan on an action that
/// the configuration does not have.
void require_plannable(const RunConfig& config);

}  // namespace clv
