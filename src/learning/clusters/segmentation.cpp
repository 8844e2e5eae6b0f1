#include "clv/learning/clusters/segmentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/learning/clusters/ordered_clusters.hpp"
#include "clv/learning/clusters/segment_names.hpp"
#include "clv/learning/clusters/standardise.hpp"
#include "clv/random/elementary.hpp"

namespace clv {

namespace {

constexpr std::size_t value_clusters = 4;
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Of what is known; NaN where nothing is. Of an even number the mean of the middle two.
double median_of(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.empty()) {
        return no_number;
    }
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return values.size() % 2 == 1 ? *middle : std::midpoint(*std::max_element(values.begin(), middle), *middle);
}

double signed_logarithm(double x) {
    return std::copysign(elementary::log1p(std::abs(x)), x);
}

std::vector<double> column_of(const CustomersToGroup& customers, std::size_t column) {
    std::vector<double> values;
    for (std::size_t i = 0; i < customers.value.size(); ++i) {
        values.push_back(customers.values[i * customers.columns.size() + column]);
    }
    return values;
}

void check(const CustomersToGroup& customers) {
    const std::size_t count = customers.value.size();
    if (customers.values.size() != count * customers.columns.size() ||
        (!customers.churn.empty() && customers.churn.size() != count)) {
        throw std::invalid_argument("columns, values and churn are of different customers");
    }
    if (count == 0) {
        throw InputError("there are no customers to group");
    }
    if (std::set(customers.columns.begin(), customers.columns.end()).size() != customers.columns.size()) {
        throw ConfigError("a column is named twice (segment.columns): it would weigh double; name it once");
    }
    constexpr double largest = 1e150;
    for (std::size_t at = 0; at < customers.values.size(); ++at) {
        if (std::abs(customers.values[at]) > largest) {
            throw InputError(fmt::format("{} of customer {} is {}: customers are grouped by numbers up to {:g}",
                                         customers.columns[at % customers.columns.size()],
                                         at / customers.columns.size() + 1, customers.values[at], largest));
        }
    }
    if (const auto bad = std::ranges::find_if_not(customers.value, [](double v) { return std::isfinite(v); });
        bad != customers.value.end()) {
        throw InputError(
            fmt::format("the value of customer {} of {} is unknown, and segments are ranked by it: name "
                        "another column in segment.value, or leave such customers out",
                        bad - customers.value.begin() + 1, count));
    }
}

/// Standardised, without what is missing.
std::vector<double> points_of(const CustomersToGroup& customers, bool logarithms, std::vector<std::string>& notes) {
    std::vector<double> points = customers.values;
    const std::size_t columns = customers.columns.size();
    for (std::size_t column = 0; column < columns; ++column) {
        const double median = median_of(column_of(customers, column));
        if (std::isnan(median)) {
            throw InputError(fmt::format("no customer has a number in column {}: leave it out of segment.columns",
                                         customers.columns[column]));
        }
        std::size_t missing = 0;
        for (std::size_t at = column; at < points.size(); at += columns) {
            missing += std::isnan(points[at]) ? 1 : 0;
            points[at] = std::isnan(points[at]) ? median : points[at];
            points[at] = logarithms ? signed_logarithm(points[at]) : points[at];
        }
        if (missing > 0) {
            notes.push_back(fmt::format("{} of {} customers have no {}: they count with its median, {:.6g}", missing,
                                        customers.value.size(), customers.columns[column], median));
        }
    }
    return standardise(points, column_scale(points, columns));
}

/// How many of these rows differ, counted up to `most`.
std::size_t different_rows(const std::vector<double>& points, std::size_t columns, std::size_t most) {
    std::set<std::vector<double>> seen;
    for (std::size_t at = 0; at < points.size() && seen.size() < most; at += columns) {
        const auto row = points.begin() + static_cast<std::ptrdiff_t>(at);
        seen.emplace(row, row + static_cast<std::ptrdiff_t>(columns));
    }
    return seen.size();
}

/// As many clusters as were asked for, else `usual` or as many as there are different customers.
std::size_t cluster_count(const SegmentSettings& settings, const std::vector<double>& points, std::size_t columns,
                          std::size_t usual, std::vector<std::string>& notes) {
    const std::size_t wanted = settings.clusters ? static_cast<std::size_t>(*settings.clusters) : usual;
    const std::size_t different = different_rows(points, columns, wanted);
    if (different < wanted && settings.clusters) {
        throw InputError(
            fmt::format("{} segments of {} different customers (segment.clusters): ask for no more than "
                        "that, or group by other columns (segment.columns)",
                        wanted, different));
    }
    if (different < wanted && different < 2) {
        notes.emplace_back("all customers are alike in what they are grouped by: they are one segment");
    }
    return std::min(wanted, different);
}

/// Clusters of customers, in any order; `found` gets all but the segments.
std::vector<std::uint32_t> clusters_of(const CustomersToGroup& customers, const SegmentSettings& settings, int threads,
                                       Segmentation& found) {
    if (settings.method == SegmentMethod::value) {
        std::vector<double> value = customers.value;
        for (double& one : value) {
            one = settings.logarithms ? signed_logarithm(one) : one;
        }
        OrderedClusters ordered =
            ordered_clusters(value, cluster_count(settings, value, 1, value_clusters, found.notes));
        found.inertia = ordered.inertia;
        found.silhouette = no_number;
        return std::move(ordered.label);
    }
    const std::size_t columns = customers.columns.size();
    const std::vector<double> points = points_of(customers, settings.logarithms, found.notes);
    KMeansSettings kmeans_settings{.seed = settings.seed, .threads = threads};
    kmeans_settings.clusters = cluster_count(settings, points, columns, 2, found.notes);
    KMeans best;
    if (settings.clusters || kmeans_settings.clusters < 2) {
        best = kmeans(points, columns, kmeans_settings);
    } else {
        ChosenKMeans chosen =
            choose_kmeans(points, columns, 2, static_cast<std::size_t>(settings.most_clusters), kmeans_settings);
        best = std::move(chosen.best);
        found.tried = std::move(chosen.tried);
    }
    found.inertia = best.inertia;
    found.silhouette = best.silhouette;
    return std::move(best.label);
}

/// Customers of one cluster.
CustomerSegment figures_of(const CustomersToGroup& customers, const std::vector<std::size_t>& members, double total) {
    CustomerSegment segment;
    segment.customers = members.size();
    const auto median_among = [&](const auto& number) {
        std::vector<double> values;
        for (const std::size_t i : members) {
            values.push_back(number(i));
        }
        return median_of(std::move(values));
    };
    std::vector<double> values;
    for (const std::size_t i : members) {
        values.push_back(customers.value[i]);
    }
    std::ranges::sort(values);  // a sum that no order of rows moves
    segment.value_total = std::accumulate(values.begin(), values.end(), 0.0);
    segment.value_mean = segment.value_total / static_cast<double>(members.size());
    segment.value_median = median_of(std::move(values));
    segment.share_of_value = total > 0.0 ? segment.value_total / total : no_number;
    segment.churn_median =
        customers.churn.empty() ? no_number : median_among([&](std::size_t i) { return customers.churn[i]; });
    const std::size_t columns = customers.columns.size();
    for (std::size_t column = 0; column < columns; ++column) {
        segment.medians.push_back(median_among([&](std::size_t i) { return customers.values[i * columns + column]; }));
    }
    return segment;
}

}  // namespace

