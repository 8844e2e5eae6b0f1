#include "customers_layout.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "data/readers/table_faults.hpp"

namespace clv {
namespace {

bool is_ours(std::string_view name) {
    return name == "customer_id" || name == "churned" || name == "segment" || find_customer_column(name) != nullptr ||
           survival_month(name) > 0;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
    const auto nearest = nearest_name(name, candidates);
    return nearest ? fmt::format(" (did you mean '{}'?)", shortened(*nearest)) : "";
}

void check_settings(const InputSettings& settings) {
    std::map<std::string_view, std::string_view> mapped;
    for (const auto& [ours, in_file] : settings.columns) {
        if (!is_ours(ours)) {
            throw ConfigError(fmt::format("input.columns.{}: no such column of customers{}: use one of {}", ours,
                                          suggestion(ours, customer_column_names()),
                                          fmt::join(customer_column_names(), ", ")));
        }
        const auto [other, is_new] = mapped.emplace(in_file, ours);
        if (!is_new) {
            throw ConfigError(fmt::format("input.columns.{} and input.columns.{} both name '{}': map a column once",
                                          other->second, ours, in_file));
        }
    }
    for (const auto& [ours, value] : settings.defaults) {
        if (!is_ours(ours) || ours == "customer_id" || survival_month(ours) > 0) {
            const std::vector<std::string> names = customer_column_names();
            const std::span with_default = std::span(names).subspan(1);
            throw ConfigError(fmt::format("input.defaults.{}: no column that can have a default{}: use one of {}", ours,
                                          suggestion(ours, with_default), fmt::join(with_default, ", ")));
        }
    }
}

class Layout {
  public:
    Layout(const InputSettings& settings, const CustomerRequirements& requirements)
        : settings_(settings), requirements_(requirements) {}

    std::variant<CustomersLayout, Fault> make(const std::vector<std::string>& header, std::uint64_t line) {
        check_settings(settings_);
        line_ = line;
        name_columns(header);
        if (auto fault = find_duplicate()) {
            return *std::move(fault);
        }
        assign_roles();
        place_id();
        place_numbers();
        place_churned();
        place_survival();
        place_segment();
        if (!missing_.empty()) {
            return missing_fault();
        }
        return std::move(layout_);
    }

  private:
    void name_columns(const std::vector<std::string>& header) {
        for (std::size_t field = 0; field < header.size(); ++field) {
            const std::string_view name = trimmed(header[field]);
            layout_.names.push_back(name.empty() ? fmt::format("column_{}", field + 1) : std::string(name));
        }
    }

    std::optional<Fault> find_duplicate() {
        for (std::size_t field = 0; field < layout_.names.size(); ++field) {
            const auto [first, is_new] = field_of_name_.emplace(layout_.names[field], field);
            if (!is_new) {
                return Fault{FaultKind::duplicate_column,
                             line_,
                             field + 1,
                             first->first,
                             {},
                             {},
                             fmt::format("the name already stands in column {}", first->second + 1),
                             "rename or remove one of the two"};
            }
        }
        return std::nullopt;
    }

    void assign_roles() {
        std::map<std::string_view, std::string_view> ours_of_name;
        for (const auto& [ours, in_file] : settings_.columns) {
            ours_of_name.emplace(in_file, ours);
            if (!field_of_name_.contains(in_file)) {
                missing_.emplace_back(ours, in_file);
            }
        }
        for (std::size_t field = 0; field < layout_.names.size(); ++field) {
            const std::string& name = layout_.names[field];
            const auto mapped = ours_of_name.find(name);
            const std::string ours(mapped != ours_of_name.end() ? mapped->second : name);
            const bool shadowed = mapped == ours_of_name.end() && settings_.columns.contains(ours);
            const bool is_feature = !is_ours(ours) || shadowed || (ours == "segment" && !settings_.segment_by.empty());
            if (is_feature) {
                layout_.feature_fields.push_back(field);
            } else {
                field_of_ours_.emplace(ours, field);
                if (ours != name) {
                    layout_.mapped_names.emplace_back(name, ours);
                }
            }
            if (shadowed) {
                layout_.notes.push_back(fmt::format("column '{}' of the file is not used: input.columns.{} names '{}'",
                                                    name, name, settings_.columns.at(name)));
            }
        }
    }

