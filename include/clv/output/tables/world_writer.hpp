#pragma once
// customers.csv and truth.csv of a generated world. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <filesystem>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/worlds/synthetic.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/tables/csv_table.hpp"

namespace clv {

/// Writes customers.csv, one part of a generated world after the other, then close().
class CustomersCsv {
  public:
    explicit CustomersCsv(const std::filesystem::path& path) : file_(path) {}
    void append(const SyntheticWorld& part);
    void close() { file_.close(); }

  private:
    CheckedFile file_;
    bool has_header_ = false;
};

/// What is true of generated customers; entries are on their index.
struct Truth {
    std::vector<double> hazard_month_1;
    std::vector<double> clv_mean;             ///< currency
    std::vector<std::string> actions;         ///< names
    std::vector<std::vector<double>> uplift;  ///< [action][customer], currency
    std::vector<double> churn_probability;    ///< of having churned in the past window; empty where there is none
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

}  // namespace clv
