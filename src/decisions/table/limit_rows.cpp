#include "limit_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"
#include "clv/decisions/table/exact_limits.hpp"

namespace clv::decisions {

namespace {

std::string choices(const std::vector<std::string>& names, const std::string& wanted) {
    if (const auto nearest = nearest_name(wanted, names)) {
        return fmt::format("did you mean {}?", *nearest);
    }
    return names.empty() ? "there are none" : fmt::format("there are {}", fmt::join(names, ", "));
}

std::size_t find(const std::vector<std::string>& names, const std::string& wanted, const std::string& what,
                 const std::string& limit) {
    const auto found = std::ranges::find(names, wanted);
    if (found == names.end()) {
        throw ConfigError(
            fmt::format("no {} '{}' (optimizer.limits, {}): {}", what, wanted, limit, choices(names, wanted)));
    }
    return static_cast<std::size_t>(found - names.begin());
}

void set_column(const UpliftTable& table, const PlanLimit& limit, LimitColumn& column) {
    using Kind = LimitColumn::Kind;
    constexpr std::string_view further = "cost_";
    if (limit.min_roi) {
        column.kind = Kind::roi;
        column.min_roi = least_return(*limit.min_roi);
    } else if (limit.column == "cost") {
        column.kind = Kind::cost;
    } else if (limit.column == "expected_profit") {
        column.kind = Kind::expected_profit;
    } else if (limit.column == "count") {
        column.kind = Kind::count;
    } else {
        std::vector<std::string> names{"cost", "expected_profit", "count"};
        for (const CostColumn& cost : table.further_costs) {
            names.push_back(std::string(further) + cost.name);
        }
        column.kind = Kind::further_cost;
        column.further = find(names, limit.column, "column", limit.name) - 3;
    }
}

void check(const PlanLimit& limit, std::set<std::string>& names) {
    const auto refuse = [&](const std::string& problem, const std::string& remedy) {
        throw ConfigError(fmt::format("{} (optimizer.limits, {}): {}", problem,
                                      limit.name.empty() ? "without a name" : limit.name, remedy));
    };
    if (limit.name.empty()) {
        refuse("a limit has no name", "name it, so that messages and multipliers can");
    }
    if (limit.name == "budget" || !names.insert(limit.name).second) {
        refuse(limit.name == "budget" ? "a limit is called budget, as optimizer.budget is" : "two limits have one name",
               "rename one");
    }
    for (const auto& bound : {limit.min, limit.max, limit.min_roi}) {
        if (bound && !std::isfinite(*bound)) {
            refuse(fmt::format("a bound of {}", *bound), "give a finite number, or leave it out");
        }
    }
    if (!limit.min && !limit.max && !limit.min_roi) {
        refuse("nothing is limited", "give min, max or min_roi");
    }
    if (limit.min_roi && (limit.min || limit.max)) {
        refuse("min_roi stands beside min or max", "make two limits of it");
    }
    if (limit.min && limit.max && *limit.min > *limit.max) {
        refuse(fmt::format("min {} is above max {}", *limit.min, *limit.max), "exchange or correct them");
    }
}

/// By how much sums may miss a bound that there is. Returns and counts are no decimals, and may not.
double allowance(const UpliftTable& table, const LimitColumn& column, const std::optional<double>& bound) {
    if (!bound || column.kind == LimitColumn::Kind::count || column.kind == LimitColumn::Kind::roi) {
        return 0.0;
    }
    return allowance_of(table, *bound, [&](std::size_t i, std::size_t a) { return column.weight(table, i, a); });
}

void set_allowances(const UpliftTable& table, LimitRow& row) {
    row.min_allowance = allowance(table, row.column, row.min);
    row.max_allowance = allowance(table, row.column, row.max);
}

}  // namespace

std::vector<LimitRow> limit_rows(const UpliftTable& table, const OptimizerSettings& settings) {
    std::vector<LimitRow> rows;
    const std::size_t actions = table.actions.size();
    if (settings.budget) {
        LimitRow row{"budget", {}, std::nullopt, settings.budget};
        row.column.counts.assign(actions, 1);
        set_allowances(table, row);
        rows.push_back(std::move(row));
    }
    std::set<std::string> names;
    for (const PlanLimit& limit : settings.limits) {
        check(limit, names);
        LimitRow row{limit.name, {}, limit.min_roi ? std::optional(0.0) : limit.min, limit.max};
        set_column(table, limit, row.column);
        if (limit.action.empty()) {
            row.column.counts.assign(actions, 1);
            if (row.column.kind == LimitColumn::Kind::count) {
                row.column.counts[0] = 0;  // none is no action
            }
        } else {
            row.column.counts.assign(actions, 0);
            row.column.counts[find(table.actions, limit.action, "action", limit.name)] = 1;
        }
        if (!limit.segment.empty()) {
            row.column.segment = static_cast<std::uint32_t>(find(table.segments, limit.segment, "segment", limit.name));
        }
        set_allowances(table, row);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<LimitSide> limit_sides(const std::vector<LimitRow>& rows) {
    std::vector<LimitSide> sides;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        if (rows[r].max) {
            sides.push_back({r, 1.0, *rows[r].max, rows[r].max_allowance});
        }
        if (rows[r].min) {
            sides.push_back({r, -1.0, -*rows[r].min, rows[r].min_allowance});
        }
    }
    return sides;
}

}  // namespace clv::decisions