    [[nodiscard]] std::optional<std::size_t> field_of(const std::string& ours) const {
        const auto found = field_of_ours_.find(ours);
        return found == field_of_ours_.end() ? std::nullopt : std::optional(found->second);
    }

    /// A mapped column that the file lacks is missing already.
    void require(const std::string& ours) {
        if (!settings_.columns.contains(ours)) {
            missing_.emplace_back(ours, ours);
        }
    }

    void place_id() {
        if (const auto field = field_of("customer_id")) {
            layout_.id_field = *field;
        } else {
            require("customer_id");
        }
    }

    void place_numbers() {
        for (const CustomerColumn& column : customer_columns) {
            const std::string ours(column.name);
            const auto field = field_of(ours);
            const auto configured = configured_default(column);
            const bool required = is_required(column);
            if (field) {
                const auto optional_value = configured ? configured : column.blank_value;
                layout_.numbers.push_back({*field, &column, required ? std::nullopt : optional_value});
            } else if (configured) {
                layout_.constants.emplace_back(&column, *configured);
            } else if (required) {
                require(ours);
            } else if (column.fills_absent_column) {
                layout_.constants.emplace_back(&column, *column.blank_value);
            }
        }
    }

    [[nodiscard]] bool is_required(const CustomerColumn& column) const {
        return (column.values == &CustomerTable::monthly_revenue && requirements_.monthly_revenue) ||
               (column.values == &CustomerTable::churn_probability && requirements_.churn_probability) ||
               (column.values == &CustomerTable::tenure_months && requirements_.tenure_months);
    }

    [[nodiscard]] std::optional<double> configured_default(const CustomerColumn& column) const {
        const auto text = settings_.defaults.find(std::string(column.name));
        if (text == settings_.defaults.end()) {
            return std::nullopt;
        }
        double value = 0.0;
        if (const auto fault = check_number(column, parse_number(text->second), std::nullopt, value)) {
            throw ConfigError(fmt::format("input.defaults.{}: '{}' {}: {}", column.name, shortened(text->second),
                                          fault->problem, fault->remedy));
        }
        return value;
    }

    void place_churned() {
        std::optional<int> configured;
        if (const auto text = settings_.defaults.find("churned"); text != settings_.defaults.end()) {
            configured = parse_yes_or_no(text->second);
            if (*configured < 0) {
                throw ConfigError(fmt::format("input.defaults.churned: '{}' is neither yes nor no: give 0 or 1",
                                              shortened(text->second)));
            }
        }
        layout_.churned_field = field_of("churned");
        if (layout_.churned_field) {
            layout_.churned_blank_value = requirements_.churned ? std::nullopt : std::optional(configured.value_or(0));
        } else if (configured) {
            layout_.churned_constant = configured;
        } else if (requirements_.churned) {
            require("churned");
        }
    }

    void place_survival() {
        std::map<int, std::size_t> field_of_month;
        for (const auto& [ours, field] : field_of_ours_) {
            if (const int month = survival_month(ours); month > 0) {
                field_of_month.emplace(month, field);
            }
        }
        int expected = 1;
        for (const auto& [month, field] : field_of_month) {
            if (month != expected) {
                require(fmt::format("survival_{}", expected));
                return;
            }
            layout_.survival_fields.push_back(field);
            ++expected;
        }
        if (!field_of_month.empty()) {
            return;
        }
        if (requirements_.survival_curve) {
            require("survival_1");
        } else if (requirements_.churn_probability_or_curve && !field_of("churn_probability") &&
                   !settings_.defaults.contains("churn_probability")) {
            require("churn_probability");
            or_curve_ = true;
        }
    }

