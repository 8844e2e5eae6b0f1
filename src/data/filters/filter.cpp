#include "clv/data/filters/filter.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/customer_columns.hpp"
#include "clv/data/tables/fault.hpp"
#include "filter_parser.hpp"

namespace clv {
namespace {

using Comparison = Filter::Comparison;
using Mask = std::vector<std::uint8_t>;

/// A column of the table as the filter sees it: numbers, or numbered texts, or the ids.
struct TextColumn {
    const std::vector<std::uint32_t>* codes;
    const std::vector<std::string>* texts;
};
struct SurvivalColumn {
    std::size_t month;  ///< the first is 0
};
using AnyColumn = std::variant<const Column*, std::span<const double>, const std::vector<std::uint8_t>*, SurvivalColumn,
                               TextColumn, const IdColumn*>;

std::optional<AnyColumn> find_own_column(const CustomerTable& table, std::string_view name) {
    if (name == "customer_id") {
        return &table.customer_id;
    }
    if (name == "segment" && !table.segments.empty()) {
        return TextColumn{&table.segment, &table.segments};
    }
    if (name == "churned" && !table.churned.empty()) {
        return &table.churned;
    }
    if (const CustomerColumn* column = find_customer_column(name)) {
        const Column& values = table.*column->values;
        return values.empty() ? std::nullopt : std::optional<AnyColumn>(&values);
    }
    if (const int month = survival_month(name); month > 0 && month <= table.survival_months) {
        return SurvivalColumn{static_cast<std::size_t>(month - 1)};
    }
    return std::nullopt;
}

std::optional<AnyColumn> find_column(const CustomerTable& table, std::string_view name) {
    if (auto own = find_own_column(table, name)) {
        return own;
    }
    for (const FeatureColumn& feature : table.features) {
        if (feature.name == name) {
            return feature.is_numeric() ? AnyColumn(feature.values())
                                        : AnyColumn(TextColumn{&feature.codes, &feature.categories});
        }
    }
    for (const auto& [in_file, ours] : table.mapped_names) {
        if (in_file == name) {
            return find_own_column(table, ours);
        }
    }
    return std::nullopt;
}

std::vector<std::string> known_names(const CustomerTable& table) {
    std::vector<std::string> names;
    for (std::string& name : customer_column_names()) {
        if (find_own_column(table, name)) {
            names.push_back(std::move(name));
        }
    }
    for (const FeatureColumn& feature : table.features) {
        names.push_back(feature.name);
    }
    for (const auto& [in_file, ours] : table.mapped_names) {
        names.push_back(in_file);
    }
    return names;
}

bool holds(double left, Comparison comparison, double right) {
    switch (comparison) {
        case Comparison::equal:
            return left == right;
        case Comparison::not_equal:
            return !std::isnan(left) && left != right;
        case Comparison::less:
            return left < right;
        case Comparison::less_or_equal:
            return left <= right;
        case Comparison::greater:
            return left > right;
        case Comparison::greater_or_equal:
            return left >= right;
    }
    return false;
}

class Evaluation {
  public:
    Evaluation(const CustomerTable& table, std::string_view filter) : table_(table), filter_(filter) {}

    [[nodiscard]] Mask operator()(const Filter::Test& test) const {
        const auto column = find_column(table_, test.column);
        if (!column) {
            const auto nearest = nearest_name(test.column, known_names(table_));
            fail(test, nearest
                           ? fmt::format("the customers have no column '{}': did you mean '{}'?", test.column, *nearest)
                           : fmt::format("the customers have no column '{}': name one of theirs", test.column));
        }
        return std::visit([&](const auto& values) { return compare(values, test); }, *column);
    }

