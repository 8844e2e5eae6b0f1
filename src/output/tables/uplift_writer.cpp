#include "clv/output/tables/uplift_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "clv/output/files.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/risk/level_names.hpp"
#include "customer_blocks.hpp"
#include "output/hdf5/results_figures.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {

/// Figures of an action in the columns of uplift.csv, of a block of customers.
std::vector<std::vector<double>> read_uplift(const Hdf5File& results, const SimulationSettings& settings,
                                             std::size_t action, Block block) {
    const std::size_t levels = settings.quantiles.size();
    const auto read = [&](std::string_view dataset, std::size_t row) {
        return read_block(results, dataset, row, block);
    };
    const bool refined = has_refined_uplift(results);
    std::vector<std::vector<double>> columns{
        read(refined ? "refined_expected_profit" : "expected_profit", action),
        read(refined ? "refined_cost" : "cost", action),
        read(refined ? "refined_expected_profit_se" : "expected_profit_se", action),
        read("clv_mean", action),
        read("clv_quantile", action * levels + low_level(settings.quantiles)),
        read("clv_cvar", action)};
    std::vector<double>& roi = columns.emplace_back(columns[0]);
    for (std::size_t i = 0; i < block.count; ++i) {
        roi[i] = columns[1][i] > 0.0 ? roi[i] / columns[1][i] : std::numeric_limits<double>::quiet_NaN();
    }
    if (results.contains(added_months.dataset)) {
        columns.push_back(read(added_months.dataset, action));
    }
    if (settings.uplift_distribution) {
        for (std::size_t level = 0; level < levels; ++level) {
            columns.push_back(read("profit_quantile", action * levels + level));
        }
        for (const std::string_view dataset : {"profit_cvar", "prob_gain", "payback_months"}) {
            columns.push_back(read(dataset, action));
        }
    }
    if (refined) {
        columns.push_back(read(refined_paths, 0));
    }
    return columns;
}

std::vector<std::string> uplift_header(const SimulationSettings& settings, const Hdf5File& results) {
    const auto is_there = [&](std::string_view optional) {
        return optional == "paths"                ? has_refined_uplift(results)
               : optional == added_months.dataset ? results.contains(added_months.dataset)
                                                  : settings.uplift_distribution;
    };
    std::vector<std::string> header;
    for (const ColumnSpec& column : file_spec("uplift.csv").columns) {
        if (column.is_optional && !is_there(column.name)) {
            continue;
        }
        if (column.name == quantile_pattern) {
            header.push_back(quantile_column(settings.quantiles.at(low_level(settings.quantiles))));
        } else if (column.name == cvar_pattern) {
            header.push_back(cvar_column(settings.cvar_level));
        } else if (column.name == "profit_q{level}") {
            for (const double level : settings.quantiles) {
                header.push_back(fmt::format("profit_q{}", level_suffix(level)));
            }
        } else if (column.name == "profit_cvar{level}") {
            header.push_back(fmt::format("profit_cvar{}", level_suffix(settings.cvar_level)));
        } else {
            header.emplace_back(column.name);
        }
    }
    return header;
}

}  // namespace

void write_uplift_csv(const std::filesystem::path& path, const IdColumn& customer_id, const SimulationPlan& plan,
                      const Hdf5File& results) {
    CsvWriter csv(path, uplift_header(plan.settings, results));
    for (const Block block : blocks_of(customer_id.size())) {
        std::vector<std::vector<std::vector<double>>> actions;
        for (std::size_t action = 0; action <= plan.actions.size(); ++action) {
            actions.push_back(read_uplift(results, plan.settings, action, block));
        }
        for (std::size_t i = 0; i < block.count; ++i) {
            const std::size_t customer = block.first + i;
            for (std::size_t action = 0; action < actions.size(); ++action) {
                if (action > 0 && !plan.is_eligible(customer, action)) {
                    continue;
                }
                csv.cell(customer_id[customer]);
                csv.cell(std::string_view(action == 0 ? "none" : plan.actions[action - 1].name));
                for (const std::vector<double>& column : actions[action]) {
                    csv.cell(column[i]);
                }
                csv.end_row();
            }
        }
    }
    csv.close();
}

}  // namespace clv