Segmentation segment_customers(const CustomersToGroup& customers, const SegmentSettings& settings, int threads) {
    check(customers);
    Segmentation found;
    found.columns = customers.columns;
    const std::vector<std::uint32_t> label = clusters_of(customers, settings, threads, found);
    std::vector<std::vector<std::size_t>> members(std::ranges::max(label) + std::size_t{1});
    for (std::size_t i = 0; i < label.size(); ++i) {
        members[label[i]].push_back(i);
    }
    std::vector<double> all = customers.value;
    std::ranges::sort(all);
    const double total = std::accumulate(all.begin(), all.end(), 0.0);
    std::vector<CustomerSegment> clusters;
    std::vector<CustomerMedians> medians;
    for (const std::vector<std::size_t>& of_cluster : members) {
        const CustomerSegment& cluster = clusters.emplace_back(figures_of(customers, of_cluster, total));
        medians.push_back({cluster.value_median, customers.churn.empty() ? 0.0 : cluster.churn_median});
    }
    const CustomerMedians overall{median_of(customers.value),
                                  customers.churn.empty() ? 0.0 : median_of(customers.churn)};
    const std::vector<SegmentName> names = name_segments(medians, overall);
    found.segments.resize(clusters.size());
    for (std::size_t k = 0; k < clusters.size(); ++k) {
        clusters[k].name =
            settings.method == SegmentMethod::value ? fmt::format("Tier {}", names[k].rank) : names[k].name;
        found.segments[names[k].rank - 1] = std::move(clusters[k]);
    }
    for (const std::uint32_t cluster : label) {
        found.segment.push_back(static_cast<std::uint32_t>(names[cluster].rank - 1));
    }
    return found;
}

std::string_view to_string(RiskClass risk) noexcept {
    constexpr std::array<std::string_view, 4> names{"Core", "Value at Stake", "Steady Small", "Marginal"};
    return names[static_cast<std::size_t>(risk)];
}

std::vector<RiskClass> risk_classes(std::span<const double> value, std::span<const double> cvar) {
    if (value.size() != cvar.size()) {
        throw std::invalid_argument("values and CVaRs are of different customers");
    }
    std::vector<double> shortfall;
    for (std::size_t i = 0; i < value.size(); ++i) {
        shortfall.push_back(value[i] > 0.0 ? 1.0 - cvar[i] / value[i] : std::numeric_limits<double>::infinity());
    }
    const double middle_value = median_of({value.begin(), value.end()});
    const double middle_shortfall = median_of(shortfall);
    std::vector<RiskClass> classes;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool is_high = value[i] >= middle_value;
        const bool is_sure = shortfall[i] <= middle_shortfall && shortfall[i] < 1.0;
        classes.push_back(is_high ? (is_sure ? RiskClass::core : RiskClass::at_stake)
                                  : (is_sure ? RiskClass::steady_small : RiskClass::marginal));
    }
    return classes;
}

}  // namespace clv
