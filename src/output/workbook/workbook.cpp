#include "clv/output/workbook/workbook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/decisions/reasons/reasons.hpp"
#include "clv/output/files.hpp"
#include "figure_labels.hpp"
#include "spreadsheet.hpp"

namespace clv {

namespace {

namespace fs = std::filesystem;

/// The column of the file table that `name` is, or is one of; null for a column that came with the input.
const ColumnSpec* find_spec(const FileSpec& file, std::string_view name) {
    for (const ColumnSpec& column : file.columns) {
        const std::size_t open = column.name.find('{');
        const std::size_t close = column.name.find('}');
        if (open == std::string_view::npos
                ? name == column.name
                : name.starts_with(column.name.substr(0, open)) && name.ends_with(column.name.substr(close + 1))) {
            return &column;
        }
    }
    return nullptr;
}

CellStyle style_of(const ColumnSpec* column) {
    if (column == nullptr || column->type == "text" || column->type == "date") {
        return CellStyle::text;
    }
    if (column->type != "number") {
        return CellStyle::whole;
    }
    if (column->unit.starts_with("currency")) {
        return CellStyle::money;
    }
    return column->unit == "probability" || column->unit.starts_with("share") ? CellStyle::share : CellStyle::number;
}

/// A table that stands in a sheet.
struct Shown {
    std::string sheet;
    std::string file;
    std::vector<std::string> columns;
    std::uint32_t rows = 0;
    std::uint64_t rows_left = 0;  ///< for which the sheet has no room
    std::size_t columns_left = 0;

    /// The cells of a column, as a formula has them: "Plan!$C$2:$C$10001".
    [[nodiscard]] std::string range(std::string_view column) const {
        const auto found = std::ranges::find(columns, column);
        if (found == columns.end()) {
            throw InputError(fmt::format("{} has no column {}: make it again with this version", file, column));
        }
        char letters[LXW_MAX_COL_NAME_LENGTH] = {};
        lxw_col_to_name(letters, static_cast<lxw_col_t>(found - columns.begin()), LXW_TRUE);
        return fmt::format("{}!{}$2:{}${}", sheet, letters, letters, rows + 1);
    }
};

/// What an action comes to in the plan.
struct ActionTotals {
    double customers = 0.0;
    double cost = 0.0;
    double profit = 0.0;
};

struct ListColumn {
    const char* header;
    double width;  ///< characters
};

constexpr std::uint16_t summary_columns = 4;

/// Sheets, and the files in them.
constexpr std::pair<const char*, const char*> sheets[] = {{"Customers", "clv.csv"},
                                                          {"Plan", "plan.csv"},
                                                          {"Retention", "retention_results.csv"},
                                                          {"Frontier", "frontier.csv"},
                                                          {"Scenarios", "sweep.csv"},
                                                          {"Scenario plans", "sweep_plan.csv"},
                                                          {"Portfolio", "portfolio.csv"},
                                                          {"Segments", "segment_rankings.csv"},
                                                          {"Segment customers", "segments.csv"},
                                                          {"Next spend", "clv_ranked_predictions.csv"},
                                                          {"Tiers", "clv_cluster_rankings.csv"},
                                                          {"Importance", "importance.csv"},
                                                          {"Lifecycle", "lifecycle.csv"},
                                                          {"Migration", "migration.csv"}};

using Row = std::map<std::string, double, std::less<>>;

class WorkbookWriter {
  public:
    WorkbookWriter(const fs::path& dir, const RunRecord& run, const fs::path& file)
        : dir_(dir), run_(run), book_(file, "Customer lifetime value and where to spend") {}
    void write(std::span<const Assumption> assumptions);

  private:
    [[nodiscard]] bool has(const std::string& file) const { return run_.files.contains(file); }
    [[nodiscard]] const Shown* shown(std::string_view sheet) const;
    void show(const std::string& name, const std::string& file);
    void remember(const Shown& table, const CsvReader& row);
    void write_summary(Sheet& sheet);
    void write_headings(Sheet& sheet, const std::array<const char*, summary_columns>& headings);
    void write_value(Sheet& sheet);
    void write_figure(Sheet& sheet, const nlohmann::json& about, const char* label, const char* member, CellStyle style,
                      const char* meaning);
    void write_churned(Sheet& sheet);
    void write_plan(Sheet& sheet);
    void write_origin(Sheet& sheet);
    [[nodiscard]] Sheet add_list(const std::string& name, std::span<const ListColumn> columns, std::uint16_t kept);
    void write_assumptions(std::span<const Assumption> assumptions);
    void write_columns();

