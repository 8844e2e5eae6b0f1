#pragma once
// plan.csv and frontier.csv, and the same of scenarios. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <filesystem>
#include <span>
#include <string>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/uplift_table.hpp"
#include "clv/output/tables/csv_table.hpp"
#include "clv/output/tables/csv_writer.hpp"

namespace clv {

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

}  // namespace clv
