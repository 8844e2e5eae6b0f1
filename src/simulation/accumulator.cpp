#include "clv/simulation/accumulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/simulation/precision.hpp"

namespace clv {

namespace {

/// Sums leave their range only where a path is beyond all likelihood; then no figure is better than a wrong one.
void require_range(bool fits) {
    if (!fits) {
        ResultAccumulator::refuse_total();
    }
}

constexpr double not_available = std::numeric_limits<double>::quiet_NaN();

/// `month_gain`: [0..horizon], today's in entry 0.
double payback_month(std::span<const Wide> month_gain) {
    double payback = not_available;
    Wide so_far = month_gain.front();
    for (std::size_t month = 1; month < month_gain.size(); ++month) {
        so_far += month_gain[month];
        if (so_far < 0) {
            payback = not_available;
        } else if (std::isnan(payback)) {
            payback = static_cast<double>(month);
        }
    }
    return payback;
}

ClvFigures empty_figures(std::size_t customers, std::size_t levels) {
    const std::vector<double> blank(customers, not_available);
    return {blank, blank, blank, std::vector(levels, blank), std::vector(levels, blank), blank, blank, blank};
}

}  // namespace

ResultAccumulator::ResultAccumulator(const RunFrame& frame) : frame_(frame) {
    const SimulationPlan& plan = frame.plan;
    const SimulationSettings& settings = plan.settings;
    for (const double level : settings.quantiles) {
        levels_.quantiles.emplace_back(level);
    }
    levels_.cvar = DecimalLevel(settings.cvar_level);
    find_ranks(static_cast<std::uint64_t>(settings.paths), ranks_);
    if (settings.target && settings.target->quantile) {
        const auto level = std::ranges::find(settings.quantiles, *settings.target->quantile);
        if (level == settings.quantiles.end()) {
            throw ConfigError("simulation.target_se_quantile is not one of simulation.quantiles");
        }
        target_level_ = static_cast<std::size_t>(level - settings.quantiles.begin());
    }

    const bool assigned = !plan.assignment.empty();
    const auto paths = static_cast<std::size_t>(settings.paths);
    totals_.totals.paths = paths;
    totals_.totals.segments = static_cast<std::uint32_t>(frame.segments);
    totals_.totals.apart = frame.segments_apart;
    totals_.totals.unit = frame.total_scale.unit();
    fill_in_stretches(totals_.totals.values, frame.segments * paths);
    if (settings.cashflow && !assigned) {
        totals_.cashflow.paths = paths;
        totals_.cashflow.segments = static_cast<std::uint32_t>(frame.segments);
        totals_.cashflow.apart = frame.segments_apart;
        totals_.cashflow.months = settings.horizon_months;
        totals_.cashflow.unit = frame.cash_scale.unit();
        fill_in_stretches(totals_.cashflow.values,
                          frame.segments * grouped_entries(static_cast<std::uint32_t>(paths), settings.horizon_months));
    }
}

void ResultAccumulator::begin_batch(std::size_t first, std::size_t count) {
    const SimulationPlan& plan = frame_.plan;
    const bool assigned = !plan.assignment.empty();
    first_ = first;
    if (!assigned) {
        figures_.actions.assign(plan.actions.size() + 1, empty_figures(count, plan.settings.quantiles.size()));
        figures_.expected_lifetime_months.assign(count, not_available);
        figures_.paths_used.assign(count, 0);
    }
    const std::vector<double> blank(count, assigned ? 0.0 : not_available);
    UpliftFigures uplift{blank, blank, blank};
    if (frame_.takes_added_months()) {
        uplift.added_months = blank;
    }
    if (takes_gains()) {
        uplift.profit_quantiles.assign(plan.settings.quantiles.size(), blank);
        uplift.profit_cvar = uplift.prob_gain = uplift.payback_months = blank;
    }
    figures_.uplift.assign(assigned ? 1 : plan.actions.size(), uplift);
}

std::uint32_t ResultAccumulator::segment_of(std::size_t customer) const noexcept {
    return frame_.segment_of(customer);
}

double ResultAccumulator::expected_cost(std::size_t customer, int alternative, const FixedPoint& scale,
                                        const CustomerParts& parts, std::uint64_t paths) const {
    const auto a = static_cast<std::size_t>(alternative);
    const Action& action = frame_.plan.actions[frame_.action_of(customer, alternative)];
    const std::vector<std::uint64_t>& active_months = parts.active_months[a];
    const double revenue_sum = static_cast<double>(parts.active_revenue[a]) * scale.unit();
    double annuity_sum = 0.0;
    for (std::size_t m = 0; m < active_months.size(); ++m) {
        annuity_sum += static_cast<double>(active_months[m]) * frame_.annuity[m];
    }
    return action.cost + action.acceptance * action.cost_if_accepted +
           action.monthly_cost * (annuity_sum / static_cast<double>(paths)) +
           action.monthly_cost_share * (revenue_sum / static_cast<double>(paths));
}

bool ResultAccumulator::takes_ranks() const noexcept {
    return frame_.plan.assignment.empty() && !frame_.plan.moments_only && !is_weighted();
}

void ResultAccumulator::find_ranks(std::uint64_t paths, RanksNeeded& ranks) const {
    clv::find_ranks(paths, levels_, has_replicates() ? RankErrors::none : RankErrors::neighbours, ranks);
}

double ResultAccumulator::error_ratio(const FixedPoint& scale, const CustomerParts& parts) const {
    const SimulationSettings& settings = frame_.plan.settings;
    const SampleParts& sample = parts.sample[0];
    const MeanAndSpread moments = mean_and_spread(sample.all, sample.count, scale.unit());
    const bool replicated = has_replicates();
    std::optional<double> quantile_se;
    if (target_needs_ranks()) {
        const RanksNeeded& ranks = parts.ranks != nullptr ? *parts.ranks : ranks_;
        quantile_se = replicated ? parts.errors[0].quantiles[*target_level_]
                                 : quantile_error(sample, ranks.quantiles[*target_level_]);
    }
    return clv::error_ratio(*settings.target, moments.mean, replicated ? parts.errors[0].mean : moments.se,
                            quantile_se);
}

void ResultAccumulator::refuse_value(std::size_t customer) {
    throw ModelError(fmt::format(
        "a value is beyond the range of customer {} of the input: lower revenue_volatility, "
        "revenue_growth or the spread of the action multipliers; of customers without a contract see whether "
        "their model is identified (clv fit)",
        customer + 1));
}

void ResultAccumulator::refuse_total() {
    throw ModelError(
        "the value of all customers together is beyond the range of exact sums: lower revenue_volatility, "
        "market.revenue_volatility or the spread of the action multipliers");
}

void ResultAccumulator::add(std::size_t customer, const Scales& scales, CustomerParts& parts) {
    const SimulationPlan& plan = frame_.plan;
    const std::uint32_t eligible = plan.assignment.empty() && !plan.eligible.empty() ? plan.eligible[customer] : ~0U;
    for (int a = 0; a <= frame_.action_count(); ++a) {
        if (a > 0 && (eligible >> (a - 1) & 1U) == 0) {
            continue;
        }
        const FixedPoint& scale = scales[static_cast<std::size_t>(a)];
        if (is_weighted()) {
            add_weighted(customer, a, scale, parts);
            continue;
        }
        if (a > 0) {
            add_uplift(customer, a, scale, parts);
        }
        if (plan.assignment.empty()) {
            add_figures(customer, a, scale, parts);
        }
    }
    if (plan.assignment.empty() && !is_weighted()) {
        const std::uint64_t paths = parts.sample[0].count;
        figures_.expected_lifetime_months[customer - first_] =
            static_cast<double>(parts.months_paid) / static_cast<double>(paths);
        figures_.paths_used[customer - first_] = static_cast<std::uint32_t>(paths);
    }
}

void ResultAccumulator::add_uplift(std::size_t customer, int alternative, const FixedPoint& scale,
                                   CustomerParts& parts) {
    const auto a = static_cast<std::size_t>(alternative);
    const SimulationPlan& plan = frame_.plan;
    const std::uint64_t paths = parts.sample[a].count;
    const MeanAndSpread profit = mean_and_spread(parts.profit[a], paths, scale.unit());
    UpliftFigures& uplift = figures_.uplift[plan.assignment.empty() ? a - 1 : 0];
    uplift.expected_profit[customer - first_] = profit.mean;
    uplift.expected_profit_se[customer - first_] =
        credible_error(has_replicates() ? parts.profit_error[a] : profit.se, parts.prior[a], paths);
    uplift.cost[customer - first_] = expected_cost(customer, alternative, scale, parts, paths);
    if (frame_.takes_added_months()) {
        uplift.added_months[customer - first_] =
            static_cast<double>(parts.added_months[a]) / static_cast<double>(paths);
    }
    if (takes_gains()) {
        add_gains(customer, alternative, scale, parts);
    }
}

void ResultAccumulator::add_gains(std::size_t customer, int alternative, const FixedPoint& scale,
                                  CustomerParts& parts) {
    const auto a = static_cast<std::size_t>(alternative);
    const std::size_t row = customer - first_;
    Distribution& figures = parts.figures;
    clv::finish(parts.gain[a], parts.ranks != nullptr ? *parts.ranks : ranks_, scale, levels_, figures);
    UpliftFigures& uplift = figures_.uplift[a - 1];
    for (std::size_t level = 0; level < figures.quantiles.size(); ++level) {
        uplift.profit_quantiles[level][row] = figures.quantiles[level];
    }
    uplift.profit_cvar[row] = figures.cvar;
    uplift.prob_gain[row] = static_cast<double>(parts.gains_above_zero[a]) / static_cast<double>(parts.gain[a].count);
    uplift.payback_months[row] = payback_month(parts.month_gain[a]);
}

void ResultAccumulator::add_weighted(std::size_t customer, int alternative, const FixedPoint& scale,
                                     const CustomerParts& parts) {
    const auto a = static_cast<std::size_t>(alternative);
    const SimulationPlan& plan = frame_.plan;
    const std::size_t row = customer - first_;
    const double mean = frame_.weights.mean(parts.weighted[a], scale.unit());
    const bool assigned = !plan.assignment.empty();
    if (a == 0) {
        if (!assigned) {
            figures_.actions[0].mean[row] = mean;
        }
        return;
    }
    UpliftFigures& uplift = figures_.uplift[assigned ? 0 : a - 1];
    uplift.expected_profit[row] = mean;
    uplift.expected_profit_se[row] = not_available;
    uplift.cost[row] = expected_cost(customer, alternative, scale, parts, frame_.weights.total);
    if (!assigned) {
        figures_.actions[a].mean[row] = figures_.actions[0].mean[row] + mean;
    }
}

void ResultAccumulator::add_figures(std::size_t customer, int alternative, const FixedPoint& scale,
                                    CustomerParts& parts) {
    const auto a = static_cast<std::size_t>(alternative);
    Distribution& figures = parts.figures;
    if (takes_ranks()) {
        clv::finish(parts.sample[a], parts.ranks != nullptr ? *parts.ranks : ranks_, scale, levels_, figures);
    } else {
        finish_moments(parts.sample[a], scale, levels_, figures);
    }
    if (has_replicates()) {
        figures.se = parts.errors[a].mean;
        if (takes_ranks()) {
            figures.quantile_se = parts.errors[a].quantiles;
            figures.cvar_se = parts.errors[a].cvar;
        }
    }
    ClvFigures& clv = figures_.actions[a];
    clv.mean[customer - first_] = figures.mean;
    clv.se[customer - first_] = figures.se;
    clv.sd[customer - first_] = figures.sd;
    for (std::size_t level = 0; level < figures.quantiles.size(); ++level) {
        clv.quantiles[level][customer - first_] = figures.quantiles[level];
        clv.quantile_se[level][customer - first_] = figures.quantile_se[level];
    }
    clv.cvar[customer - first_] = figures.cvar;
    clv.cvar_se[customer - first_] = figures.cvar_se;
    clv.prob_loss[customer - first_] = figures.prob_loss;
}

void ResultAccumulator::add_to_segment(std::uint32_t segment, std::span<std::int64_t> values,
                                       std::span<std::int64_t> cash) {
    const auto move = [segment](std::span<std::int64_t> from, std::vector<std::int64_t>& to) {
        const std::size_t offset = segment * from.size();
        in_stretches(from.size(), [&](std::size_t entry, std::size_t end) {
            for (; entry < end; ++entry) {
                const std::int64_t before =
                    std::atomic_ref<std::int64_t>(to[offset + entry]).fetch_add(from[entry], std::memory_order_relaxed);
                // both below 2^61, so their sum is no overflow yet
                require_range(std::abs(static_cast<double>(before + from[entry])) < fixed_point_limit);
                from[entry] = 0;
            }
        });
    };
    move(values, totals_.totals.values);
    move(cash, totals_.cashflow.values);
}

void ResultAccumulator::add_totals(std::span<const std::int64_t> values, std::span<const std::int64_t> cash) {
    const auto add = [](std::span<const std::int64_t> from, std::vector<std::int64_t>& to) {
        for (std::size_t entry = 0; entry < from.size(); ++entry) {
            require_range(std::abs(static_cast<double>(from[entry])) < fixed_point_limit);
            to[entry] += from[entry];
            require_range(std::abs(static_cast<double>(to[entry])) < fixed_point_limit);
        }
    };
    add(values, totals_.totals.values);
    add(cash, totals_.cashflow.values);
}

RunTotals ResultAccumulator::finish() {
    CashflowTotals& cashflow = totals_.cashflow;
    if (!cashflow.values.empty()) {
        const auto paths = static_cast<std::uint32_t>(cashflow.paths);
        const std::size_t entries = grouped_entries(paths, cashflow.months);
        std::vector<std::int64_t> by_month;
        by_month.reserve(cashflow.segments * static_cast<std::size_t>(cashflow.months) * paths);
        for (std::size_t segment = 0; segment < cashflow.segments; ++segment) {
            for (int month = 1; month <= cashflow.months; ++month) {
                for (std::uint32_t path = 0; path < paths; ++path) {
                    by_month.push_back(
                        cashflow.values[segment * entries + grouped_index(path, month, cashflow.months)]);
                }
            }
        }
        cashflow.values = std::move(by_month);
    }
    return std::move(totals_);
}

}  // namespace clv
