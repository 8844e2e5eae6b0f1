#pragma once
// Purchase histories of the public data sets.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "data/reference_data.hpp"

namespace clv {

/// Columns x, t_x, T, then mean spend (`spend`) or weight (`weight`), by position; a negative position is absent.
inline PurchaseSummary read_summary(const std::string& file, int first, int spend, int weight = -1) {
    PurchaseSummary summary;
    CsvReader reader(reference_data() / file);
    (void)reader.next();
    while (reader.next()) {
        const auto at = [&](int column) {
            return std::strtod(std::string(reader[static_cast<std::size_t>(column)]).c_str(), nullptr);
        };
        summary.frequency.push_back(at(first));
        summary.recency.push_back(at(first + 1));
        summary.age.push_back(at(first + 2));
        if (spend >= 0) {
            summary.monetary_value.push_back(at(spend));
        }
        if (weight >= 0) {
            summary.weight.push_back(at(weight));
        }
    }
    return summary;
}

inline PurchaseSummary cdnow_cbs() {
    return read_summary("cdnow/BTYD_cdnowSummary_cbs.csv", 1, 5);
}
inline PurchaseSummary cdnow_csv() {
    return read_summary("cdnow/cdnow_customers_summary_with_transactions.csv", 1, 4);
}
inline PurchaseSummary donations() {
    return read_summary("bgbb/donations.csv", 0, -1, 3);
}
inline bool has_reference_data() {
    return std::filesystem::exists(reference_data() / "cdnow");
}

}  // namespace clv
