#pragma once
// portfolio.csv, cashflow.csv and sources.csv: figures of all customers together. Functions throw OutputError if a file
// cannot be written and Interrupted if the user asked to stop.

#include <filesystem>
#include <span>

#include "clv/simulation/attribution.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

void write_portfolio_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                         std::span<const PortfolioRow> rows);

void write_sources_csv(const std::filesystem::path& path, std::span<const SourceShare> sources);

void write_cashflow_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                        std::span<const CashflowRow> rows);

}  // namespace clv
