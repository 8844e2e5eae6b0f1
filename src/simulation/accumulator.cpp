#include "clv/simulation/accumulator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

/// Sums leave their range only where a path is beyond all likelihood; then no figure is better than a wrong one.
void require_range(bool fits) {
    if (!fits) {
        throw ModelError(
            "the value of all customers together is beyond the range of exact sums: lower revenue_volatility, "
            "market.revenue_volatility or the spread of the action multipliers");
    }
}

constexpr double not_available = std::numeric_limits<double>::quiet_NaN();

ClvSummary empty_summary(std::size_t customers, std::size_t levels) {
    const std::vector<double> blank(customers, not_available);
    return {blank, blank, blank, std::vector(levels, blank), std::vector(levels, blank), blank, blank, blank};
}

}  // namespace

void CustomerPaths::resize(int alternatives, std::size_t paths, int horizon_months, bool with_cash) {
    const std::size_t counts = static_cast<std::size_t>(horizon_months) + 1;
    for (std::size_t a = 0; a < static_cast<std::size_t>(alternatives); ++a) {
        value[a].resize(paths);
        active_months[a].resize(counts);
    }
    paid_months.resize(counts);
    cash.resize(with_cash ? grouped_entries(static_cast<std::uint32_t>(paths), horizon_months) : 0);
}

void CustomerPaths::clear() {
    std::fill(paid_months.begin(), paid_months.end(), 0U);
    for (auto& counts : active_months) {
        std::fill(counts.begin(), counts.end(), 0U);
    }
    std::fill(cash.begin(), cash.end(), 0.0);
}

ResultAccumulator::SegmentSums::SegmentSums(const ResultAccumulator& accumulator)
    : value_(accumulator.result_.totals.paths),
      cash_(grouped_entries(static_cast<std::uint32_t>(accumulator.result_.cashflow.paths),
                            accumulator.result_.cashflow.months)),
      units_(value_.size()),
      units_none_(value_.size()) {}

ResultAccumulator::ResultAccumulator(const SubscriptionSetup& setup)
    : setup_(setup), total_scale_(setup.total_scale()), cash_scale_(setup.cash_scale()) {
    const SimulationPlan& plan = setup.plan();
    const SimulationSettings& settings = plan.settings;
    for (const double level : settings.quantiles) {
        levels_.quantiles.emplace_back(level);
    }
    levels_.cvar = DecimalLevel(settings.cvar_level);

    const std::size_t customers = setup.columns().size();
    const bool assigned = !plan.assignment.empty();
    if (!assigned) {
        result_.actions.assign(plan.actions.size() + 1, empty_summary(customers, settings.quantiles.size()));
        result_.expected_lifetime_months.assign(customers, not_available);
    }
    const std::vector<double> blank(customers, assigned ? 0.0 : not_available);
    result_.uplift.assign(assigned ? 1 : plan.actions.size(), {blank, blank, blank});

    const auto paths = static_cast<std::size_t>(settings.paths);
    const std::size_t segments = std::max<std::size_t>(1, setup.columns().segments.size());
    result_.totals.paths = paths;
    result_.totals.segments = static_cast<std::uint32_t>(segments);
    result_.totals.unit = total_scale_.unit();
    result_.totals.values.assign(segments * paths, 0);
    if (settings.cashflow && !assigned) {
        result_.cashflow.paths = paths;
        result_.cashflow.segments = static_cast<std::uint32_t>(segments);
        result_.cashflow.months = settings.horizon_months;
        result_.cashflow.unit = cash_scale_.unit();
        result_.cashflow.values.assign(
            segments * grouped_entries(static_cast<std::uint32_t>(paths), settings.horizon_months), 0);
    }
}

std::uint32_t ResultAccumulator::segment_of(std::size_t customer) const noexcept {
    return setup_.columns().segment.empty() ? 0 : setup_.columns().segment[customer];
}

double ResultAccumulator::expected_cost(const Action& action, std::span<const std::uint32_t> active_months) const {
    double annuity_sum = 0.0;
    for (std::size_t m = 0; m < active_months.size(); ++m) {
        annuity_sum += static_cast<double>(active_months[m]) * setup_.annuity()[m];
    }
    const auto paths = static_cast<double>(setup_.plan().settings.paths);
    return action.cost + action.acceptance * action.cost_if_accepted + action.monthly_cost * (annuity_sum / paths);
}

std::size_t ResultAccumulator::action_of(std::size_t customer, int alternative) const noexcept {
    const auto& assignment = setup_.plan().assignment;
    return assignment.empty() ? static_cast<std::size_t>(alternative) - 1 : assignment[customer] - 1U;
}

void ResultAccumulator::to_units(std::size_t customer, std::span<const double> values, const FixedPoint& scale,
                                 std::vector<std::int64_t>& units) {
    if (!scale.to_units(values, units)) {
        throw ModelError(
            fmt::format("a value is beyond the range of customer {} of the input: lower revenue_volatility, "
                        "revenue_growth or the spread of the action multipliers",
                        customer + 1));
    }
}