  private:
    [[nodiscard]] Mask compare(const Column* values, const Filter::Test& test) const {
        return compare_numbers(test, [&](std::size_t row) { return (*values)[row]; });
    }
    [[nodiscard]] Mask compare(std::span<const double> values, const Filter::Test& test) const {
        return compare_numbers(test, [&](std::size_t row) { return values[row]; });
    }
    [[nodiscard]] Mask compare(const std::vector<std::uint8_t>* flags, const Filter::Test& test) const {
        return compare_numbers(test, [&](std::size_t row) { return static_cast<double>((*flags)[row]); });
    }
    [[nodiscard]] Mask compare(const SurvivalColumn& survival, const Filter::Test& test) const {
        const auto months = static_cast<std::size_t>(table_.survival_months);
        return compare_numbers(
            test, [&](std::size_t row) { return static_cast<double>(table_.survival[row * months + survival.month]); });
    }
    [[nodiscard]] Mask compare(const TextColumn& column, const Filter::Test& test) const {
        const std::string& value = text_of(test);
        const bool when_equal = test.comparison == Comparison::equal;
        Mask by_code(column.texts->size());
        for (std::size_t code = 0; code < by_code.size(); ++code) {
            by_code[code] = ((*column.texts)[code] == value) == when_equal ? 1 : 0;
        }
        Mask mask(table_.size());
        for (std::size_t row = 0; row < mask.size(); ++row) {
            mask[row] = by_code[(*column.codes)[row]];
        }
        return mask;
    }
    [[nodiscard]] Mask compare(const IdColumn* ids, const Filter::Test& test) const {
        const std::string& value = text_of(test);
        const bool when_equal = test.comparison == Comparison::equal;
        Mask mask(table_.size());
        for (std::size_t row = 0; row < mask.size(); ++row) {
            mask[row] = ((*ids)[row] == value) == when_equal ? 1 : 0;
        }
        return mask;
    }

    template <class Number>
    [[nodiscard]] Mask compare_numbers(const Filter::Test& test, const Number& number) const {
        const double* value = std::get_if<double>(&test.value);
        if (value == nullptr) {
            fail(test, fmt::format("'{}' is a number and cannot be compared with a text: leave out the quotes{}",
                                   test.column, test.column == "churned" ? " and give 0 or 1" : ""));
        }
        Mask mask(table_.size());
        for (std::size_t row = 0; row < mask.size(); ++row) {
            mask[row] = holds(number(row), test.comparison, *value) ? 1 : 0;
        }
        return mask;
    }

    [[nodiscard]] const std::string& text_of(const Filter::Test& test) const {
        const std::string* value = std::get_if<std::string>(&test.value);
        if (value == nullptr) {
            fail(test,
                 fmt::format("'{}' is a text and cannot be compared with a number: quote the value", test.column));
        }
        if (test.comparison != Comparison::equal && test.comparison != Comparison::not_equal) {
            fail(test, fmt::format("'{}' is a text, which knows only == and !=", test.column));
        }
        return *value;
    }

    [[noreturn]] void fail(const Filter::Test& test, std::string_view problem) const {
        throw ConfigError(
            fmt::format("filter \"{}\", position {}: {}", shortened(filter_, 200), test.position, problem));
    }

    const CustomerTable& table_;
    std::string_view filter_;
};

void combine(Filter::Logic logic, std::vector<Mask>& masks) {
    if (logic == Filter::Logic::negation) {
        for (std::uint8_t& bit : masks.back()) {
            bit ^= 1U;
        }
        return;
    }
    const Mask right = std::move(masks.back());
    masks.pop_back();
    Mask& left = masks.back();
    for (std::size_t row = 0; row < left.size(); ++row) {
        left[row] = static_cast<std::uint8_t>(logic == Filter::Logic::conjunction ? left[row] & right[row]
                                                                                  : left[row] | right[row]);
    }
}

}  // namespace

Filter Filter::parse(std::string_view text) {
    Filter filter;
    filter.text_ = text;
    filter.steps_ = parse_filter(text);
    return filter;
}

std::vector<Filter::Test> Filter::tests() const {
    std::vector<Test> tests;
    for (const Step& step : steps_) {
        if (const auto* test = std::get_if<Test>(&step)) {
            tests.push_back(*test);
        }
    }
    return tests;
}

std::vector<std::string> Filter::columns() const {
    std::vector<std::string> names;
    for (const Step& step : steps_) {
        if (const Test* test = std::get_if<Test>(&step)) {
            names.push_back(test->column);
        }
    }
    return names;
}

std::vector<std::uint8_t> Filter::evaluate(const CustomerTable& table) const {
    if (steps_.empty()) {
        return Mask(table.size(), 1);
    }
    const Evaluation evaluation(table, text_);
    std::vector<Mask> masks;
    for (const Step& step : steps_) {
        if (const Test* test = std::get_if<Test>(&step)) {
            masks.push_back(evaluation(*test));
        } else {
            combine(std::get<Logic>(step), masks);
        }
    }
    return std::move(masks.front());
}

}  // namespace clv
