#pragma once
// A purchase summary that somebody else has made: `frequency, recency, T[, customer_id, monetary_value,
// weight, segment]`.

#include <map>
#include <string>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/data/histories/history_rules.hpp"
#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

struct SummaryRead {
    PurchaseSummary summary;  ///< accepted rows in the order of the file; empty after a structural fault
    ValidationReport report;
};

/// Reads from `reader`, at its first row; `columns` maps our names to the file's. `covariates` are columns of numbers
/// that become features, under their names in the file; other columns are left out. A row that history_fault() knows
/// something about is faulty; `time` is that of the model that is to read the histories.
/// Without a column customer_id, the id is the number of the accepted row. Call require_accepted() on the report before
/// using the summary. Throws ConfigError for a name in `columns` that no summary has.
[[nodiscard]] SummaryRead read_purchase_summary(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                                TimeUnit time_unit, const RejectSink& reject = {},
                                                const std::vector<std::string>& covariates = {},
                                                HistoryTime time = HistoryTime::continuous);

}  // namespace clv
