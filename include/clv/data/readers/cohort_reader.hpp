#pragma once
// Tables of who renewed. The columns tell which of three they are:
//
//   period, customers[, cohort][, segment]   customers who are left after period 0, 1, .., cohort by cohort
//   period, and a column per segment         the same side by side
//   recency, T[, segment][, weight]          customers (or groups of equal ones) who paid `recency` of the first T
//                                            periods: below T they did not renew after that, at T they still are there
//
// Columns beside these can be covariates of the first and the last: every row has a value, and rows of a segment of
// survivors the same one. Without segments those with the same covariates are one.
//
// Every cohort begins at period 0 with all its customers, and periods follow each other in the file. Cohorts of a
// segment are added up period by period, whenever they began.

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/renewal_counts.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

struct CohortsRead {
    std::vector<RenewalCounts> segments;      ///< sorted by name; empty after a structural fault
    std::vector<FeatureColumn> covariates{};  ///< on the index of `segments`
    std::array<std::uint64_t, 2> content_hash{};
    ValidationReport report;
};

/// Reads from `reader`, at its first row; `columns` maps our names to the file's, `segment_by` names the columns that
/// make the segment together, `covariates` columns of the file. Call require_accepted() on the report before using the
/// counts. Throws ConfigError for a name in `columns` that no such table has, and for covariates of segments side by
/// side.
[[nodiscard]] CohortsRead read_cohorts(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                       const std::vector<std::string>& segment_by, const RejectSink& reject = {},
                                       const std::vector<std::string>& covariates = {});

}  // namespace clv