    void place_segment() {
        if (settings_.segment_by.empty()) {
            if (const auto field = field_of("segment")) {
                layout_.segment_parts.push_back({field, {}});
            } else if (const auto text = settings_.defaults.find("segment"); text != settings_.defaults.end()) {
                layout_.segment_parts.push_back({std::nullopt, text->second});
            }
            return;
        }
        for (const std::string& name : settings_.segment_by) {
            const auto in_file = field_of_name_.find(name);
            if (const auto field = field_of(name)) {
                layout_.segment_parts.push_back({field, {}});
            } else if (in_file != field_of_name_.end()) {
                layout_.segment_parts.push_back({in_file->second, {}});
            } else if (const auto text = settings_.defaults.find(name); text != settings_.defaults.end()) {
                layout_.segment_parts.push_back({std::nullopt, text->second});
            } else {
                missing_.emplace_back("", name);
            }
        }
    }

    [[nodiscard]] Fault missing_fault() const {
        std::vector<std::string> names;
        std::vector<std::string> remedies;
        std::set<std::string> seen;
        for (const auto& [ours, in_file] : missing_) {
            if (!seen.insert(in_file).second) {
                continue;
            }
            names.push_back(fmt::format("'{}'{}", shortened(in_file), suggestion(in_file, layout_.names)));
            if (ours.empty()) {
                remedies.push_back(fmt::format("correct '{}' in input.segment_by", shortened(in_file)));
            } else if (ours == "customer_id" || survival_month(ours) > 0) {
                remedies.push_back(fmt::format("name the file's column in input.columns.{}", ours));
            } else {
                remedies.push_back(fmt::format(
                    "name the file's column in input.columns.{0} or give a value in input.defaults.{0}", ours));
            }
        }
        if (or_curve_) {
            names.back() += " or 'survival_1'..";
        }
        constexpr std::size_t max_listed = 60;
        const std::size_t listed = std::min(layout_.names.size(), max_listed);
        std::vector<std::string> columns;
        for (std::size_t field = 0; field < listed; ++field) {
            columns.push_back(shortened(layout_.names[field], 40));
        }
        return {FaultKind::missing_column,
                line_,
                0,
                {},
                {},
                {},
                fmt::format("no column {}", fmt::join(names, ", ")),
                fmt::format("{}; the file's columns are {}{}", fmt::join(remedies, "; "), fmt::join(columns, ", "),
                            listed < layout_.names.size() ? ", .." : "")};
    }

    const InputSettings& settings_;
    const CustomerRequirements& requirements_;
    std::uint64_t line_ = 0;
    CustomersLayout layout_;
    std::map<std::string, std::size_t> field_of_name_;
    std::map<std::string, std::size_t> field_of_ours_;
    std::vector<std::pair<std::string, std::string>> missing_;  ///< (ours, or empty for segment_by; the file's)
    bool or_curve_ = false;
};

}  // namespace

std::variant<CustomersLayout, Fault> lay_out_customers(const std::vector<std::string>& header, std::uint64_t line,
                                                       const InputSettings& settings,
                                                       const CustomerRequirements& requirements) {
    return Layout(settings, requirements).make(header, line);
}

std::optional<Fault> check_number(const CustomerColumn& column, const NumberCell& number,
                                  const std::optional<double>& blank_value, double& value) {
    value = number.value;
    if (number.kind == CellKind::blank && blank_value) {
        value = *blank_value;
        return std::nullopt;
    }
    if (number.kind != CellKind::number || column.contains(value)) {
        return number_fault(number.kind);
    }
    if (value < 0.0 && column.low == 0.0 && column.high == magnitudes::largest_amount) {
        return cell_fault(FaultKind::negative, "is negative", "give a value >= 0");
    }
    return cell_fault(FaultKind::out_of_range, fmt::format("is outside {}", range_text(column)),
                      fmt::format("give a value in {}", range_text(column)));
}

}  // namespace clv
