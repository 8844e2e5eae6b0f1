#include <xxhash.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>

#include "clv/core/units.hpp"
#include "clv/data/tables/content_hash.hpp"

namespace clv {
namespace {

void append(std::string& bytes, double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    for (unsigned shift = 0; shift < 64; shift += 8) {
        bytes.push_back(static_cast<char>((bits >> shift) & 0xFFU));
    }
}

}  // namespace

std::array<std::uint64_t, 2> content_hash(const PurchaseSummary& summary) {
    std::array<std::uint64_t, 2> sum{};
    std::string bytes;
    const auto add = [&] {
        const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
        sum[0] += hash.low64;
        sum[1] += hash.high64;
    };
    bytes = to_string(summary.time_unit);
    bytes += summary.monetary_value.empty() ? " without spend" : "";
    for (const FeatureColumn& feature : summary.features) {
        bytes += "\n" + feature.name;
    }
    add();
    for (std::size_t row = 0; row < summary.size(); ++row) {
        bytes.clear();
        append(bytes, summary.frequency[row]);
        append(bytes, summary.recency[row]);
        append(bytes, summary.age[row]);
        append(bytes, summary.weight[row]);
        append(bytes, summary.monetary_value.empty() ? 0.0 : summary.monetary_value[row]);
        for (const FeatureColumn& feature : summary.features) {
            append(bytes, feature.is_numeric() ? feature.numbers[row] : static_cast<double>(feature.codes[row]));
        }
        if (!summary.segments.empty()) {
            const std::string& segment = summary.segments[summary.segment[row]];
            append(bytes, static_cast<double>(segment.size()));
            bytes += segment;
        }
        bytes += summary.customer_id[row];  // last: its length is not said
        add();
    }
    return sum;
}

}  // namespace clv
