#include "clv/data/tables/content_hash.hpp"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/tables/customer_columns.hpp"

namespace clv {
namespace {

static_assert(std::endian::native == std::endian::little, "the encoding below is that of little-endian machines");

/// One row, or the names, as bytes: numbers as doubles, texts behind their length.
class Encoding {
  public:
    void clear() noexcept { bytes_.clear(); }
    void add(double value) {
        // Every NaN and both zeros count as one.
        if (std::isnan(value)) {
            value = std::numeric_limits<double>::quiet_NaN();
        } else if (value == 0.0) {
            value = 0.0;
        }
        append(&value, sizeof value);
    }
    void add(std::string_view text) {
        const std::uint64_t size = text.size();
        append(&size, sizeof size);
        append(text.data(), text.size());
    }
    [[nodiscard]] XXH128_hash_t hash() const noexcept { return XXH3_128bits(bytes_.data(), bytes_.size()); }

  private:
    void append(const void* from, std::size_t size) { bytes_.append(static_cast<const char*>(from), size); }
    std::string bytes_;
};

std::vector<const FeatureColumn*> features_by_name(const CustomerTable& table) {
    std::vector<const FeatureColumn*> features;
    for (const FeatureColumn& feature : table.features) {
        features.push_back(&feature);
    }
    std::ranges::sort(features, {}, [](const FeatureColumn* feature) { return std::string_view(feature->name); });
    return features;
}

}  // namespace

std::uint64_t customer_id_hash(std::string_view id) noexcept {
    return XXH3_64bits(id.data(), id.size());
}

std::array<std::uint64_t, 2> content_hash(const CustomerTable& table) {
    const auto features = features_by_name(table);
    std::vector<const Column*> columns;
    Encoding encoding;
    for (const CustomerColumn& column : customer_columns) {
        const Column& values = table.*column.values;
        if (!values.empty()) {
            encoding.add(column.name);
            columns.push_back(&values);
        }
    }
    encoding.add(table.churned.empty() ? "" : "churned");
    encoding.add(table.segment.empty() ? "" : "segment");
    encoding.add(static_cast<double>(table.survival_months));
    for (const FeatureColumn* feature : features) {
        encoding.add(feature->name);
        encoding.add(feature->is_numeric() ? "number" : "text");
    }
    XXH128_hash_t hash = encoding.hash();
    std::array<std::uint64_t, 2> sums{hash.low64, hash.high64};

    const auto survival_months = static_cast<std::size_t>(table.survival_months);
    constexpr std::size_t rows_per_look = 1 << 16;
    for (std::size_t row = 0; row < table.size(); ++row) {
        if (row % rows_per_look == 0) {
            throw_if_interrupted();
        }
        encoding.clear();
        encoding.add(table.customer_id[row]);
        for (const Column* values : columns) {
            encoding.add((*values)[row]);
        }
        if (!table.churned.empty()) {
            encoding.add(static_cast<double>(table.churned[row]));
        }
        if (!table.segment.empty()) {
            encoding.add(table.segments[table.segment[row]]);
        }
        for (std::size_t month = 0; month < survival_months; ++month) {
            encoding.add(static_cast<double>(table.survival[row * survival_months + month]));
        }
        for (const FeatureColumn* feature : features) {
            if (feature->is_numeric()) {
                encoding.add(feature->values()[row]);
            } else {
                encoding.add(feature->categories[feature->codes[row]]);
            }
        }
        hash = encoding.hash();
        sums[0] += hash.low64;
        sums[1] += hash.high64;
    }
    return sums;
}

}  // namespace clv
