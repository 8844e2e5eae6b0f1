#include "clv/data/readers/uplift_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "clv/data/tables/parse_number.hpp"
#include "customer_numbers.hpp"
#include "data/tables/text_dictionary.hpp"
#include "table_faults.hpp"

namespace clv {
namespace {

constexpr std::string_view none = "none";
constexpr std::string_view further_cost = "cost_";
constexpr double no_row = std::numeric_limits<double>::quiet_NaN();

/// What rows of a customer and an action have in common: where the two stand, and what can be wrong with them.
class ActionRows {
  public:
    ActionRows(CsvReader& reader, const std::string& id_name, std::string_view id_remedy, ValidationReport& report)
        : row_(reader), report_(report), fields_(reader.size()) {
        id_ = find(id_name, id_remedy);
        action_ = find("action", "give every row the name of an action");
    }

  protected:
    /// The column; with a remedy it has to be there.
    FileColumn find(const std::string& name, std::string_view remedy) {
        return {find_column(row_, {&name, 1}, remedy, report_).value_or(0), name};
    }
    std::optional<FileColumn> find_if_there(const std::string& name) {
        const auto found = find_column(row_, {&name, 1}, "", report_);
        return found ? std::optional<FileColumn>({*found, name}) : std::nullopt;
    }

    void begin_row() {
        ++report_.rows_read;
        is_sound_ = true;
    }
    [[nodiscard]] bool has_all_fields() {
        if (row_.size() == fields_) {
            return true;
        }
        is_sound_ = false;
        report_.add({FaultKind::wrong_field_count,
                     row_.line(),
                     0,
                     {},
                     {},
                     {},
                     fmt::format("{} fields where the header has {}", row_.size(), fields_),
                     "quote fields that hold commas, and give every column a field"});
        return false;
    }
    void end_row() { ++(is_sound_ ? report_.rows_accepted : report_.rows_rejected); }

    void add_fault(FaultKind kind, const FileColumn& field, std::string problem, std::string remedy) {
        is_sound_ = false;
        report_.add({kind, row_.line(field.index), field.index + 1, field.name, shortened(row_[id_.index]),
                     shortened(row_[field.index]), std::move(problem), std::move(remedy)});
    }

    [[nodiscard]] std::string_view id() {
        const std::string_view id = row_[id_.index];
        if (trimmed(id).empty()) {
            add_fault(FaultKind::blank_id, id_, "is blank", "give the id of the customer");
        }
        return id;
    }
    [[nodiscard]] std::string_view action_name() {
        const std::string_view name = trimmed(row_[action_.index]);
        if (name.empty()) {
            add_fault(FaultKind::blank_value, action_, "is blank", "give the name of the action");
        }
        return name;
    }

    CsvReader& row_;
    ValidationReport& report_;
    std::size_t fields_;
    FileColumn id_;
    FileColumn action_;
    bool is_sound_ = true;
};

class UpliftBuilder : ActionRows {
  public:
    UpliftBuilder(CsvReader& reader, const std::map<std::string, std::string>& columns, const std::string& cvar_column,
                  ValidationReport& report)
        : ActionRows(reader, name_in_file(columns, "customer_id"),
                     "name the file's column in input.columns.customer_id", report) {
        numbers_.push_back(find("expected_profit", "give the profit of the action against doing nothing"));
        numbers_.push_back(find("cost", "give what the action takes from the budget"));
        for (std::size_t index = 0; index < fields_; ++index) {
            const std::string name(trimmed(row_[index]));
            if (name.starts_with(further_cost) && name.size() > further_cost.size() &&
                std::ranges::find(numbers_, name, &FileColumn::name) == numbers_.end()) {
                if (const auto field = find_if_there(name)) {
                    numbers_.push_back(*field);
                }
            }
        }
        if (const auto se = find_if_there("expected_profit_se")) {
            se_ = numbers_.size();
            numbers_.push_back(*se);
        }
        if (const auto months = find_if_there("added_months")) {
            months_ = numbers_.size();
            numbers_.push_back(*months);
        }
        if (!cvar_column.empty()) {
            cvar_ = numbers_.size();
            numbers_.push_back(find(name_in_file(columns, cvar_column),
                                    "give the CVaR of value with every action, or leave "
                                    "optimizer.customer_risk_weight out"));
        }
        segment_ = find_if_there(name_in_file(columns, "segment"));
        values_.resize(numbers_.size());
        matrices_.resize(numbers_.size());
        actions_.emplace_back(none);
    }

    void add_row() {
        begin_row();
        if (has_all_fields()) {
            check_and_keep();
        }
        end_row();
    }

