#include "clv/output/hdf5/sweep_writer.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "clv/core/progress.hpp"
#include "clv/output/files.hpp"
#include "clv/output/tables/csv_writer.hpp"

namespace clv {

namespace {

Annotation sweep_annotation(std::string_view dataset) {
    const ColumnSpec& spec = column_spec(file_spec("results.h5"), dataset);
    return {spec.unit, spec.meaning};
}

/// The header of sweep.csv with the levels of a run.
std::vector<std::string> header(const SimulationSettings& settings) {
    std::vector<std::string> names;
    for (const ColumnSpec& column : file_spec("sweep.csv").columns) {
        if (column.name == "clv_q{level}") {
            for (const double level : settings.quantiles) {
                names.push_back(quantile_column(level));
            }
        } else if (column.name == "clv_cvar{level}") {
            names.push_back(cvar_column(settings.cvar_level));
        } else if (column.name == "clv_var{level}") {
            names.push_back(var_column(settings.cvar_level));
        } else {
            names.emplace_back(column.name);
        }
    }
    return names;
}

void write_parameters(Hdf5File& file, const SweepContent& content) {
    const auto write = [&](std::string_view name, const std::function<double(const Scenario&)>& parameter) {
        std::vector<double> values;
        for (const Scenario& scenario : content.scenarios) {
            values.push_back(parameter(scenario));
        }
        file.write(name, {"scenario"}, values, sweep_annotation(name));
    };
    write("scenario_hazard_multiplier", &Scenario::hazard_multiplier);
    write("scenario_revenue_multiplier", &Scenario::revenue_multiplier);
    write("scenario_price_multiplier", &Scenario::price_multiplier);
    write("scenario_discount_rate",
          [&](const Scenario& s) { return s.discount_rate.value_or(content.settings.discount_rate).value; });
    write("scenario_market_shift", &Scenario::market_shift);
}

void write_figures(Hdf5File& file, const SweepContent& content) {
    const auto write = [&](std::string_view name, const std::function<double(const ScenarioRow&)>& figure) {
        std::vector<double> values;
        for (const ScenarioRow& row : content.rows) {
            values.push_back(figure(row));
        }
        file.write(name, {"scenario", "segment"}, values, sweep_annotation(name));
    };
    std::vector<double> quantiles;
    for (const ScenarioRow& row : content.rows) {
        quantiles.insert(quantiles.end(), row.figures.quantiles.begin(), row.figures.quantiles.end());
    }
    write("scenario_mean", [](const ScenarioRow& row) { return row.figures.mean; });
    write("scenario_se", [](const ScenarioRow& row) { return row.figures.se; });
    write("scenario_sd", [](const ScenarioRow& row) { return row.figures.sd; });
    file.write("scenario_quantile", {"scenario", "segment", "level"}, quantiles, sweep_annotation("scenario_quantile"));
    write("scenario_cvar", [](const ScenarioRow& row) { return row.figures.cvar; });
    write("scenario_prob_loss", [](const ScenarioRow& row) { return row.figures.prob_loss; });
    write("scenario_var", [](const ScenarioRow& row) { return row.figures.var; });
    write("scenario_difference", &ScenarioRow::difference);
    write("scenario_difference_se", &ScenarioRow::difference_se);
}

}  // namespace

void write_sweep_csv(const std::filesystem::path& path, const SimulationSettings& settings,
                     std::span<const ScenarioRow> rows) {
    CsvWriter csv(path, header(settings));
    for (const ScenarioRow& row : rows) {
        const PortfolioRow& figures = row.figures;
        csv.cell(std::string_view(row.scenario));
        csv.cell(std::string_view(figures.segment));
        csv.cell(std::string_view(figures.plan));
        csv.cell(figures.mean);
        csv.cell(figures.se);
        csv.cell(figures.sd);
        for (const double quantile : figures.quantiles) {
            csv.cell(quantile);
        }
        csv.cell(figures.cvar);
        csv.cell(figures.prob_loss);
        csv.cell(figures.customers);
        csv.cell(figures.var);
        csv.cell(figures.months);
        csv.cell(row.difference);
        csv.cell(row.difference_se);
        csv.end_row();
    }
    csv.close();
}

void write_sweep_h5(const std::filesystem::path& path, const ResultsOrigin& origin, const SweepContent& content) {
    const std::size_t cells = content.scenarios.size() * content.segments.size();
    const auto paths = static_cast<std::size_t>(content.settings.paths);
    if (content.rows.size() != cells || content.path_totals.size() != content.scenarios.size()) {
        throw std::logic_error(fmt::format("{} rows and {} totals of {} scenarios", content.rows.size(),
                                           content.path_totals.size(), content.scenarios.size()));
    }
    std::vector<std::string> names;
    for (const Scenario& scenario : content.scenarios) {
        names.push_back(scenario.name);
    }
    std::vector<std::uint64_t> path_index(paths);
    std::iota(path_index.begin(), path_index.end(), std::uint64_t{0});
    std::vector<std::int64_t> customers;
    for (const ScenarioRow& row : content.rows.first(content.segments.size())) {
        customers.push_back(static_cast<std::int64_t>(row.figures.customers));
    }
    for (const std::vector<double>& scenario : content.path_totals) {
        if (scenario.size() != content.segments.size() * paths) {
            throw std::logic_error(fmt::format("{} totals of a scenario", scenario.size()));
        }
    }

    Hdf5File file = create_results_h5(path, origin, content.settings.cvar_level);
    file.write_scale("scenario", names, sweep_annotation("scenario"));
    file.write_scale("level", content.settings.quantiles, sweep_annotation("level"));
    file.write_scale("segment", content.segments, sweep_annotation("segment"));
    file.write_scale("path", path_index, sweep_annotation("path"));
    write_parameters(file, content);
    file.write("portfolio_customers", {"segment"}, customers, sweep_annotation("portfolio_customers"));
    write_figures(file, content);
    file.create_doubles("scenario_path_total", {"scenario", "segment", "path"},
                        sweep_annotation("scenario_path_total"));
    for (std::size_t row = 0; row < cells; ++row) {
        throw_if_interrupted();
        const std::vector<double>& scenario = content.path_totals[row / content.segments.size()];
        file.write_part("scenario_path_total", row, 0,
                        std::span(scenario).subspan(row % content.segments.size() * paths, paths));
    }
    file.close();
}

}  // namespace clv
