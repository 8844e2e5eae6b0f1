#include "plan_columns.hpp"

#include <algorithm>

#include "clv/data/tables/content_hash.hpp"
#include "clv/risk/fixed_point.hpp"

namespace clv::decisions {

PlanColumns::PlanColumns(const UpliftTable& table, const std::vector<LimitRow>& rows,
                         const std::vector<LimitSide>& sides, PortfolioPaths& portfolio, std::size_t groups)
    : table_(table), rows_(rows), sides_(sides), portfolio_(portfolio), members_(groups), assignment_(table.size(), 0) {
    for (std::uint32_t i = 0; i < table.size(); ++i) {
        members_[customer_id_hash(table.customer_id[i]) % groups].push_back(i);
    }
    std::erase_if(members_, [](const auto& members) { return members.empty(); });
    for (auto& members : members_) {
        std::sort(members.begin(), members.end(),
                  [&](std::uint32_t a, std::uint32_t b) { return table.customer_id[a] < table.customer_id[b]; });
    }
    columns_.resize(members_.size());
}

std::vector<std::size_t> PlanColumns::add(std::span<const std::uint8_t> action) {
    std::vector<std::size_t> at(groups());
    for (std::size_t g = 0; g < groups(); ++g) {
        std::vector<std::uint8_t> part(members_[g].size());
        std::ranges::transform(members_[g], part.begin(), [&](std::uint32_t i) { return action[i]; });
        const auto same = std::ranges::find(columns_[g], part, &PlanColumn::action);
        at[g] = static_cast<std::size_t>(same - columns_[g].begin());
        if (same == columns_[g].end()) {
            columns_[g].push_back(make(g, std::move(part)));
            ++size_;
        }
    }
    return at;
}

/// Only customers who have something else than in the most similar column are simulated, where that is less work.
PlanColumn PlanColumns::make(std::size_t g, std::vector<std::uint8_t> action) {
    PlanColumn column;
    const auto assigned = [](std::uint8_t a) { return a != 0; };
    auto least = static_cast<std::size_t>(std::ranges::count_if(action, assigned));
    const PlanColumn* similar = nullptr;
    for (const PlanColumn& other : columns_[g]) {
        std::size_t work = 0;
        for (std::size_t k = 0; k < action.size(); ++k) {
            work += action[k] != other.action[k] ? (action[k] != 0) + (other.action[k] != 0) : 0U;
        }
        if (work < least) {
            least = work;
            similar = &other;
        }
    }
    if (similar != nullptr) {
        column.gain = similar->gain;
        add_gain(g, action, similar->action, 1.0, column.gain);
        add_gain(g, similar->action, action, -1.0, column.gain);
    } else {
        column.gain.assign(portfolio_.paths(), 0.0);
        const std::vector<std::uint8_t> nothing(action.size(), 0);
        add_gain(g, action, nothing, 1.0, column.gain);
    }
    for (const LimitSide& side : sides_) {
        OrderFreeSum use;
        for (std::size_t k = 0; k < action.size(); ++k) {
            use.add(side.sign * rows_[side.row].column.weight(table_, members_[g][k], action[k]));
        }
        column.use.push_back(use.value());
    }
    column.action = std::move(action);
    return column;
}

void PlanColumns::add_gain(std::size_t g, std::span<const std::uint8_t> action, std::span<const std::uint8_t> other,
                           double sign, std::vector<double>& gain) {
    bool is_empty = true;
    for (std::size_t k = 0; k < action.size(); ++k) {
        if (action[k] != other[k] && action[k] != 0) {
            assignment_[members_[g][k]] = action[k];
            is_empty = false;
        }
    }
    if (is_empty) {
        return;
    }
    const std::vector<double> more = portfolio_.gain(assignment_);
    for (std::size_t s = 0; s < gain.size(); ++s) {
        gain[s] += sign * more[s];
    }
    for (const std::uint32_t i : members_[g]) {
        assignment_[i] = 0;
    }
}

std::vector<double> PlanColumns::gain(std::span<const std::size_t> columns) const {
    std::vector<double> sum(portfolio_.paths(), 0.0);
    for (std::size_t g = 0; g < groups(); ++g) {
        const std::vector<double>& gain = columns_[g][columns[g]].gain;
        for (std::size_t s = 0; s < sum.size(); ++s) {
            sum[s] += gain[s];
        }
    }
    return sum;
}

}  // namespace clv::decisions
