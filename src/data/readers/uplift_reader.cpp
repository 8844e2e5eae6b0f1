#include "clv/data/readers/uplift_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "action_rows.hpp"
#include "clv/core/magnitudes.hpp"
#include "customer_numbers.hpp"
#include "segment_codes.hpp"

namespace clv {
namespace {

constexpr std::string_view none = "none";
constexpr std::string_view further_cost = "cost_";
constexpr double no_row = std::numeric_limits<double>::quiet_NaN();

class UpliftRows final : public ActionRows {
  public:
    UpliftRows(CsvReader& reader, const TableHeader& header, const std::string& cvar_column, ValidationReport& report)
        : ActionRows(reader, header, "name the file's column in input.columns.customer_id", report) {
        const auto require = [&](const std::string& name, std::string_view remedy) {
            numbers_.push_back(header.find_named(name, remedy).value_or(TableColumn{0, name}));
        };
        require("expected_profit", "give the profit of the action against doing nothing");
        require("cost", "give what the action takes from the budget");
        for (std::size_t index = 0; index < fields_; ++index) {
            const std::string name(trimmed(row_[index]));
            if (name.starts_with(further_cost) && name.size() > further_cost.size() &&
                std::ranges::find(numbers_, name, &TableColumn::name) == numbers_.end()) {
                if (const auto column = header.find_named(name, "")) {
                    numbers_.push_back(*column);
                }
            }
        }
        if (const auto se = header.find_named("expected_profit_se", "")) {
            se_ = numbers_.size();
            numbers_.push_back(*se);
        }
        if (const auto months = header.find_named("added_months", "")) {
            months_ = numbers_.size();
            numbers_.push_back(*months);
        }
        if (!cvar_column.empty()) {
            cvar_ = numbers_.size();
            require(header.name_in_file(cvar_column),
                    "give the CVaR of value with every action, or leave optimizer.customer_risk_weight out");
        }
        segment_ = header.find("segment", "");
        values_.resize(numbers_.size());
        matrices_.resize(numbers_.size());
        actions_.emplace_back(none);
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
        if (segment_) {
            columns.segments = segments_.sort(segment_of_);
            columns.segment = std::move(segment_of_);
        }
        return columns;
    }

  private:
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

    void check_row() override {
        const std::string_view id = this->id();
        const std::string_view name = action_name();
        for (std::size_t at = 0; at < numbers_.size(); ++at) {
            values_[at] = number(numbers_[at]).value_or(no_row);
            if (std::abs(values_[at]) > magnitudes::largest_amount) {
                add_fault(
                    FaultKind::out_of_range, numbers_[at],
                    fmt::format("is not from {0} to {1}", -magnitudes::largest_amount, magnitudes::largest_amount),
                    "give amounts in currency, of one customer");
            }
            if (at == se_ && values_[at] < 0.0) {
                add_fault(FaultKind::negative, numbers_[at], "is negative", "give a standard error of at least 0");
            }
        }
        if (id.empty() || name.empty()) {
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
        if (!is_row_sound()) {
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
        const std::uint32_t code =
            segments_.code(row_[segment_->index], report_, row_.line(), "use a column with fewer values");
        if (is_new) {
            segment_of_.push_back(code);
        } else if (segment_of_[customer] != code) {
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
                    throw InputError(
                        fmt::format("{}: more than {} actions beside none ({}, column {}): leave out "
                                    "those that no plan would take",
                                    report_.file, max_listed_actions, line_text(row_.line(), report_.in_memory),
                                    action_.index + 1));
                }
                actions_.emplace_back(name);
            }
        }
        return last_action_;
    }

    static constexpr std::size_t not_there = std::numeric_limits<std::size_t>::max();
    std::vector<TableColumn>
        numbers_;                 ///< expected_profit, cost, further costs, expected_profit_se, added_months, CVaR
    std::size_t se_ = not_there;  ///< position in numbers_
    std::size_t months_ = not_there;
    std::size_t cvar_ = not_there;
    std::optional<TableColumn> segment_;
    std::vector<double> values_;
    CustomerNumbers customers_;
    std::vector<std::string> actions_;
    std::size_t last_action_ = 0;
    std::vector<std::vector<std::vector<double>>> matrices_;  ///< [number][action][customer]
    SegmentCodes segments_;
    std::vector<std::uint32_t> segment_of_;
};

}  // namespace

UpliftRead read_uplift(CsvReader& reader, const std::map<std::string, std::string>& columns, bool require_choice,
                       Progress& progress, const std::string& cvar_column) {
    UpliftRead read;
    if (!begin_table(reader, "give a header and rows", read.report)) {
        return read;
    }
    UpliftRows rows(reader, TableHeader(reader, columns, read.report), cvar_column, read.report);
    if (rows.read_all(progress, "reading the uplift table") && read.report.rows_rejected == 0) {
        read.columns = std::move(rows).finish(require_choice);
    }
    return read;
}

}  // namespace clv
