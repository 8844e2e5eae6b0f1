#pragma once
// segments.csv and segment_rankings.csv. Functions throw OutputError and Interrupted.

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/clusters/rfm.hpp"
#include "clv/learning/clusters/segmentation.hpp"

namespace clv {

/// [customer]: what a simulation says of risk.
struct CustomerRisk {
    std::vector<double> cvar;               ///< currency: of the customer's own value
    std::vector<double> cvar_contribution;  ///< currency: in the portfolio's worst cases
    std::vector<double> share;              ///< of the portfolio's shortfall, mean - CVaR
};

/// Shares from means and contributions; all NaN where the portfolio does not fall short of its mean.
[[nodiscard]] std::vector<double> shortfall_shares(const std::vector<double>& mean,
                                                   const std::vector<double>& cvar_contribution);

/// Customers in segments, and what else is known of them, all in the order of `customer_id`.
struct SegmentsTable {
    IdColumn customer_id;
    CustomersToGroup customers;
    Segmentation segments;
    std::optional<CustomerRisk> risk;
    std::optional<RfmScores> rfm;
};

void write_segments_csv(const std::filesystem::path& path, const SegmentsTable& table);

/// `file`: segment_rankings.csv, or clv_cluster_rankings.csv, which has no medians of columns.
void write_segment_rankings_csv(const std::filesystem::path& path, std::string_view file, const Segmentation& segments,
                                const CustomerRisk* risk);

}  // namespace clv
