#include "clv/output/tables/results_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clv/core/progress.hpp"
#include "clv/decisions/reasons/reasons.hpp"
#include "clv/output/files.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "output/hdf5/results_figures.hpp"

namespace clv {

namespace {

constexpr std::string_view quantile_pattern = "clv_q{level}";
constexpr std::string_view cvar_pattern = "clv_cvar{level}";
constexpr std::string_view var_pattern = "clv_var{level}";

/// Member `field` of every row, as a column.
template <class Row, class Field>
auto gather(std::span<const Row> rows, Field field) {
    std::vector<std::decay_t<decltype(std::invoke(field, rows.front()))>> values;
    values.reserve(rows.size());
    for (const Row& row : rows) {
        values.push_back(std::invoke(field, row));
    }
    return values;
}

/// quantiles[level] of every row, as one column per level.
template <class Row>
std::vector<std::vector<double>> quantile_columns(std::span<const Row> rows, std::size_t levels) {
    std::vector<std::vector<double>> columns(levels);
    for (const Row& row : rows) {
        for (std::size_t level = 0; level < levels; ++level) {
            columns[level].push_back(row.quantiles.at(level));
        }
    }
    return columns;
}

/// Index of the 5% level, or of the lowest.
std::size_t bad_end(const std::vector<double>& levels) {
    const auto five_percent = std::ranges::find(levels, 0.05);
    const auto chosen = five_percent != levels.end() ? five_percent : std::ranges::min_element(levels);
    return static_cast<std::size_t>(chosen - levels.begin());
}

/// Consecutive customers whose figures are in memory at a time.
struct Block {
    std::size_t first;
    std::size_t count;
};

std::vector<Block> blocks_of(std::size_t customers) {
    constexpr std::size_t customers_per_block = 1 << 16;
    std::vector<Block> blocks{{0, std::min(customers_per_block, customers)}};
    for (std::size_t first = customers_per_block; first < customers; first += customers_per_block) {
        blocks.push_back({first, std::min(customers_per_block, customers - first)});
    }
    return blocks;
}

std::vector<double> read_block(const Hdf5File& results, std::string_view dataset, std::size_t row, Block block) {
    std::vector<double> values(block.count);
    results.read_part(dataset, row, block.first, values);
    return values;
}

nlohmann::json to_json(const Fault& fault) {
    return {{"kind", name(fault.kind)},
            {"line", fault.line},
            {"column_number", fault.column_number},
            {"column", fault.column},
            {"customer_id", fault.customer_id},
            {"value", fault.value},
            {"problem", fault.problem},
            {"remedy", fault.remedy}};
}

std::vector<std::string> column_names(std::string_view file) {
    std::vector<std::string> names;
    for (const ColumnSpec& column : file_spec(file).columns) {
        names.emplace_back(column.name);
    }
    return names;
}

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
            {"rank", rank.subspan(block.first, block.count)},
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
        read("clv_quantile", action * levels + bad_end(settings.quantiles)),
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
            header.push_back(quantile_column(settings.quantiles.at(bad_end(settings.quantiles))));
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

CustomersCsv::CustomersCsv(const std::filesystem::path& path) : file_(path) {
    std::string header;
    for (const std::string& column : SyntheticWorld::header()) {
        header += column_spec(file_spec("customers.csv"), column).name;
        header += ',';
    }
    header.back() = '\n';
    file_.write(header);
}

void CustomersCsv::append(const SyntheticWorld& part) {
    constexpr std::size_t block_bytes = std::size_t{1} << 20;
    std::string text;
    for (std::size_t customer = 0; customer < part.customers.size(); ++customer) {
        part.append_row(customer, text);
        if (text.size() >= block_bytes) {
            throw_if_interrupted();
            file_.write(text);
            text.clear();
        }
    }
    file_.write(text);
}

void TruthCsv::append(const CustomerTable& part, const Truth& truth) {
    std::vector<CsvColumn> columns{
        {"customer_id", IdRange{part.customer_id, 0, part.size()}},
        {"segment", CodedTexts{part.segment, part.segments}},
        {"hazard_month_1", truth.hazard_month_1},
        {"clv_mean", truth.clv_mean},
    };
    for (std::size_t action = 0; action < truth.actions.size(); ++action) {
        columns.push_back({"uplift_" + truth.actions[action], truth.uplift.at(action), "uplift_{action}"});
    }
    table_.append(part.size(), columns);
}

RejectsWriter::RejectsWriter(const std::filesystem::path& path) : csv_(path, column_names("rejects.csv")) {}

void RejectsWriter::write(const RejectedRow& row) {
    csv_.cell(row.line);
    csv_.cell(row.reason);
    csv_.cell(row.text);
    csv_.end_row();
}

void write_validation_json(const std::filesystem::path& path, const ValidationReport& report) {
    nlohmann::ordered_json document;
    const auto add = [&, file = file_spec("validation.json")](std::string_view member, nlohmann::json value) {
        document[std::string(column_spec(file, member).name)] = std::move(value);
    };
    nlohmann::json counts = nlohmann::json::object();
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (report.counts[kind] != 0) {
            counts[std::string(name(static_cast<FaultKind>(kind)))] = report.counts[kind];
        }
    }
    nlohmann::json faults = nlohmann::json::array();
    for (const Fault& fault : report.faults) {
        faults.push_back(to_json(fault));
    }
    add("file", report.file);
    add("rows_read", report.rows_read);
    add("rows_accepted", report.rows_accepted);
    add("rows_rejected", report.rows_rejected);
    add("fault_counts", std::move(counts));
    add("faults", std::move(faults));
    add("structural_fault", report.structural ? to_json(*report.structural) : nlohmann::json());
    add("notes", report.notes);
    if (!report.rules.empty()) {
        nlohmann::json rules = nlohmann::json::array();
        for (const RuleCount& rule : report.rules) {
            rules.push_back({{"rule", rule.rule}, {"rows", rule.rows}, {"left_out", rule.left_out}, {"key", rule.key}});
        }
        add("rules", std::move(rules));
    }
    write_text_file(path, document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

}  // namespace clv
