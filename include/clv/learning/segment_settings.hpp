#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace clv {

enum class SegmentMethod {
    kmeans,  ///< k-means on standardised columns
    value,   ///< stretches of value, exactly
};

/// Config section [segment].
struct SegmentSettings {
    std::optional<SegmentMethod> method;  ///< absent: clv run makes no segments, clv segment those of kmeans
    std::vector<std::string> columns;     ///< that customers are grouped by; empty: value and churn, or RFM
    std::string value_column;             ///< of input.customers; empty: the first of known names
    std::string churn_column;             ///< of input.customers; empty: the first of known names, or unknown
    std::optional<int> clusters;          ///< absent: as many as the silhouette prefers, of value 4
    int most_clusters = 8;                ///< that the silhouette is tried for
    bool logarithms = false;              ///< sign(x) log(1 + |x|) of every column
    std::uint64_t seed = 1;
};

}  // namespace clv