    [[nodiscard]] UpliftColumns finish(bool require_choice) && {
        UpliftColumns columns;
        columns.customer_id = customers_.ids();
        columns.actions = actions_;
        const std::vector<double>& listed = matrix(0, 0);
        std::vector<std::size_t> unlisted;
        for (std::size_t customer = 0; !require_choice && customer < columns.size(); ++customer) {
            if (customer >= listed.size() || std::isnan(listed[customer])) {
                unlisted.push_back(customer);
            }
        }
        for (std::size_t number = 0; number < numbers_.size(); ++number) {
            std::vector<double> values = flattened(number);
            for (const std::size_t customer : unlisted) {
                values[customer] = number == cvar_ ? no_row : 0.0;
            }
            if (number == 0) {
                columns.expected_profit = std::move(values);
            } else if (number == 1) {
                columns.cost = std::move(values);
            } else if (number == se_) {
                columns.expected_profit_se = std::move(values);
            } else if (number == months_) {
                columns.added_months = std::move(values);
            } else if (number == cvar_) {
                columns.clv_cvar = std::move(values);
            } else {
                columns.further_names.push_back(numbers_[number].name.substr(further_cost.size()));
                columns.further_costs.push_back(std::move(values));
            }
        }
        take_segments(columns);
        return columns;
    }

  private:
    static std::string name_in_file(const std::map<std::string, std::string>& columns, const std::string& ours) {
        const auto mapped = columns.find(ours);
        return mapped == columns.end() ? ours : mapped->second;
    }

    std::vector<double>& matrix(std::size_t number, std::size_t action) {
        auto& by_action = matrices_[number];
        if (by_action.size() <= action) {
            by_action.resize(action + 1);
        }
        return by_action[action];
    }

    /// One number of all actions end to end; what was read of it is freed on the way.
    std::vector<double> flattened(std::size_t number) {
        const std::size_t customers = customers_.ids().size();
        std::vector<double> values;
        values.reserve(customers * actions_.size());
        for (std::size_t action = 0; action < actions_.size(); ++action) {
            std::vector<double> of_action = std::exchange(matrix(number, action), {});
            of_action.resize(customers, no_row);
            values.insert(values.end(), of_action.begin(), of_action.end());
        }
        return values;
    }

    void check_and_keep() {
        const std::string_view id = this->id();
        const std::string_view name = action_name();
        for (std::size_t number = 0; number < numbers_.size(); ++number) {
            const NumberCell cell = parse_number(row_[numbers_[number].index]);
            values_[number] = cell.value;
            if (const auto fault = number_fault(cell.kind)) {
                add_fault(fault->kind, numbers_[number], fault->problem, fault->remedy);
            } else if (number == se_ && cell.value < 0.0) {
                add_fault(FaultKind::negative, numbers_[number], "is negative", "give a standard error of at least 0");
            }
        }
        if (trimmed(id).empty() || name.empty()) {
            return;
        }
        const auto known = customers_.find(id);
        const std::size_t customer = known ? *known : customers_.add(id);
        check_segment(customer, !known);
        const std::size_t action = action_index(name);
        std::vector<double>& profits = matrix(0, action);
        if (customer < profits.size() && !std::isnan(profits[customer])) {
            add_fault(FaultKind::duplicate_action, action_, "stands in an earlier row of the customer",
                      "give one row per customer and action");
            return;
        }
        if (!is_sound_) {
            return;
        }
        for (std::size_t number = 0; number < numbers_.size(); ++number) {
            std::vector<double>& values = matrix(number, action);
            if (values.size() <= customer) {
                values.resize(customer + 1, no_row);
            }
            values[customer] = values_[number];
        }
    }

    void check_segment(std::size_t customer, bool is_new) {
        if (!segment_) {
            return;
        }
        const std::string_view text = trimmed(row_[segment_->index]);
        const auto code = segments_.find_or_add(text.empty() ? "(blank)" : text);
        if (!code) {
            throw InputError(fmt::format("{}: more than {} segments ({}): use a column with fewer values", row_.name(),
                                         TextDictionary::max_texts, line_text(row_.line(), row_.in_memory())));
        }
        if (is_new) {
            segment_of_.push_back(*code);
        } else if (segment_of_[customer] != *code) {
            add_fault(FaultKind::two_segments, *segment_, "is another segment than in an earlier row of the customer",
                      "give every customer one segment");
        }
    }

    std::size_t action_index(std::string_view name) {
        if (actions_[last_action_] != name) {
            const auto found = std::ranges::find(actions_, name);
            last_action_ = static_cast<std::size_t>(found - actions_.begin());
            if (found == actions_.end()) {
                if (actions_.size() > max_listed_actions) {
                    throw InputError(fmt::format(
                        "{}: more than {} actions beside none ({}, column {}): leave out "
                        "those that no plan would take",
                        row_.name(), max_listed_actions, line_text(row_.line(), row_.in_memory()), action_.index + 1));
                }
                actions_.emplace_back(name);
            }
        }
        return last_action_;
    }

