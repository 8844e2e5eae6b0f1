#include "clv/output/tables/plan_writer.hpp"

#include "clv/decisions/reasons/reasons.hpp"
#include "row_columns.hpp"

namespace clv {

namespace {

/// Rows of plan.csv, after `scenario` where there is one.
void write_plan_rows(CsvWriter& csv, const std::string* scenario, const UpliftTable& uplift, const ActionPlan& plan) {
    const PlanReasons reasons(uplift, plan);
    for (std::size_t customer = 0; customer < uplift.size(); ++customer) {
        const std::size_t action = plan.action.at(customer);
        const std::size_t cell = uplift.cell(customer, action);
        if (scenario != nullptr) {
            csv.cell(std::string_view(*scenario));
        }
        csv.cell(uplift.customer_id[customer]);
        csv.cell(std::string_view(uplift.actions.at(action)));
        csv.cell(uplift.cost[cell]);
        csv.cell(uplift.expected_profit[cell]);
        if (uplift.expected_profit_se.empty()) {
            csv.empty_cell();
        } else {
            csv.cell(uplift.expected_profit_se[cell]);
        }
        csv.cell(recommended_action(plan, customer));
        csv.cell(std::string_view(reasons.of(customer)));
        csv.end_row();
    }
}

/// Appends rows of frontier.csv, after `scenario` where there is one.
void append_frontier(CsvTable& table, const std::string* scenario, std::span<const FrontierRow> rows) {
    const auto budget = gather(rows, &FrontierRow::budget);
    const auto profit = gather(rows, &FrontierRow::profit);
    const auto profit_eval = gather(rows, &FrontierRow::profit_eval);
    const auto profit_eval_se = gather(rows, &FrontierRow::profit_eval_se);
    const auto marginal_roi = gather(rows, &FrontierRow::marginal_roi);
    const auto difference = gather(rows, &FrontierRow::difference);
    const auto difference_se = gather(rows, &FrontierRow::difference_se);
    std::vector<CsvColumn> columns{{"budget", budget},
                                   {"profit", profit},
                                   {"profit_eval", profit_eval},
                                   {"profit_eval_se", profit_eval_se},
                                   {"marginal_roi", marginal_roi},
                                   {"difference", difference},
                                   {"difference_se", difference_se}};
    std::vector<std::string> names;
    if (scenario != nullptr) {
        names.assign(rows.size(), *scenario);
        columns.push_back({"scenario", names});
    }
    table.append(rows.size(), columns);
}

}  // namespace

void write_plan_csv(const std::filesystem::path& path, const UpliftTable& uplift, const ActionPlan& plan) {
    CsvWriter csv(path, column_names("plan.csv"));
    write_plan_rows(csv, nullptr, uplift, plan);
    csv.close();
}

void write_frontier_csv(const std::filesystem::path& path, std::span<const FrontierRow> rows) {
    CsvTable table(path, "frontier.csv");
    append_frontier(table, nullptr, rows);
    table.close();
}

ScenarioPlansCsv::ScenarioPlansCsv(const std::filesystem::path& plan_path, const std::filesystem::path& frontier_path)
    : plan_(plan_path, column_names("sweep_plan.csv")), frontier_(frontier_path, "sweep_frontier.csv") {}

void ScenarioPlansCsv::append(const std::string& scenario, const UpliftTable& uplift, const ActionPlan& plan,
                              std::span<const FrontierRow> frontier) {
    write_plan_rows(plan_, &scenario, uplift, plan);
    append_frontier(frontier_, &scenario, frontier);
}

void ScenarioPlansCsv::close() {
    plan_.close();
    frontier_.close();
}

}  // namespace clv
