#pragma once
// rejects.csv and validation.json: what was wrong with an input. Functions throw OutputError if a file cannot be
// written and Interrupted if the user asked to stop.

#include <filesystem>

#include "clv/data/tables/validation_report.hpp"
#include "clv/output/tables/csv_writer.hpp"

namespace clv {

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
