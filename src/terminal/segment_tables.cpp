#include "clv/terminal/segment_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/core/json_text.hpp"

namespace clv {

namespace {

nlohmann::ordered_json number(double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

nlohmann::ordered_json as_json(const Segmentation& found) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const CustomerSegment& segment : found.segments) {
        list.push_back({{"segment", segment.name},
                        {"customers", segment.customers},
                        {"median_value", number(segment.value_median)},
                        {"share_of_value", number(segment.share_of_value)},
                        {"median_churn", number(segment.churn_median)}});
    }
    return {
        {"segments", std::move(list)}, {"silhouette", number(found.silhouette)}, {"inertia", number(found.inertia)}};
}

}  // namespace

void show_segments(const Segmentation& found, Terminal& terminal) {
    for (const std::string& note : found.notes) {
        terminal.message("note: " + note);
    }
    std::vector<std::string> parts;
    for (const CustomerSegment& segment : found.segments) {
        parts.push_back(
            fmt::format("{} {}", segment.name, with_thousands(static_cast<std::int64_t>(segment.customers))));
    }
    terminal.message(fmt::format("segments: {}", fmt::join(parts, ", ")));
}

void print_segments(const Segmentation& found, Terminal& terminal) {
    if (terminal.wants_json()) {
        terminal.data(json_text(as_json(found), 2) + "\n");
        return;
    }
    Table ranking({{"segment", Table::Align::left}, {"customers"}, {"median value"}, {"share of value"}, {"churn"}});
    for (const CustomerSegment& segment : found.segments) {
        const bool knows_churn = !std::isnan(segment.churn_median);
        ranking.add_row({segment.name, with_thousands(static_cast<std::int64_t>(segment.customers)),
                         with_thousands(segment.value_median, 2),
                         std::isnan(segment.share_of_value) ? std::string()
                                                            : fmt::format("{:.1f}%", 100.0 * segment.share_of_value),
                         knows_churn ? fmt::format("{:.1f}%", 100.0 * segment.churn_median) : ""});
    }
    terminal.data("Segments, by the median of their customers' value (segments.csv has every customer)\n\n");
    terminal.data(ranking);
    if (!std::isnan(found.silhouette)) {
        terminal.data(fmt::format("\nsilhouette {:.3f}\n", found.silhouette));
    }
}

}  // namespace clv
