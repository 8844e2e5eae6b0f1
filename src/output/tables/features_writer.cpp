#include "clv/output/tables/features_writer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/output/tables/csv_table.hpp"

namespace clv {

namespace {

constexpr std::size_t rows_at_once = std::size_t{1} << 16;

}  // namespace

void write_features_csv(const std::filesystem::path& path, const PurchaseSummary& summary,
                        const PurchaseFeatures& features) {
    const std::vector<std::string> names = cohort_names(features.cohorts);
    CsvTable table(path, "features.csv");
    std::size_t first = 0;
    do {
        const std::size_t rows = std::min(rows_at_once, summary.size() - first);
        const auto part = [&](const std::vector<double>& column) { return std::span(column).subspan(first, rows); };
        std::vector<std::uint32_t> cohort(rows);
        for (std::size_t row = 0; row < rows; ++row) {
            cohort[row] = features.cohort(first + row);
        }
        std::vector<CsvColumn> columns{{"customer_id", IdRange{summary.customer_id, first, rows}},
                                       {"frequency", part(summary.frequency)},
                                       {"recency", part(summary.recency)},
                                       {"T", part(summary.age)},
                                       {"monetary_value", part(summary.monetary_value)},
                                       {"cohort", CodedTexts{cohort, names}}};
        std::vector<std::vector<double>> numbers;
        for (const PurchaseFeature& feature : purchase_features()) {
            std::vector<double>& values = numbers.emplace_back(rows);
            for (std::size_t row = 0; row < rows; ++row) {
                values[row] = feature(features, first + row);
            }
        }
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            columns.push_back({purchase_features()[i].name, numbers[i], purchase_features()[i].pattern});
        }
        table.append(rows, columns);
        first += rows;
    } while (first < summary.size());
    table.close();
}

void write_cohorts_csv(const std::filesystem::path& path, const CohortTriangle& triangle) {
    const std::vector<std::string> names = cohort_names(triangle);
    std::vector<std::uint32_t> cohort;
    std::vector<std::uint32_t> month;
    std::vector<std::uint32_t> customers;
    std::vector<std::uint32_t> active;
    std::vector<double> retention;
    std::vector<double> revenue;
    std::vector<std::uint32_t> purchases;
    std::vector<std::uint8_t> complete;
    for (std::size_t c = 0; c < triangle.cohorts.size(); ++c) {
        const Cohort& of = triangle.cohorts[c];
        for (std::size_t m = 0; of.customers > 0 && m < of.months.size(); ++m) {
            cohort.push_back(static_cast<std::uint32_t>(c));
            month.push_back(static_cast<std::uint32_t>(m));
            customers.push_back(of.customers);
            active.push_back(of.months[m].active);
            retention.push_back(static_cast<double>(of.months[m].active) / of.customers);
            revenue.push_back(of.months[m].revenue);
            purchases.push_back(of.months[m].purchases);
            complete.push_back(m + 1 < of.months.size() || triangle.last_month_is_complete ? 1 : 0);
        }
    }
    const std::vector<CsvColumn> columns{{"cohort", CodedTexts{cohort, names}},
                                         {"month", month},
                                         {"customers", customers},
                                         {"active", active},
                                         {"retention", retention},
                                         {"revenue", revenue},
                                         {"purchases", purchases},
                                         {"complete", complete}};
    write_csv_table(path, "cohorts.csv", cohort.size(), columns);
}

}  // namespace clv
