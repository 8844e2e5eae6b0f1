#include "clv/decisions/rules/rule_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/data/filters/filter.hpp"

namespace clv {

namespace {

constexpr std::size_t most_points = 1'000'000;
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// What a column is compared with, in all conditions.
struct Compared {
    std::set<double> numbers;
    std::set<std::string> texts;
};

/// One column of the points that are tried: as many values as can matter.
struct TriedColumn {
    std::string name;
    std::vector<double> numbers;
    std::vector<std::string> texts;  ///< empty: numbers

    [[nodiscard]] std::size_t size() const { return texts.empty() ? numbers.size() : texts.size(); }
};

std::map<std::string, Compared> compared_with(const std::vector<Filter>& filters) {
    std::map<std::string, Compared> columns;
    for (const Filter& filter : filters) {
        for (const Filter::Test& test : filter.tests()) {
            Compared& column = columns[test.column];
            if (const auto* number = std::get_if<double>(&test.value)) {
                column.numbers.insert(*number);
            } else {
                column.texts.insert(std::get<std::string>(test.value));
            }
        }
    }
    return columns;
}

/// Every threshold, a number between each two and one beyond either end; every text, and another one.
TriedColumn tried(const std::string& name, const Compared& column, bool may_be_missing) {
    TriedColumn values{name, {}, {}};
    if (!column.numbers.empty() && !column.texts.empty()) {
        throw ConfigError(
            fmt::format("column {} is compared with numbers and with texts: rules know it as one or the other", name));
    }
    if (!column.texts.empty()) {
        values.texts.assign(column.texts.begin(), column.texts.end());
        values.texts.emplace_back("another");
        return values;
    }
    double before = 0.0;
    for (const double number : column.numbers) {
        values.numbers.push_back(values.numbers.empty() ? number - 1.0 : std::midpoint(before, number));
        values.numbers.push_back(number);
        before = number;
    }
    values.numbers.push_back(before + 1.0);
    if (may_be_missing) {
        values.numbers.push_back(missing);
    }
    return values;
}

/// All combinations as customers.
CustomerTable all_points(const std::vector<TriedColumn>& columns) {
    std::size_t points = 1;
    for (const TriedColumn& column : columns) {
        if (points > most_points / column.size()) {
            throw ConfigError(fmt::format(
                "the conditions of the rules have too many columns and thresholds to try all that can happen (more "
                "than {} cases): leave some out of the conditions of stages",
                most_points));
        }
        points *= column.size();
    }
    CustomerTable table;
    for (std::size_t point = 0; point < points; ++point) {
        table.customer_id.push_back(fmt::format("{}", point));
    }
    std::size_t stride = 1;
    for (const TriedColumn& column : columns) {
        FeatureColumn& feature = table.features.emplace_back();
        feature.name = column.name;
        feature.categories = column.texts;
        for (std::size_t point = 0; point < points; ++point) {
            const std::size_t value = point / stride % column.size();
            if (column.texts.empty()) {
                feature.numbers.push_back(column.numbers[value]);
            } else {
                feature.codes.push_back(static_cast<std::uint32_t>(value));
            }
        }
        stride *= column.size();
    }
    return table;
}

std::string example_of(const CustomerTable& points, std::size_t point) {
    std::vector<std::string> parts;
    for (const FeatureColumn& feature : points.features) {
        if (!feature.is_numeric()) {
            parts.push_back(fmt::format("{} {}", feature.name, feature.categories[feature.codes[point]]));
        } else if (std::isnan(feature.numbers[point])) {
            parts.push_back(feature.name + " missing");
        } else {
            parts.push_back(fmt::format("{} {:.6g}", feature.name, feature.numbers[point]));
        }
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace

std::vector<RuleFault> check_stages(const RuleSet& rules, const std::vector<std::string>& may_be_missing) {
    std::vector<Filter> filters;
    for (const StageRule& stage : rules.stages) {
        filters.push_back(Filter::parse(stage.when));
    }
    std::vector<TriedColumn> columns;
    for (const auto& [name, column] : compared_with(filters)) {
        columns.push_back(tried(name, column, std::ranges::find(may_be_missing, name) != may_be_missing.end()));
    }
    const CustomerTable points = all_points(columns);
    std::vector<std::vector<std::uint8_t>> holds;
    for (const Filter& filter : filters) {
        holds.push_back(filter.evaluate(points));
    }
    std::vector<RuleFault> faults;
    const auto first_point = [&](const auto& is_so) {
        std::size_t point = 0;
        while (point < points.size() && !is_so(point)) {
            ++point;
        }
        return point;
    };
    for (std::size_t one = 0; one < filters.size(); ++one) {
        if (first_point([&](std::size_t point) { return holds[one][point] != 0; }) == points.size()) {
            faults.push_back({RuleFaultKind::unreachable, {rules.stages[one].name}, ""});
        }
        for (std::size_t other = one + 1; other < filters.size(); ++other) {
            const std::size_t both =
                first_point([&](std::size_t point) { return holds[one][point] != 0 && holds[other][point] != 0; });
            if (both < points.size()) {
                faults.push_back({RuleFaultKind::overlap,
                                  {rules.stages[one].name, rules.stages[other].name},
                                  example_of(points, both)});
            }
        }
    }
    const std::size_t gap = first_point([&](std::size_t point) {
        return std::ranges::none_of(holds, [&](const auto& mask) { return mask[point] != 0; });
    });
    if (gap < points.size()) {
        faults.push_back({RuleFaultKind::gap, {}, example_of(points, gap)});
    }
    return faults;
}

}  // namespace clv
