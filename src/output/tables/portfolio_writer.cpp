#include "clv/output/tables/portfolio_writer.hpp"

#include <fmt/format.h>

#include "clv/output/tables/csv_table.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/risk/level_names.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {}  // namespace

void write_portfolio_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                         std::span<const PortfolioRow> rows) {
    const auto segment = gather(rows, &PortfolioRow::segment);
    const auto plan = gather(rows, &PortfolioRow::plan);
    const auto mean = gather(rows, &PortfolioRow::mean);
    const auto se = gather(rows, &PortfolioRow::se);
    const auto sd = gather(rows, &PortfolioRow::sd);
    const auto cvar = gather(rows, &PortfolioRow::cvar);
    const auto prob_loss = gather(rows, &PortfolioRow::prob_loss);
    const auto customers = gather(rows, &PortfolioRow::customers);
    const auto var = gather(rows, &PortfolioRow::var);
    const auto months = gather(rows, &PortfolioRow::months);
    const auto quantiles = quantile_columns(rows, settings.quantiles.size());
    std::vector<CsvColumn> columns{
        {"segment", segment},
        {"plan", plan},
        {"clv_mean", mean},
        {"clv_se", se},
        {"clv_sd", sd},
        {cvar_column(settings.cvar_level), cvar, cvar_pattern},
        {"prob_loss", prob_loss},
        {"customers", customers},
        {var_column(settings.cvar_level), var, var_pattern},
        {"expected_lifetime_months", months},
    };
    for (std::size_t level = 0; level < quantiles.size(); ++level) {
        columns.push_back({quantile_column(settings.quantiles[level]), quantiles[level], quantile_pattern});
    }
    write_csv_table(path, "portfolio.csv", rows.size(), columns);
}

void write_cashflow_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                        std::span<const CashflowRow> rows) {
    const auto segment = gather(rows, &CashflowRow::segment);
    const auto month = gather(rows, [](const CashflowRow& row) { return static_cast<std::uint64_t>(row.month); });
    const auto mean = gather(rows, &CashflowRow::mean);
    const auto quantiles = quantile_columns(rows, settings.quantiles.size());
    std::vector<CsvColumn> columns{{"segment", segment}, {"month", month}, {"mean", mean}};
    for (std::size_t level = 0; level < quantiles.size(); ++level) {
        columns.push_back({fmt::format("q{}", level_suffix(settings.quantiles[level])), quantiles[level], "q{level}"});
    }
    write_csv_table(path, "cashflow.csv", rows.size(), columns);
}

void write_sources_csv(const std::filesystem::path& path, std::span<const SourceShare> sources) {
    CsvWriter csv(path, column_names("sources.csv"));
    for (const SourceShare& share : sources) {
        csv.cell(std::string_view(share.source));
        csv.cell(share.first_order);
        csv.cell(share.first_order_se);
        csv.cell(share.total);
        csv.cell(share.total_se);
        csv.end_row();
    }
    csv.close();
}

}  // namespace clv