void ResultAccumulator::add_uplift(std::size_t customer, int alternative, const FixedPoint& scale,
                                   const CustomerPaths& paths, SegmentSums& sums) {
    const bool assigned = !setup_.plan().assignment.empty();
    const auto& none = paths.value[0];
    const auto& values = paths.value[static_cast<std::size_t>(alternative)];
    to_units(customer, none, scale, sums.units_none_);
    to_units(customer, values, scale, sums.units_);
    for (std::size_t path = 0; path < values.size(); ++path) {
        sums.units_[path] -= sums.units_none_[path];
    }
    const MeanAndSpread profit = mean_and_spread(sums.units_, scale.unit());
    UpliftSummary& uplift = result_.uplift[assigned ? 0 : static_cast<std::size_t>(alternative) - 1];
    uplift.expected_profit[customer] = profit.mean;
    uplift.expected_profit_se[customer] = profit.se;
    uplift.cost[customer] = expected_cost(setup_.plan().actions[action_of(customer, alternative)],
                                          paths.active_months[static_cast<std::size_t>(alternative)]);
    if (assigned) {
        require_range(total_scale_.add_units(values, sums.value_) && total_scale_.subtract_units(none, sums.value_));
    }
}

void ResultAccumulator::add_summary(std::size_t customer, int alternative, const FixedPoint& scale,
                                    std::span<const double> values, SummaryScratch& scratch) {
    const Distribution figures = summarise(values, scale, levels_, scratch);
    ClvSummary& summary = result_.actions[static_cast<std::size_t>(alternative)];
    summary.mean[customer] = figures.mean;
    summary.se[customer] = figures.se;
    summary.sd[customer] = figures.sd;
    for (std::size_t level = 0; level < figures.quantiles.size(); ++level) {
        summary.quantiles[level][customer] = figures.quantiles[level];
        summary.quantile_se[level][customer] = figures.quantile_se[level];
    }
    summary.cvar[customer] = figures.cvar;
    summary.cvar_se[customer] = figures.cvar_se;
    summary.prob_loss[customer] = figures.prob_loss;
}

void ResultAccumulator::add(std::size_t customer, const SubscriptionSetup::CustomerTables& tables, CustomerPaths& paths,
                            SegmentSums& sums) {
    const SubscriptionRun& run = setup_.run_of(customer);
    const std::size_t count = result_.totals.paths;
    const bool assigned = !setup_.plan().assignment.empty();
    const FixedPoint none_scale = setup_.value_scale(customer, tables, nullptr);
    to_units(customer, paths.value[0], none_scale, sums.units_none_);  // refuses what does not fit
    if (!assigned) {
        require_range(total_scale_.add_units(paths.value[0], sums.value_));
    }
    std::array<FixedPoint, max_alternatives> scale;
    scale[0] = none_scale;
    for (int a = 1; a <= run.action_count; ++a) {
        if ((tables.customer.eligible >> (a - 1) & 1U) != 0) {
            const Action& action = setup_.plan().actions[action_of(customer, a)];
            scale[static_cast<std::size_t>(a)] = setup_.value_scale(customer, tables, &action);
            add_uplift(customer, a, scale[static_cast<std::size_t>(a)], paths, sums);
        }
    }
    if (assigned) {
        return;
    }
    for (int a = 0; a <= run.action_count; ++a) {
        if (a == 0 || (tables.customer.eligible >> (a - 1) & 1U) != 0) {
            add_summary(customer, a, scale[static_cast<std::size_t>(a)], paths.value[static_cast<std::size_t>(a)],
                        sums.scratch_);
        }
    }

    std::uint64_t months_paid = 0;
    for (std::size_t m = 0; m < paths.paid_months.size(); ++m) {
        months_paid += m * paths.paid_months[m];
    }
    result_.expected_lifetime_months[customer] = static_cast<double>(months_paid) / static_cast<double>(count);

    require_range(cash_scale_.add_units(paths.cash, sums.cash_));
}

void ResultAccumulator::flush(std::uint32_t segment, SegmentSums& sums) {
    const auto move = [segment](std::vector<std::int64_t>& from, std::vector<std::int64_t>& to) {
        const std::size_t offset = segment * from.size();
        for (std::size_t entry = 0; entry < from.size(); ++entry) {
            const std::int64_t before =
                std::atomic_ref<std::int64_t>(to[offset + entry]).fetch_add(from[entry], std::memory_order_relaxed);
            // both below 2^61, so their sum is no overflow yet
            require_range(std::abs(static_cast<double>(before + from[entry])) < fixed_point_limit);
            from[entry] = 0;
        }
    };
    move(sums.value_, result_.totals.values);
    move(sums.cash_, result_.cashflow.values);
}

SimulationResult ResultAccumulator::finish() {
    CashflowTotals& cashflow = result_.cashflow;
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
    return std::move(result_);
}

}  // namespace clv
