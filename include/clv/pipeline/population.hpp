#pragma once
// From the input that a configuration names to what the engine simulates.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/customers_reader.hpp"
#include "clv/models/hazards.hpp"
#include "clv/paths/columns.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/pipeline/config.hpp"
#include "clv/pipeline/model_file.hpp"

namespace clv {

/// config.survival, whose source is "model" where nothing else is said and input.model names one.
[[nodiscard]] SurvivalSettings survival_settings(const RunConfig& config);

/// Which columns the configuration cannot do without.
[[nodiscard]] CustomerRequirements customer_requirements(const SurvivalSettings& survival);

/// The law's columns of validated customers: their own, which move out of the table, or the defaults of the file
/// table, and the fitted hazards.
[[nodiscard]] PathColumns take_path_columns(CustomerTable& customers, HazardCurves hazards);

/// Curves by segment from a file `segment, survival_1..survival_T`. Throws InputError with line and column.
[[nodiscard]] std::map<std::string, std::vector<double>> read_segment_curves(const std::filesystem::path& file);

/// Bits of SimulationPlan::eligible from the actions' filters; empty if no action has one.
[[nodiscard]] std::vector<std::uint8_t> eligible_actions(const CustomerTable& customers,
                                                         const std::vector<Action>& actions);

/// The columns of one path law.
using LawColumns = std::variant<PathColumns, RetailColumns>;

/// Customers without a contract: their histories, the models that were read or fitted, and what these expect.
struct FittedPurchases {
    PurchaseSummary summary;
    FittedModel model;
    std::vector<double> p_alive;
    std::vector<double> expected_purchases;  ///< within the horizon
    std::vector<double> expected_spend;      ///< currency a purchase
};

struct Population {
    CustomerTable customers;  ///< who they are: ids, segments, churned; numbers have moved into `columns`
    ValidationReport report;
    SurvivalFit survival;  ///< its hazards have moved into `columns`
    LawColumns columns;
    std::optional<FittedPurchases> purchases;  ///< of customers without a contract
    SimulationPlan plan;
    double tail_share = 0.0;  ///< of the expected value, from months that no data covers
    std::vector<std::string> notes;
};

/// Refuses accepted customers that a run would refuse all the same: ambiguous survival, reserved segment names,
/// survival that cannot be fitted (InputError), filters that do not match the columns (ConfigError).
void check_population(const RunConfig& config, const CustomerTable& customers);

struct PurchasesRead;

/// Sees histories of purchases with the models that were just fitted on them, before the histories are given up.
using FitSink = std::function<void(const PurchasesRead&, const FittedModel&)>;

/// Reads, checks and fits. Faulty rows go to `reject`; models of purchases that are fitted here, not read, are shown to
/// `fitted_here`. Throws InputError if the input is refused.
[[nodiscard]] Population load_population(const RunConfig& config, Progress& progress, const RejectSink& reject,
                                         const FitSink& fitted_here = {});

}  // namespace clv
