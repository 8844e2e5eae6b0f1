#include "clv/decisions/table/uplift_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

std::vector<double> months_under(const UpliftTable& table, std::span<const std::uint8_t> action) {
    std::vector<double> months;
    if (table.has_months()) {
        months = table.lifetime_months;
        for (std::size_t i = 0; i < months.size(); ++i) {
            months[i] += table.added_months[table.cell(i, action[i])];
        }
    }
    return months;
}

UpliftTableBuilder::UpliftTableBuilder(const IdColumn& customer_id, const SimulationPlan& plan, bool with_cvar)
    : plan_(plan) {
    table_.customer_id = customer_id;
    table_.actions.emplace_back("none");
    for (const Action& action : plan.actions) {
        table_.actions.push_back(action.name);
    }
    const std::size_t cells = customer_id.size() * table_.actions.size();
    table_.expected_profit.assign(cells, 0.0);
    table_.cost.assign(cells, 0.0);
    table_.expected_profit_se.assign(cells, 0.0);
    if (with_cvar) {
        table_.clv_cvar.assign(cells, 0.0);
        table_.cvar_level = plan.settings.cvar_level;
    }
}

void UpliftTableBuilder::take(std::size_t first, const CustomerFigures& batch) {
    if (batch.uplift.size() != plan_.actions.size()) {
        throw ModelError(fmt::format("{} simulated actions for a plan of {} (uplift table): simulate the plan itself",
                                     batch.uplift.size(), plan_.actions.size()));
    }
    constexpr double not_open = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t a = 0; a < plan_.actions.size(); ++a) {
        const UpliftFigures& uplift = batch.uplift[a];
        const std::size_t count = uplift.expected_profit.size();
        if (first > table_.size() || count > table_.size() - first) {
            throw ModelError(
                fmt::format("{} simulated customers for {} in the table (uplift table, action {}): simulate "
                            "the same customers",
                            first + count, table_.size(), plan_.actions[a].name));
        }
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t cell = table_.cell(first + i, a + 1);
            const bool is_open = plan_.is_eligible(first + i, a + 1);
            table_.expected_profit[cell] = is_open ? uplift.expected_profit[i] : not_open;
            table_.cost[cell] = is_open ? uplift.cost[i] : not_open;
            table_.expected_profit_se[cell] = is_open ? uplift.expected_profit_se[i] : not_open;
        }
        if (!uplift.added_months.empty()) {
            table_.added_months.resize(table_.expected_profit.size(), 0.0);
            std::ranges::copy(uplift.added_months,
                              table_.added_months.begin() + static_cast<std::ptrdiff_t>(table_.cell(first, a + 1)));
        }
    }
    for (std::size_t a = 0; !table_.clv_cvar.empty() && a < table_.actions.size(); ++a) {
        const std::vector<double>& cvar = batch.actions.at(a).cvar;
        std::ranges::copy(cvar, table_.clv_cvar.begin() + static_cast<std::ptrdiff_t>(table_.cell(first, a)));
    }
    customers_taken_ += batch.uplift.empty() ? 0 : batch.uplift.front().expected_profit.size();
}

UpliftTable UpliftTableBuilder::finish() && {
    if (customers_taken_ != table_.size()) {
        throw ModelError(
            fmt::format("{} simulated customers for {} in the table (uplift table): simulate the same customers",
                        customers_taken_, table_.size()));
    }
    return std::move(table_);
}

}  // namespace clv
