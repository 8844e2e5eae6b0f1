#include "learning_tables.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "row_columns.hpp"

namespace clv {

namespace {

using nlohmann::ordered_json;

ordered_json number(double value) {
    return std::isfinite(value) ? ordered_json(value) : ordered_json();
}

}  // namespace

std::vector<std::string> scores_header(const std::vector<std::string_view>& optional) {
    std::vector<std::string> header;
    for (const ColumnSpec& column : file_spec("scores.csv").columns) {
        if (!column.is_optional || std::ranges::find(optional, column.name) != optional.end()) {
            header.emplace_back(column.name);
        }
    }
    return header;
}

void learned_fold(CsvWriter& csv, const TrainedCustomers& trained, std::uint64_t id_hash) {
    if (const auto fold = trained.fold_of(id_hash)) {
        csv.cell(*fold + 1);
    } else {
        csv.empty_cell();
    }
}

void learned_drivers(CsvWriter& csv, const std::vector<std::string>& drivers) {
    for (std::size_t k = 0; k < drivers_shown; ++k) {
        csv.cell(k < drivers.size() ? std::string_view(drivers[k]) : std::string_view());
    }
}

void learned_contributions(const std::filesystem::path& path, const IdColumn& customers,
                           std::span<const LearnedColumn> columns, std::span<const float> contributions) {
    std::vector<std::string> header{"customer_id"};
    for (const LearnedColumn& column : columns) {
        header.push_back(column.name);
    }
    CsvWriter csv(path, header);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        csv.cell(customers[i]);
        for (const float contribution : contributions.subspan(i * columns.size(), columns.size())) {
            csv.cell(static_cast<double>(contribution));
        }
        csv.end_row();
    }
    csv.close();
}

void learned_importance(const std::filesystem::path& path, const std::vector<Estimate>& importance,
                        std::span<const LearnedColumn> columns, std::span<const LeftOut> left_out) {
    std::vector<std::size_t> order(importance.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::size_t column) { return importance[column].value; });
    CsvWriter csv(path, column_names("importance.csv"));
    for (const std::size_t column : order) {
        const Estimate& estimate = importance[column];
        const LearnedColumn& learned = columns[column];
        csv.cell(std::string_view(estimate.name));
        csv.cell(std::string_view(learned.kind == FeatureKind::category ? "category" : "number"));
        csv.cell(estimate.value);
        csv.cell(estimate.se);
        csv.cell(estimate.low);
        csv.cell(estimate.high);
        csv.cell(std::string_view());
        csv.end_row();
    }
    for (const LeftOut& column : left_out) {
        csv.cell(std::string_view(column.column));
        for (int cell = 0; cell < 5; ++cell) {
            csv.empty_cell();
        }
        csv.cell(std::string_view(column.why));
        csv.end_row();
    }
    csv.close();
}

ordered_json learned_estimate(const Estimate& estimate) {
    return {{"estimate", number(estimate.value)}, {"se", number(estimate.se)}, {"low", number(estimate.low)},
            {"high", number(estimate.high)},      {"unit", estimate.unit},     {"method", estimate.method}};
}

ordered_json learned_gain(const std::vector<Decile>& deciles, const std::string& actual) {
    ordered_json list = ordered_json::array();
    for (const Decile& decile : deciles) {
        list.push_back({{"customers", decile.customers},
                        {"mean_predicted", decile.mean_predicted},
                        {actual, decile.mean_actual},
                        {"lift", number(decile.lift)},
                        {"gain", number(decile.gain)}});
    }
    return list;
}

}  // namespace clv