    const fs::path& dir_;
    const RunRecord& run_;
    Spreadsheet book_;
    std::vector<Shown> shown_;
    std::map<std::string, Row, std::less<>> portfolio_;  ///< by plan: the whole portfolio's row
    std::vector<std::string> actions_;                   ///< of the plan, in the order of their first customer
    std::map<std::string, ActionTotals, std::less<>> totals_;
    std::uint32_t next_ = 0;  ///< row of the summary
};

const Shown* WorkbookWriter::shown(std::string_view sheet) const {
    const auto found = std::ranges::find(shown_, sheet, &Shown::sheet);
    return found == shown_.end() ? nullptr : &*found;
}

/// The file, if the results have it, as a sheet.
void WorkbookWriter::show(const std::string& name, const std::string& file) {
    if (!has(file)) {
        return;
    }
    constexpr double narrowest = 12.0;
    constexpr double text_width = 16.0;
    constexpr double reason_width = 90.0;
    const FileSpec& spec = file_spec(file);
    const fs::path path = dir_ / file;
    Sheet sheet = book_.add_sheet(name);
    Shown table{name, file, {}, 0, 0, 0};
    std::vector<CellStyle> styles;
    CsvReader reader(path);
    while (reader.next()) {
        const auto columns = static_cast<std::uint16_t>(std::min<std::size_t>(reader.size(), Sheet::most_columns));
        if (table.columns.empty()) {
            table.columns_left = reader.size() - columns;
            for (std::uint16_t c = 0; c < columns; ++c) {
                table.columns.emplace_back(reader[c]);
                styles.push_back(style_of(find_spec(spec, reader[c])));
                const double width = static_cast<double>(reader[c].size()) + 4.0;  // and the filter's button
                sheet.set_width(c, reader[c] == "reason"          ? reason_width
                                   : styles[c] == CellStyle::text ? std::max(width, text_width)
                                                                  : std::max(width, narrowest));
                sheet.write(0, c, reader[c], CellStyle::header);
            }
            continue;
        }
        if (table.rows + 1 == Sheet::most_rows) {
            ++table.rows_left;
            continue;
        }
        throw_if_interrupted();
        ++table.rows;
        for (std::uint16_t c = 0; c < columns; ++c) {
            const NumberCell cell = parse_number(reader[c]);
            if (styles[c] != CellStyle::text && cell.kind == CellKind::number) {
                sheet.write(table.rows, c, cell.value, styles[c]);
            } else if (!reader[c].empty()) {
                sheet.write(table.rows, c, reader[c]);
            }
        }
        remember(table, reader);
    }
    if (reader.fault()) {
        throw InputError(fmt::format("{}: {}", path.string(), to_string(*reader.fault())));
    }
    sheet.freeze(1);
    sheet.filter(table.rows, static_cast<std::uint16_t>(table.columns.size()));
    sheet.set_print_layout();
    shown_.push_back(std::move(table));
}

/// What the summary needs of a row.
void WorkbookWriter::remember(const Shown& table, const CsvReader& row) {
    const auto text = [&](std::string_view column) {
        const auto found = std::ranges::find(table.columns, column);
        return found == table.columns.end() ? std::string_view{}
                                            : row[static_cast<std::size_t>(found - table.columns.begin())];
    };
    if (table.sheet == "Portfolio" && text("segment") == "portfolio") {
        Row& figures = portfolio_[std::string(text("plan"))];
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            figures[table.columns[c]] = parse_number(row[c]).value;
        }
    }
    if (table.sheet == "Plan") {
        const std::string action(text("action"));
        if (!totals_.contains(action)) {
            actions_.push_back(action);
        }
        ActionTotals& totals = totals_[action];
        totals.customers += text("reason") == reason_of_leaving ? 0.0 : 1.0;
        totals.cost += parse_number(text("cost")).value;
        totals.profit += parse_number(text("expected_profit")).value;
    }
}

void WorkbookWriter::write_headings(Sheet& sheet, const std::array<const char*, summary_columns>& headings) {
    for (std::uint16_t c = 0; c < summary_columns; ++c) {
        sheet.write(next_, c, headings[c], CellStyle::heading);
    }
    ++next_;
}

void WorkbookWriter::write_value(Sheet& sheet) {
    const FileSpec& spec = file_spec("portfolio.csv");
    const auto plain = portfolio_.find("none");
    if (plain == portfolio_.end()) {
        return;
    }
    const auto chosen = portfolio_.find("chosen");
    write_headings(
        sheet, {"Value of the portfolio", "without actions", chosen == portfolio_.end() ? "" : "with the plan", ""});
    for (const std::string& column : shown("Portfolio")->columns) {
        const ColumnSpec* about = find_spec(spec, column);
        const CellStyle style = style_of(about);
        if (style == CellStyle::text) {
            continue;
        }
        sheet.write(next_, 0, label_of(column));
        sheet.write(next_, 1, plain->second.at(column), style);
        if (chosen != portfolio_.end()) {
            sheet.write(next_, 2, chosen->second.at(column), style);
        }
        sheet.write(next_++, 3, about->meaning, CellStyle::note);
    }
    ++next_;
}

/// A number of the record, where it has it.
void WorkbookWriter::write_figure(Sheet& sheet, const nlohmann::json& about, const char* label, const char* member,
                                  CellStyle style, const char* meaning) {
    if (const auto found = about.find(member); found != about.end() && found->is_number()) {
        sheet.write(next_, 0, label);
        sheet.write(next_, 1, found->get<double>(), style);
        sheet.write(next_++, 3, meaning, CellStyle::note);
    }
}

void WorkbookWriter::write_churned(Sheet& sheet) {
    const nlohmann::json& churned = run_.churned;
    if (!churned.is_object()) {
        return;
    }
    const std::string treatment = churned.value("treatment", "");
    write_headings(sheet, {"Customers who have left", "", "", ""});
    write_figure(sheet, churned, "customers", "customers", CellStyle::whole,
                 treatment == "separate"  ? "in no figure above: the row churned of sheet Portfolio, without an action"
                 : treatment == "include" ? "valued, and in all figures, as if they had not left"
                                          : "not valued");
    write_figure(sheet, churned, "expected value", "clv_mean", CellStyle::money,
                 "what they would bring had they stayed");
    ++next_;
}

void WorkbookWriter::write_plan(Sheet& sheet) {
    const Shown* plan = shown("Plan");
    if (plan == nullptr || plan->rows == 0) {
        return;
    }
    const std::string action = plan->range("action");
    const std::string cost = plan->range("cost");
    const std::string profit = plan->range("expected_profit");
    const bool some_left = run_.churned.is_object() && run_.churned.value("treatment", "") == "separate";
    const std::string here =
        some_left ? fmt::format(R"(,{},"<>{}")", plan->range("reason"), reason_of_leaving) : std::string();
    write_headings(sheet, {"Who gets what", "customers", "cost", "expected profit"});
    const std::uint32_t first = next_;
    ActionTotals sum;
    for (const std::string& name : actions_) {
        const ActionTotals& totals = totals_.at(name);
        sheet.write(next_, 0, name);
        const std::uint32_t line = next_ + 1;
        sheet.write_formula(next_, 1, fmt::format("=COUNTIF{}({},A{}{})", some_left ? "S" : "", action, line, here),
                            totals.customers, CellStyle::whole);
        sheet.write_formula(next_, 2, fmt::format("=SUMIF({},A{},{})", action, line, cost), totals.cost,
                            CellStyle::money);
        sheet.write_formula(next_++, 3, fmt::format("=SUMIF({},A{},{})", action, line, profit), totals.profit,
                            CellStyle::money);
        sum.customers += totals.customers;
        sum.cost += totals.cost;
        sum.profit += totals.profit;
    }
    sheet.write(next_, 0, "all");
    const std::pair<double, CellStyle> sums[] = {
        {sum.customers, CellStyle::whole}, {sum.cost, CellStyle::money}, {sum.profit, CellStyle::money}};
    for (std::uint16_t c = 0; c < std::size(sums); ++c) {
        const auto letter = static_cast<char>('B' + c);
        sheet.write_formula(next_, static_cast<std::uint16_t>(c + 1),
                            fmt::format("=SUM({0}{1}:{0}{2})", letter, first + 1, next_), sums[c].first,
                            sums[c].second);
    }
    next_ += 2;

    const nlohmann::json& about = run_.plan;
    write_headings(sheet, {"The plan", "", "", ""});
    write_figure(sheet, about, "budget", "budget", CellStyle::money, "what may be spent");
    write_figure(sheet, about, "spend", "cost", CellStyle::money, "what the plan spends");
    write_figure(sheet, about, "expected profit", "profit", CellStyle::money,
                 "on the paths that the plan was chosen on");
    write_figure(sheet, about, "on fresh paths", "profit_fresh", CellStyle::money,
                 "on paths that the plan has not seen: the figure to plan with");
    write_figure(sheet, about, "standard error", "profit_fresh_se", CellStyle::money, "of the profit on fresh paths");
    write_figure(sheet, about, "upper bound", "upper_bound", CellStyle::money,
                 "no plan within the limits can be expected to earn more");
    write_figure(sheet, about, "relative gap", "relative_gap", CellStyle::small_share,
                 "share of what can be gained that the plan may lack");
    ++next_;
}

void WorkbookWriter::write_origin(Sheet& sheet) {
    write_headings(sheet, {"Where this comes from", "", "", ""});
    const auto line = [&](const char* label, const std::string& text) {
        sheet.write(next_, 0, label);
        sheet.write(next_++, 1, text);
    };
    const RunProgram& program = run_.program;
    line("program", fmt::format("{} {} ({})", program.name, program.version, program.commit));
    line("SHA-256 of the settings", run_.config_hash);
    if (run_.input) {
        line("input", run_.input->file);
        line("hash of the input", run_.input->hash);
    }
    for (const Shown& table : shown_) {
        if (table.rows_left > 0) {
            line(table.sheet.c_str(),
                 fmt::format("the first {} rows of {}, which has {} more", table.rows, table.file, table.rows_left));
        }
        if (table.columns_left > 0) {
            line(table.sheet.c_str(), fmt::format("the first {} columns of {}, which has {} more", table.columns.size(),
                                                  table.file, table.columns_left));
        }
    }
}

void WorkbookWriter::write_summary(Sheet& sheet) {
    constexpr double label_width = 28.0;
    constexpr double figure_width = 20.0;
    sheet.set_width(0, label_width);
    for (std::uint16_t c = 1; c < summary_columns; ++c) {
        sheet.set_width(c, figure_width);
    }
    sheet.set_print_layout();
    sheet.write(next_, 0, "Customer lifetime value and where to spend", CellStyle::title);
    next_ += 2;
    write_value(sheet);
    write_churned(sheet);
    write_plan(sheet);
    write_origin(sheet);
    if (const Shown* frontier = shown("Frontier"); frontier != nullptr && frontier->rows > 1) {
        const Twins<lxw_chart> charts =
            book_.add_line_chart("Expected profit by budget", "budget (currency)", "profit (currency)",
                                 "=" + frontier->range("budget"), "=" + frontier->range("profit"));
        sheet.insert_chart(next_ + 1, 0, charts,
                           "Line: the expected profit of the best plan for every budget, from sheet Frontier");
    }
}

/// A sheet with these columns, the first ones kept in sight.
Sheet WorkbookWriter::add_list(const std::string& name, std::span<const ListColumn> columns, std::uint16_t kept) {
    Sheet sheet = book_.add_sheet(name);
    for (std::uint16_t c = 0; c < columns.size(); ++c) {
        sheet.set_width(c, columns[c].width);
        sheet.write(0, c, columns[c].header, CellStyle::header);
    }
    sheet.freeze(kept);
    sheet.set_print_layout();
    return sheet;
}

void WorkbookWriter::write_assumptions(std::span<const Assumption> assumptions) {
    constexpr ListColumn columns[] = {{"key", 36.0}, {"value", 24.0}, {"meaning", 100.0}};
    Sheet sheet = add_list("Assumptions", columns, 1);
    std::uint32_t row = 0;
    for (const Assumption& assumption : assumptions) {
        sheet.write(++row, 0, assumption.key);
        if (const NumberCell cell = parse_number(assumption.value); cell.kind == CellKind::number) {
            sheet.write(row, 1, cell.value, CellStyle::plain_number);
        } else {
            sheet.write(row, 1, assumption.value);
        }
        sheet.write(row, 2, assumption.meaning);
    }
}

void WorkbookWriter::write_columns() {
    constexpr ListColumn columns[] = {{"sheet", 16.0}, {"column", 28.0}, {"unit", 24.0}, {"meaning", 100.0}};
    Sheet sheet = add_list("Columns", columns, 2);
    std::uint32_t row = 0;
    for (const Shown& table : shown_) {
        const FileSpec& spec = file_spec(table.file);
        for (const std::string& column : table.columns) {
            const ColumnSpec* about = find_spec(spec, column);
            sheet.write(++row, 0, table.sheet);
            sheet.write(row, 1, column);
            sheet.write(row, 2, about == nullptr ? "" : about->unit);
            sheet.write(row, 3, about == nullptr ? "as in the input" : about->meaning);
        }
    }
}

void WorkbookWriter::write(std::span<const Assumption> assumptions) {
    Sheet summary = book_.add_sheet("Summary");
    for (const auto& [name, file] : sheets) {
        show(name, file);
    }
    if (shown_.empty()) {
        throw InputError(fmt::format(
            "{} has nothing to report: it needs what clv simulate, sweep, optimize or run write", dir_.string()));
    }
    write_assumptions(assumptions);
    write_columns();
    write_summary(summary);
    book_.close();
}

}  // namespace

void write_workbook(const fs::path& dir, const RunRecord& run, std::span<const Assumption> assumptions,
                    const fs::path& file) {
    WorkbookWriter(dir, run, file).write(assumptions);
}

}  // namespace clv
