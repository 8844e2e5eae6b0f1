#include "clv/terminal/run_tables.hpp"

#include "clv/core/json_text.hpp"
#include "clv/output/documents/run_record.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clv/output/files.hpp"
#include "table_cells.hpp"

namespace clv {

namespace {

std::string percent(double level) {
    return fmt::format("{:g}%", 100.0 * level);
}

void print_portfolio(const SimulationSettings& settings, const std::vector<PortfolioRow>& rows, Terminal& terminal) {
    std::vector<Table::Column> columns{
        {"segment", Table::Align::left}, {"plan", Table::Align::left}, {"customers"}, {"mean"}, {"sd"}};
    for (const double level : settings.quantiles) {
        columns.push_back({percent(level)});
    }
    columns.push_back({"CVaR " + percent(settings.cvar_level)});
    Table table(columns);
    for (const PortfolioRow& row : rows) {
        std::vector<std::string> cells{name_cell(row.segment), row.plan,
                                       with_thousands(static_cast<std::int64_t>(row.customers)), money(row.mean),
                                       money(row.sd)};
        for (const double quantile : row.quantiles) {
            cells.push_back(money(quantile));
        }
        cells.push_back(money(row.cvar));
        table.add_row(cells);
    }
    terminal.data("Value of all customers together (present value over the horizon; quantiles over paths)\n\n");
    terminal.data(table);
}

void print_customers(const Population& population, const Hdf5File& results, std::span<const std::uint32_t> rank,
                     Terminal& terminal) {
    constexpr std::size_t shown = 5;
    const SimulationSettings& settings = population.plan.settings;
    const auto ranked = static_cast<std::size_t>(std::ranges::count_if(rank, [](auto place) { return place != 0; }));
    std::vector<std::size_t> best(std::min(ranked, shown));
    for (std::size_t i = 0; i < rank.size(); ++i) {
        if (rank[i] != 0 && rank[i] <= best.size()) {
            best[rank[i] - 1] = i;
        }
    }
    std::vector<std::size_t> levels{0};  // the outermost two
    if (settings.quantiles.size() > 1) {
        levels.push_back(settings.quantiles.size() - 1);
    }
    std::vector<Table::Column> columns{{"rank"}, {"customer", Table::Align::left}, {"mean CLV"}, {"sd"}};
    for (const std::size_t level : levels) {
        columns.push_back({percent(settings.quantiles[level])});
    }
    columns.insert(columns.end(), {{"CVaR " + percent(settings.cvar_level)}, {"P(loss)"}, {"months"}});
    Table table(columns);
    for (const std::size_t i : best) {
        const auto figure = [&](std::string_view dataset, std::size_t row = 0) {
            double value = 0.0;
            results.read_part(dataset, row, i, std::span(&value, 1));
            return value;
        };
        std::vector<std::string> cells{with_thousands(static_cast<std::int64_t>(rank[i])),
                                       name_cell(population.customers.customer_id[i]), money(figure("clv_mean")),
                                       money(figure("clv_sd"))};
        for (const std::size_t level : levels) {
            cells.push_back(money(figure("clv_quantile", level)));
        }
        cells.insert(cells.end(), {money(figure("clv_cvar")), fmt::format("{:.3f}", figure("prob_loss")),
                                   fmt::format("{:.1f}", figure("expected_lifetime_months"))});
        table.add_row(cells);
    }
    terminal.data("\nMost valuable customers (clv.csv has all of them)\n\n");
    terminal.data(table);
}

void print_sources(const std::vector<SourceShare>& sources, Terminal& terminal) {
    Table table({{"source", Table::Align::left}, {"alone"}, {"se"}, {"with the others"}, {"se"}});
    const auto share = [](double value) { return fmt::format("{:.1f}%", 100.0 * value); };
    for (const SourceShare& source : sources) {
        table.add_row({source.source, share(source.first_order), share(source.first_order_se), share(source.total),
                       share(source.total_se)});
    }
    terminal.data("\nWhere the variance of the value of all customers comes from (sources.csv)\n\n");
    terminal.data(table);
}

nlohmann::json portfolio_record(const SimulationSettings& settings, const std::vector<PortfolioRow>& rows) {
    nlohmann::json list = nlohmann::json::array();
    for (const PortfolioRow& row : rows) {
        list.push_back(row_record(settings, row));
    }
    return list;
}

}  // namespace

nlohmann::json churned_record(const Population& population, std::span<const PortfolioRow> rows) {
    if (population.churned == 0) {
        return {};
    }
    nlohmann::json record{{"customers", population.churned}};
    switch (population.churned_are) {
        case ChurnedCustomers::separate:
            record["treatment"] = "separate";
            record["clv_mean"] = rows[row_names(population.customers).size() - 1].mean;
            break;
        case ChurnedCustomers::include:
            record["treatment"] = "include";
            break;
        case ChurnedCustomers::exclude:
            record["treatment"] = "exclude";
            break;
    }
    return record;
}

nlohmann::json row_record(const SimulationSettings& settings, const PortfolioRow& row) {
    nlohmann::json entry{{"segment", row.segment},    {"plan", row.plan}, {"customers", row.customers},
                         {"clv_mean", row.mean},      {"clv_se", row.se}, {"clv_sd", row.sd},
                         {"prob_loss", row.prob_loss}};
    for (std::size_t level = 0; level < row.quantiles.size(); ++level) {
        entry[quantile_column(settings.quantiles[level])] = row.quantiles[level];
    }
    entry[cvar_column(settings.cvar_level)] = row.cvar;
    entry[var_column(settings.cvar_level)] = row.var;
    return entry;
}

nlohmann::json sources_record(const std::vector<SourceShare>& sources) {
    nlohmann::json list = nlohmann::json::array();
    for (const SourceShare& share : sources) {
        list.push_back({{"source", share.source},
                        {"first_order", share.first_order},
                        {"first_order_se", share.first_order_se},
                        {"total", share.total},
                        {"total_se", share.total_se}});
    }
    return list;
}

std::vector<SourceShare> sources_of_record(const nlohmann::json& record) {
    std::vector<SourceShare> sources;
    for (const nlohmann::json& share : record) {
        const auto figure = [&](const char* member) {  // null stands for NaN
            const auto found = share.find(member);
            return found != share.end() && found->is_number() ? found->get<double>()
                                                              : std::numeric_limits<double>::quiet_NaN();
        };
        const auto source = share.find("source");
        sources.push_back({source != share.end() && source->is_string() ? source->get<std::string>() : std::string(),
                           figure("first_order"), figure("first_order_se"), figure("total"), figure("total_se")});
    }
    return sources;
}

nlohmann::json scenario_plans_record(const std::vector<ScenarioPlan>& plans) {
    nlohmann::json list = nlohmann::json::array();
    for (const ScenarioPlan& plan : plans) {
        list.push_back({{"scenario", plan.scenario},
                        {"customers_invested", plan.plan.invested},
                        {"cost", plan.plan.cost},
                        {"profit", plan.plan.expected_profit},
                        {"profit_fresh", plan.fresh_profit.value},
                        {"profit_fresh_se", plan.fresh_profit.se},
                        {"relative_gap", plan.plan.relative_gap},
                        {"customers_with_added_paths", plan.customers_with_added_paths},
                        {"multiplier", plan.plan.multiplier()}});
    }
    return list;
}

void print_scenario_plans(const std::vector<ScenarioPlan>& plans, Terminal& terminal) {
    Table table({{"scenario", Table::Align::left},
                 {"invest in"},
                 {"cost"},
                 {"expected profit"},
                 {"on fresh paths"},
                 {"its standard error"}});
    for (const ScenarioPlan& plan : plans) {
        table.add_row({plan.scenario, with_thousands(static_cast<std::int64_t>(plan.plan.invested)),
                       money(plan.plan.cost), money(plan.plan.expected_profit), money(plan.fresh_profit.value),
                       money(plan.fresh_profit.se)});
    }
    terminal.data(
        "\nThe plan for every scenario (sweep_plan.csv has the customers, sweep_frontier.csv other budgets)\n\n");
    terminal.data(table);
}

void print_sweep(const SimulationSettings& settings, const SweepRun& sweep, const std::vector<ScenarioPlan>& plans,
                 Terminal& terminal) {
    if (terminal.wants_json()) {
        nlohmann::json rows = nlohmann::json::array();
        for (const ScenarioRow& row : sweep.rows) {
            nlohmann::json entry = row_record(settings, row.figures);
            entry["scenario"] = row.scenario;
            entry["difference_to_base"] = row.difference;
            entry["difference_se"] = row.difference_se;
            rows.push_back(std::move(entry));
        }
        nlohmann::json summary{
            {"paths", settings.paths}, {"horizon_months", settings.horizon_months}, {"scenarios", std::move(rows)}};
        if (!plans.empty()) {
            summary["plans"] = scenario_plans_record(plans);
        }
        terminal.data(json_text(summary, 2) + "\n");
        return;
    }
    const auto five_percent = std::ranges::find(settings.quantiles, 0.05);
    const auto low = five_percent == settings.quantiles.end()
                         ? std::size_t{0}  // the lowest
                         : static_cast<std::size_t>(five_percent - settings.quantiles.begin());
    Table table({{"scenario", Table::Align::left},
                 {"mean"},
                 {percent(settings.quantiles[low])},
                 {"CVaR " + percent(settings.cvar_level)},
                 {"difference to base"},
                 {"its standard error"}});
    for (std::size_t i = 0; i < sweep.rows.size(); i += sweep.segments.size()) {
        const ScenarioRow& row = sweep.rows[i];
        table.add_row({row.scenario, money(row.figures.mean), money(row.figures.quantiles[low]),
                       money(row.figures.cvar), money(row.difference), money(row.difference_se)});
    }
    terminal.data("Value of all customers together in every scenario (sweep.csv has the segments too)\n\n");
    terminal.data(table);
    if (!plans.empty()) {
        print_scenario_plans(plans, terminal);
    }
}

void print_summary(const Population& population, const SimulationRun& run, const Hdf5File& results,
                   std::span<const std::uint32_t> rank, Terminal& terminal) {
    const SimulationSettings& settings = population.plan.settings;
    if (terminal.wants_json()) {
        nlohmann::json summary{{"customers", run.portfolio.front().customers},
                               {"paths", settings.paths},
                               {"horizon_months", settings.horizon_months},
                               {"tail_share", population.tail_share},
                               {"portfolio", portfolio_record(settings, run.portfolio)}};
        if (nlohmann::json churned = churned_record(population, run.portfolio); !churned.is_null()) {
            summary["churned"] = std::move(churned);
        }
        if (run.decision) {
            summary["plan"] = plan_record(*run.decision);
        }
        if (!run.sources.empty()) {
            summary["sources"] = sources_record(run.sources);
        }
        terminal.data(json_text(summary, 2) + "\n");
        return;
    }
    print_portfolio(settings, run.portfolio, terminal);
    if (population.customers.churned_apart) {
        const std::size_t left = row_names(population.customers).size() - 1;
        terminal.data(fmt::format(
            "\n{} of {} customers have left. Had they stayed they would bring {}: the row {}, in no other figure.\n",
            with_thousands(static_cast<std::int64_t>(population.churned)),
            with_thousands(static_cast<std::int64_t>(population.customers.size())), money(run.portfolio[left].mean),
            churned_name));
    }
    print_customers(population, results, rank, terminal);
    if (!run.sources.empty()) {
        print_sources(run.sources, terminal);
    }
    if (run.decision) {
        print_plan(*run.uplift, *run.decision, terminal);
    }
}

void say_earlier_files(const OutputSet& outputs, Terminal& terminal) {
    for (const std::string& name : outputs.set_aside()) {
        terminal.warning(fmt::format("a result had been changed since it was written: it is kept as {}",
                                     (outputs.out_dir() / name).string()));
    }
    if (!outputs.removed().empty()) {
        terminal.message(fmt::format("removed what an earlier run had left: {}", fmt::join(outputs.removed(), ", ")));
    }
}

void say_written(const OutputSet& outputs, std::chrono::system_clock::time_point started, Terminal& terminal) {
    say_earlier_files(outputs, terminal);
    const auto seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - started).count();
    terminal.message(fmt::format("wrote {} in {}, peak memory {:.0f} MiB", outputs.out_dir().string(),
                                 duration_text(seconds), peak_memory_mib()));
}

}  // namespace clv
