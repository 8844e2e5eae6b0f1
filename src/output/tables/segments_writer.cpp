#include "clv/output/tables/segments_writer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "clv/output/tables/csv_table.hpp"

namespace clv {

namespace {

constexpr double no_share = std::numeric_limits<double>::quiet_NaN();

/// By code of the names of segments.
std::vector<std::string> names_of(const Segmentation& segments) {
    std::vector<std::string> names;
    for (const CustomerSegment& segment : segments.segments) {
        names.push_back(segment.name);
    }
    return names;
}

/// Texts of an enumeration, one per customer.
template <class Kind>
std::vector<std::string> texts_of(const std::vector<Kind>& kinds) {
    std::vector<std::string> texts;
    for (const Kind kind : kinds) {
        texts.emplace_back(to_string(kind));
    }
    return texts;
}

/// [segment]: sums of a figure of its customers.
std::vector<double> sums_of(const Segmentation& segments, const std::vector<double>& figure) {
    std::vector<std::vector<double>> parts(segments.segments.size());
    for (std::size_t i = 0; i < figure.size(); ++i) {
        parts[segments.segment[i]].push_back(figure[i]);
    }
    std::vector<double> sums;
    for (std::vector<double>& part : parts) {
        std::ranges::sort(part);  // a sum that no order of rows moves
        sums.push_back(std::accumulate(part.begin(), part.end(), 0.0));
    }
    return sums;
}

template <class Member>
std::vector<double> figure_of(const Segmentation& segments, Member member) {
    std::vector<double> values;
    for (const CustomerSegment& segment : segments.segments) {
        values.push_back(segment.*member);
    }
    return values;
}

}  // namespace

std::vector<double> shortfall_shares(const std::vector<double>& mean, const std::vector<double>& cvar_contribution) {
    std::vector<double> shortfall;
    for (std::size_t i = 0; i < mean.size(); ++i) {
        shortfall.push_back(mean[i] - cvar_contribution[i]);
    }
    std::vector<double> sorted = shortfall;
    std::ranges::sort(sorted);
    const double total = std::accumulate(sorted.begin(), sorted.end(), 0.0);
    for (double& share : shortfall) {
        share = total > 0.0 ? share / total : no_share;
    }
    return shortfall;
}

void write_segments_csv(const std::filesystem::path& path, const SegmentsTable& table) {
    const std::size_t customers = table.customer_id.size();
    const std::vector<std::string> names = names_of(table.segments);
    std::vector<std::uint32_t> rank;
    for (const std::uint32_t segment : table.segments.segment) {
        rank.push_back(segment + 1);
    }
    std::vector<CsvColumn> columns{{"customer_id", IdRange{table.customer_id, 0, customers}},
                                   {"segment", CodedTexts{table.segments.segment, names}},
                                   {"segment_rank", std::span<const std::uint32_t>(rank)},
                                   {"value", table.customers.value}};
    if (!table.customers.churn.empty()) {
        columns.push_back({"churn", table.customers.churn});
    }
    std::vector<std::string> risk_class;
    if (const auto& risk = table.risk) {
        risk_class = texts_of(risk_classes(table.customers.value, risk->cvar));
        columns.push_back({"cvar", risk->cvar});
        columns.push_back({"cvar_contribution", risk->cvar_contribution});
        columns.push_back({"risk_share", risk->share});
        columns.push_back({"risk_class", risk_class});
    }
    std::vector<std::string> rfm_segment;
    if (const auto& rfm = table.rfm) {
        rfm_segment = texts_of(rfm_segments(*rfm));
        columns.push_back({"recency_score", rfm->recency});
        columns.push_back({"frequency_score", rfm->frequency});
        columns.push_back({"money_score", rfm->money});
        columns.push_back({"rfm_segment", rfm_segment});
    }
    write_csv_table(path, "segments.csv", customers, columns);
}

void write_segment_rankings_csv(const std::filesystem::path& path, std::string_view file, const Segmentation& segments,
                                const CustomerRisk* risk) {
    const std::size_t count = segments.segments.size();
    const std::vector<std::string> names = names_of(segments);
    std::vector<std::uint64_t> rank(count);
    std::iota(rank.begin(), rank.end(), std::uint64_t{1});
    std::vector<std::uint64_t> customers;
    std::vector<double> share;
    for (const CustomerSegment& segment : segments.segments) {
        customers.push_back(segment.customers);
        share.push_back(static_cast<double>(segment.customers) / static_cast<double>(segments.segment.size()));
    }
    const auto median = figure_of(segments, &CustomerSegment::value_median);
    const auto mean = figure_of(segments, &CustomerSegment::value_mean);
    const auto total = figure_of(segments, &CustomerSegment::value_total);
    const auto value_share = figure_of(segments, &CustomerSegment::share_of_value);
    const auto churn = figure_of(segments, &CustomerSegment::churn_median);
    std::vector<CsvColumn> columns{
        {"rank", rank},           {"segment", names},   {"customers", customers}, {"share_of_customers", share},
        {"median_value", median}, {"mean_value", mean}, {"total_value", total},   {"share_of_value", value_share}};
    if (!std::isnan(churn.front())) {
        columns.push_back({"median_churn", churn});
    }
    std::vector<double> contribution;
    std::vector<double> risk_share;
    if (risk != nullptr) {
        contribution = sums_of(segments, risk->cvar_contribution);
        risk_share = sums_of(segments, risk->share);
        columns.push_back({"cvar_contribution", contribution});
        columns.push_back({"risk_share", risk_share});
    }
    std::vector<std::vector<double>> medians(segments.columns.size());
    for (std::size_t column = 0; column < segments.columns.size(); ++column) {
        for (const CustomerSegment& segment : segments.segments) {
            medians[column].push_back(segment.medians[column]);
        }
        columns.push_back({segments.columns[column] + "_median", medians[column], "{feature}_median"});
    }
    write_csv_table(path, file, count, columns);
}

}  // namespace clv
