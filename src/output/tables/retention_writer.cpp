#include "clv/output/tables/retention_writer.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clv/decisions/reasons/reasons.hpp"
#include "clv/output/tables/csv_writer.hpp"
#include "clv/random/elementary.hpp"
#include "customer_blocks.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {

/// The lowest and the highest level: 5% and 95% unless simulation.quantiles says otherwise.
struct Band {
    std::size_t low;
    std::size_t high;
};

std::vector<std::string> header_of(const SimulationPlan& plan, const Band& band) {
    std::vector<std::string> header;
    for (const ColumnSpec& column : file_spec("retention_results.csv").columns) {
        if (column.name == quantile_pattern) {
            header.push_back(quantile_column(plan.settings.quantiles[band.low]));
            header.push_back(quantile_column(plan.settings.quantiles[band.high]));
        } else if (column.name == "ev_{action}") {
            header.emplace_back("ev_none");
            for (const Action& action : plan.actions) {
                header.push_back("ev_" + action.name);
            }
        } else {
            header.emplace_back(column.name);
        }
    }
    return header;
}

}  // namespace

void write_retention_csv(const std::filesystem::path& path, const Population& population, const Hdf5File& results,
                         const UpliftTable& table, const PlannedActions& decision) {
    const SimulationPlan& plan = population.plan;
    const CustomerTable& customers = population.customers;
    const HazardCurves& hazards = std::get<SubscriptionColumns>(population.columns).hazards;
    const Band band{low_level(plan.settings.quantiles), high_level(plan.settings.quantiles)};
    const PlanReasons reasons(decision.adjusted ? *decision.adjusted : table, decision.plan);
    CsvWriter csv(path, header_of(plan, band));
    for (const Block block : blocks_of(customers.size())) {
        std::vector<std::vector<double>> values;
        for (std::size_t action = 0; action <= plan.actions.size(); ++action) {
            values.push_back(read_block(results, "clv_mean", action, block));
        }
        const std::vector<double> low = read_block(results, "clv_quantile", band.low, block);
        const std::vector<double> high = read_block(results, "clv_quantile", band.high, block);
        for (std::size_t i = 0; i < block.count; ++i) {
            const std::size_t customer = block.first + i;
            csv.cell(customers.customer_id[customer]);
            csv.cell(customers.segment.empty() ? std::string_view("all")
                                               : std::string_view(customers.segments[customers.segment[customer]]));
            csv.cell(-elementary::expm1(-double{hazards.at(customer, 1)}));
            csv.cell(values[0][i]);
            csv.cell(low[i]);
            csv.cell(high[i]);
            for (std::size_t action = 0; action < values.size(); ++action) {
                if (action == 0 || plan.is_eligible(customer, action)) {
                    csv.cell(values[action][i]);
                } else {
                    csv.empty_cell();
                }
            }
            csv.cell(std::string_view(table.actions.at(decision.plan.action.at(customer))));
            const std::string& drivers = population.churn_drivers.at(customer);
            csv.cell(
                std::string_view(reasons.of(customer) + (drivers.empty() ? std::string() : "; churn: " + drivers)));
            csv.end_row();
        }
    }
    csv.close();
}

void write_retention(const Population& population, const Hdf5File& results, const UpliftTable& table,
                     const PlannedActions& decision, OutputSet& outputs) {
    if (!population.churn_drivers.empty()) {
        write_retention_csv(outputs.path("retention_results.csv"), population, results, table, decision);
    }
}

}  // namespace clv
