#pragma once
// The CSV and JSON files of a run, from plain data. Columns are those of the file table (files.hpp). Every function
// throws OutputError if the file cannot be written and Interrupted if the user asked to stop.

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "clv/data/worlds/synthetic.hpp"
#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/models/kaplan_meier.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/tables/csv_table.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/simulation/attribution.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// The survival estimate of one segment.
struct SurvivalRows {
    std::string segment;  ///< portfolio_name without segments
    const KaplanMeier* estimate = nullptr;
    int period_months = 1;            ///< length of one entry of the estimate
    std::vector<double> fitted = {};  ///< [period] under a model, also beyond the estimate; empty: none was fitted
};

/// clv.csv, from the figures of `none` in results.h5, block by block, and the customers' ranks. `segment` and `churned`
/// are written if the table has them.
void write_clv_csv(const std::filesystem::path& path, const CustomerTable& customers,
                   const SimulationSettings& settings, const Hdf5File& results, std::span<const std::uint32_t> rank);

/// What predictions.csv says beside clv.csv. `monetary_value` may be empty: unknown.
struct PredictionColumns {
    std::span<const double> frequency;
    std::span<const double> recency;
    std::span<const double> age;
    std::span<const double> monetary_value;
    std::span<const double> p_alive;
    std::span<const double> expected_purchases;
    std::span<const double> expected_spend;
};

/// predictions.csv: these, then the columns of clv.csv.
void write_predictions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                           const PredictionColumns& predictions, const SimulationSettings& settings,
                           const Hdf5File& results, std::span<const std::uint32_t> rank);

/// summary.csv. `monetary_value` may be empty; `features` are its further columns.
void write_summary_csv(const std::filesystem::path& path, const IdColumn& customer_id,
                       std::span<const double> frequency, std::span<const double> recency, std::span<const double> age,
                       std::span<const double> monetary_value, std::span<const FeatureColumn> features = {});

void write_portfolio_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                         std::span<const PortfolioRow> rows);

void write_sources_csv(const std::filesystem::path& path, std::span<const SourceShare> sources);

void write_cashflow_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                        std::span<const CashflowRow> rows);

/// uplift.csv, from results.h5 block by block: per customer `none` at profit 0 and cost 0, then every eligible action.
void write_uplift_csv(const std::filesystem::path& path, const IdColumn& customer_id, const SimulationPlan& plan,
                      const Hdf5File& results);

void write_plan_csv(const std::filesystem::path& path, const UpliftTable& uplift, const ActionPlan& plan);

/// A row of frontier.csv; NaN: not simulated.
struct FrontierRow {
    double budget = 0.0;
    double profit = 0.0;
    double profit_eval = 0.0;
    double profit_eval_se = 0.0;
    double marginal_roi = 0.0;
    double difference = 0.0;  ///< profit_eval - profit
    double difference_se = 0.0;
};

void write_frontier_csv(const std::filesystem::path& path, std::span<const FrontierRow> rows);

/// Writes sweep_plan.csv and sweep_frontier.csv, one scenario after the other, then close().
class ScenarioPlansCsv {
  public:
    ScenarioPlansCsv(const std::filesystem::path& plan_path, const std::filesystem::path& frontier_path);
    void append(const std::string& scenario, const UpliftTable& uplift, const ActionPlan& plan,
                std::span<const FrontierRow> frontier);
    void close();

  private:
    CsvWriter plan_;
    CsvTable frontier_;
};

void write_survival_csv(const std::filesystem::path& path, std::span<const SurvivalRows> segments);

/// Writes customers.csv, one part of a generated world after the other, then close().
class CustomersCsv {
  public:
    explicit CustomersCsv(const std::filesystem::path& path);
    void append(const SyntheticWorld& part);
    void close() { file_.close(); }

  private:
    CheckedFile file_;
};

/// What is true of generated customers; entries are on their index.
struct Truth {
    std::vector<double> hazard_month_1;
    std::vector<double> clv_mean;             ///< currency
    std::vector<std::string> actions;         ///< names
    std::vector<std::vector<double>> uplift;  ///< [action][customer], currency
};

/// Writes truth.csv, one part of a generated world after the other, then close().
class TruthCsv {
  public:
    explicit TruthCsv(const std::filesystem::path& path) : table_(path, "truth.csv") {}
    void append(const CustomerTable& part, const Truth& truth);
    void close() { table_.close(); }

  private:
    CsvTable table_;
};

/// Writes rejects.csv row by row: hand write() to the reader, then close().
class RejectsWriter {
  public:
    explicit RejectsWriter(const std::filesystem::path& path);
    void write(const RejectedRow& row);
    void close() { csv_.close(); }

  private:
    CsvWriter csv_;
};

void write_validation_json(const std::filesystem::path& path, const ValidationReport& report);

}  // namespace clv
