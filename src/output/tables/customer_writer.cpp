#include "clv/output/tables/customer_writer.hpp"

#include "clv/output/tables/csv_table.hpp"
#include "clv/risk/level_names.hpp"
#include "customer_blocks.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {

/// The columns of clv.csv under the name of `file`, after `more` of a block's.
template <class More>
void write_figures(const std::filesystem::path& path, std::string_view file, const CustomerTable& customers,
                   const SimulationSettings& settings, const Hdf5File& results, std::span<const std::uint32_t> rank,
                   const More& more) {
    CsvTable table(path, file);
    for (const Block block : blocks_of(customers.size())) {
        const auto read = [&](std::string_view dataset, std::size_t row = 0) {
            return read_block(results, dataset, row, block);
        };
        const auto mean = read("clv_mean");
        const auto se = read("clv_se");
        const auto sd = read("clv_sd");
        const auto cvar = read("clv_cvar");
        const auto prob_loss = read("prob_loss");
        const auto lifetime = read("expected_lifetime_months");
        const auto read_counts = read("paths_used");
        const std::vector<std::uint32_t> paths_used(read_counts.begin(), read_counts.end());
        std::vector<std::vector<double>> quantiles;
        for (std::size_t level = 0; level < settings.quantiles.size(); ++level) {
            quantiles.push_back(read("clv_quantile", level));
        }
        std::vector<CsvColumn> columns{
            {"customer_id", IdRange{customers.customer_id, block.first, block.count}},
            {"clv_mean", mean},
            {"clv_se", se},
            {"clv_sd", sd},
            {cvar_column(settings.cvar_level), cvar, cvar_pattern},
            {"prob_loss", prob_loss},
            {"rank", Ranks{rank.subspan(block.first, block.count)}},
            {"expected_lifetime_months", lifetime},
            {"paths_used", paths_used},
        };
        for (std::size_t level = 0; level < quantiles.size(); ++level) {
            columns.push_back({quantile_column(settings.quantiles[level]), quantiles[level], quantile_pattern});
        }
        if (!customers.segment.empty()) {
            columns.push_back({"segment", CodedTexts{std::span(customers.segment).subspan(block.first, block.count),
                                                     customers.segments}});
        }
        if (!customers.churned.empty()) {
            columns.push_back({"churned", std::span(customers.churned).subspan(block.first, block.count)});
        }
        more(block, columns);
        table.append(block.count, columns);
    }
    table.close();
}

}  // namespace

void write_clv_csv(const std::filesystem::path& path, const CustomerTable& customers,
                   const SimulationSettings& settings, const Hdf5File& results, std::span<const std::uint32_t> rank) {
    write_figures(path, "clv.csv", customers, settings, results, rank, [](Block, std::vector<CsvColumn>&) {});
}

void write_predictions_csv(const std::filesystem::path& path, const CustomerTable& customers,
                           const PredictionColumns& predictions, const SimulationSettings& settings,
                           const Hdf5File& results, std::span<const std::uint32_t> rank) {
    const auto add = [&](Block block, std::vector<CsvColumn>& columns) {
        const auto part = [&](std::span<const double> values) { return values.subspan(block.first, block.count); };
        columns.push_back({"frequency", part(predictions.frequency)});
        columns.push_back({"recency", part(predictions.recency)});
        columns.push_back({"T", part(predictions.age)});
        if (!predictions.monetary_value.empty()) {
            columns.push_back({"monetary_value", part(predictions.monetary_value)});
        }
        columns.push_back({"p_alive", part(predictions.p_alive)});
        columns.push_back({"expected_purchases", part(predictions.expected_purchases)});
        columns.push_back({"expected_spend", part(predictions.expected_spend)});
    };
    write_figures(path, "predictions.csv", customers, settings, results, rank, add);
}

void write_summary_csv(const std::filesystem::path& path, const IdColumn& customer_id,
                       std::span<const double> frequency, std::span<const double> recency, std::span<const double> age,
                       std::span<const double> monetary_value, std::span<const FeatureColumn> features) {
    std::vector<CsvColumn> columns{{"customer_id", IdRange{customer_id, 0, customer_id.size()}},
                                   {"frequency", frequency},
                                   {"recency", recency},
                                   {"T", age}};
    if (!monetary_value.empty()) {
        columns.push_back({"monetary_value", monetary_value});
    }
    for (const FeatureColumn& feature : features) {
        if (feature.is_numeric()) {
            columns.push_back({feature.name, feature.numbers, "{feature}"});
        }
    }
    write_csv_table(path, "summary.csv", customer_id.size(), columns);
}

}  // namespace clv
