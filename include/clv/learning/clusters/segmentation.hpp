#pragma once
// Segments of customers: clusters of similar ones, ranked by the median of their value, which a few very large
// customers do not move, and named (segment_names.hpp); stretches of value are tiers.
//
// A number that is missing counts as the median of its column. Columns are standardised; a constant one has no say.
// Neither the order of rows nor threads show in a result.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/learning/clusters/kmeans.hpp"
#include "clv/learning/segment_settings.hpp"

namespace clv {

/// What is known of customers, all in the same order.
struct CustomersToGroup {
    std::vector<std::string> columns;
    std::vector<double> values;  ///< [customer][column]; NaN: missing
    std::vector<double> value;   ///< currency; that segments are ranked by
    std::vector<double> churn;   ///< probability that the customer leaves, or has left; empty: unknown
};

struct CustomerSegment {
    std::string name;
    std::size_t customers = 0;
    double value_median = 0.0;  ///< currency
    double value_mean = 0.0;    ///< currency
    double value_total = 0.0;   ///< currency
    double share_of_value = 0.0;
    double churn_median = 0.0;    ///< NaN: unknown
    std::vector<double> medians;  ///< [column], as in the input
};

struct Segmentation {
    std::vector<std::string> columns;
    std::vector<std::uint32_t> segment;     ///< [customer]: index into segments
    std::vector<CustomerSegment> segments;  ///< the highest median value first
    std::vector<ClusterCount> tried;        ///< numbers of segments that were compared; empty: it was given
    double silhouette = 0.0;                ///< NaN: of value, or for one segment
    double inertia = 0.0;
    std::vector<std::string> notes;
};

/// Throws ConfigError for settings out of range; InputError for no customers, an unknown value, a column that nobody
/// has a number of, or fewer different customers than segments; std::invalid_argument for parts of different lengths.
[[nodiscard]] Segmentation segment_customers(const CustomersToGroup& customers, const SegmentSettings& settings,
                                             int threads);

/// How value goes with its own risk, the share of a customer's value that is lost in the worst of its cases.
enum class RiskClass : std::uint8_t { core, at_stake, steady_small, marginal };

/// "Core", "Value at Stake", "Steady Small", "Marginal"
[[nodiscard]] std::string_view to_string(RiskClass risk) noexcept;

/// [customer]: value at or above the median or below it, by relative shortfall, 1 - cvar / value, at or below its
/// median or above it; where nothing is left, or there is no value, it counts as above.
[[nodiscard]] std::vector<RiskClass> risk_classes(std::span<const double> value, std::span<const double> cvar);

}  // namespace clv
