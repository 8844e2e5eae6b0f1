#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "clv/learning/learn_value.hpp"

namespace clv {

namespace {

using std::chrono::sys_days;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

sys_days month_start(sys_days day) {
    const std::chrono::year_month_day date(day);
    return date.year() / date.month() / std::chrono::day(1);
}

/// What a feature is computed from.
struct Customer {
    const ValueSnapshot& all;
    std::size_t i;
    sys_days first_cohort;

    /// Time since the first purchase, of whoever came today as well: its day counts.
    [[nodiscard]] double age() const { return std::max(all.summary.age[i], 1.0 / days_per(all.features.time_unit)); }
    [[nodiscard]] double since_last() const { return all.summary.age[i] - all.summary.recency[i]; }
    [[nodiscard]] double purchases() const { return all.features.purchases[i]; }
};

/// Beside purchase_features(), which have the age (tenure_months) and the time since the last purchase (since_last).
struct OwnFeature {
    const char* name;
    double (*value)(const Customer&);
};

constexpr OwnFeature own_features[]{
    {"repeat_purchases", [](const Customer& c) { return c.all.summary.frequency[c.i]; }},
    {"recency", [](const Customer& c) { return c.all.summary.recency[c.i]; }},
    {"purchase_rate", [](const Customer& c) { return c.purchases() / c.age(); }},
    {"revenue_rate", [](const Customer& c) { return c.all.features.revenue[c.i] / c.age(); }},
    {"mean_spend", [](const Customer& c) { return c.all.features.revenue[c.i] / c.purchases(); }},
    {"repeat_spend",
     [](const Customer& c) {
         const bool is_known = !c.all.summary.monetary_value.empty() && c.all.summary.frequency[c.i] > 0.0;
         return is_known ? c.all.summary.monetary_value[c.i] : unknown;
     }},
    {"since_last_of_age", [](const Customer& c) { return c.since_last() / c.age(); }},
    {"since_last_in_gaps", [](const Customer& c) { return c.since_last() / c.all.features.gap_mean(c.i); }},
    {"cohort_days",
     [](const Customer& c) {
         return static_cast<double>((month_start(c.all.features.first_day[c.i]) - c.first_cohort).count());
     }},
};

constexpr OwnFeature model_features[]{
    {"expected_purchases", [](const Customer& c) { return c.all.expected.purchases[c.i]; }},
    {"expected_spend", [](const Customer& c) { return c.all.expected.spend[c.i]; }},
    {"p_alive", [](const Customer& c) { return c.all.expected.p_alive[c.i]; }},
    {"expected_value", [](const Customer& c) { return c.all.expected.purchases[c.i] * c.all.expected.spend[c.i]; }},
};

void check_lengths(const ValueSnapshot& customers) {
    const std::size_t size = customers.summary.size();
    const PurchaseExpectations& expected = customers.expected;
    if (customers.features.size() != size ||
        (!expected.empty() &&
         (expected.purchases.size() != size || expected.spend.size() != size || expected.p_alive.size() != size))) {
        throw std::invalid_argument("summary, features and expectations are of different customers");
    }
}

float as_feature(double value) {
    const auto number = static_cast<float>(value);
    return std::isfinite(number) ? number : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace

std::vector<LearnedColumn> value_columns(bool has_purchase_model) {
    std::vector<LearnedColumn> columns;
    const auto add = [&](std::string name) { columns.push_back({std::move(name), FeatureKind::number, {}}); };
    for (const PurchaseFeature& feature : purchase_features()) {
        add(feature.name);
    }
    for (const OwnFeature& feature : own_features) {
        add(feature.name);
    }
    for (const OwnFeature& feature : model_features) {
        if (has_purchase_model) {
            add(feature.name);
        }
    }
    return columns;
}

sys_days first_cohort(const PurchaseFeatures& features) {
    return features.size() == 0 ? sys_days{} : month_start(std::ranges::min(features.first_day));
}

FeatureMatrix value_matrix(const ValueSnapshot& customers, sys_days first_cohort) {
    check_lengths(customers);
    const bool has_purchase_model = !customers.expected.empty();
    FeatureMatrix matrix{customers.summary.size(), value_columns(has_purchase_model).size(), {}};
    matrix.values.reserve(matrix.rows * matrix.columns);
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        const Customer customer{customers, i, first_cohort};
        for (const PurchaseFeature& feature : purchase_features()) {
            matrix.values.push_back(as_feature(feature(customers.features, i)));
        }
        for (const OwnFeature& feature : own_features) {
            matrix.values.push_back(as_feature(feature.value(customer)));
        }
        for (const OwnFeature& feature : model_features) {
            if (has_purchase_model) {
                matrix.values.push_back(as_feature(feature.value(customer)));
            }
        }
    }
    return matrix;
}

}  // namespace clv