    void take_segments(UpliftColumns& columns) {
        if (!segment_) {
            return;
        }
        const std::vector<std::string> found = segments_.texts();
        columns.segments = found;
        std::ranges::sort(columns.segments);
        std::vector<std::uint32_t> rank;
        for (const std::string& text : found) {
            const auto place = std::ranges::lower_bound(columns.segments, text);
            rank.push_back(static_cast<std::uint32_t>(place - columns.segments.begin()));
        }
        columns.segment = std::move(segment_of_);
        for (std::uint32_t& segment : columns.segment) {
            segment = rank[segment];
        }
    }

    static constexpr std::size_t not_there = std::numeric_limits<std::size_t>::max();
    std::vector<FileColumn> numbers_;  ///< expected_profit, cost, further costs, expected_profit_se, added_months, CVaR
    std::size_t se_ = not_there;       ///< position in numbers_
    std::size_t months_ = not_there;
    std::size_t cvar_ = not_there;
    std::optional<FileColumn> segment_;
    std::vector<double> values_;
    CustomerNumbers customers_;
    std::vector<std::string> actions_;
    std::size_t last_action_ = 0;
    std::vector<std::vector<std::vector<double>>> matrices_;  ///< [number][action][customer]
    TextDictionary segments_;
    std::vector<std::uint32_t> segment_of_;
};

class PolicyBuilder : ActionRows {
  public:
    PolicyBuilder(CsvReader& reader, const IdColumn& customer_id, const std::vector<std::string>& actions,
                  PolicyRead& read)
        : ActionRows(reader, "customer_id", "give every row the id of a customer", read.report),
          actions_(actions),
          read_(read) {
        read_.action.assign(customer_id.size(), 0);
        read_.listed.assign(customer_id.size(), 0);
        for (std::size_t customer = 0; customer < customer_id.size(); ++customer) {
            static_cast<void>(customers_.find(customer_id[customer]));
            customers_.add(customer_id[customer]);
        }
    }

    void add_row() {
        begin_row();
        if (has_all_fields()) {
            check_and_keep();
        }
        end_row();
    }

  private:
    void check_and_keep() {
        const std::string_view id = this->id();
        const std::string_view name = action_name();
        if (!is_sound_) {
            return;
        }
        const auto customer = customers_.find(id);
        if (!customer) {
            ++read_.unknown;
            return;
        }
        const auto action = std::ranges::find(actions_, name);
        if (action == actions_.end()) {
            add_fault(FaultKind::unknown_action, action_, "is no action of the data",
                      fmt::format("the actions are {}", fmt::join(actions_, ", ")));
        } else if (read_.listed[*customer] != 0) {
            add_fault(FaultKind::duplicate_id, id_, "stands in an earlier row", "give one row per customer");
        } else {
            read_.listed[*customer] = 1;
            read_.action[*customer] = static_cast<std::uint8_t>(action - actions_.begin());
        }
    }

    const std::vector<std::string>& actions_;
    PolicyRead& read_;
    CustomerNumbers customers_;
};

}  // namespace

UpliftRead read_uplift(CsvReader& reader, const std::map<std::string, std::string>& columns, bool require_choice,
                       Progress& progress, const std::string& cvar_column) {
    UpliftRead read;
    read.report.file = reader.name();
    read.report.in_memory = reader.in_memory();
    if (!read_first_row(reader, "give a header and rows", read.report)) {
        return read;
    }
    UpliftBuilder builder(reader, columns, cvar_column, read.report);
    if (read.report.structural) {
        return read;
    }
    progress.begin("reading the uplift table", reader.total_bytes());
    std::uint64_t told = 0;
    const bool is_complete = for_each_row(reader, read.report, [&] {
        builder.add_row();
        constexpr std::uint64_t bytes_per_report = std::uint64_t{1} << 20;
        if (const std::uint64_t bytes = reader.bytes_consumed(); bytes - told >= bytes_per_report) {
            progress.advance(bytes - told);
            told = bytes;
        }
    });
    progress.end();
    if (is_complete && read.report.rows_rejected == 0) {
        read.columns = std::move(builder).finish(require_choice);
    }
    return read;
}

PolicyRead read_policy(CsvReader& reader, const IdColumn& customer_id, const std::vector<std::string>& actions) {
    PolicyRead read;
    read.report.file = reader.name();
    read.report.in_memory = reader.in_memory();
    if (!read_first_row(reader, "give a header and rows", read.report)) {
        return read;
    }
    PolicyBuilder builder(reader, customer_id, actions, read);
    if (!read.report.structural) {
        static_cast<void>(for_each_row(reader, read.report, [&] { builder.add_row(); }));
    }
    return read;
}

}  // namespace clv
