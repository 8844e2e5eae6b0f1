#include "clv/simulation/portfolio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/risk/replicate_errors.hpp"

namespace clv {

namespace {

DistributionLevels levels_of(const SimulationSettings& settings) {
    DistributionLevels levels;
    for (const double level : settings.quantiles) {
        levels.quantiles.emplace_back(level);
    }
    levels.cvar = DecimalLevel(settings.cvar_level);
    return levels;
}

/// One sum per path in currency. `units` in multiples of `unit`, a power of two.
std::vector<double> in_currency(std::span<const std::int64_t> units, double unit) {
    std::vector<double> values(units.size());
    std::transform(units.begin(), units.end(), values.begin(),
                   [unit](std::int64_t count) { return static_cast<double>(count) * unit; });
    return values;
}

/// Sums over segments: [entry] of a [segment][entry] array.
std::vector<std::int64_t> over_segments(std::span<const std::int64_t> values, std::size_t segments) {
    const std::size_t entries = values.size() / segments;
    std::vector<std::int64_t> sums(entries, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        sums[i % entries] += values[i];
        if (std::abs(static_cast<double>(sums[i % entries])) >= fixed_point_limit) {
            throw ModelError("the value of all segments together is beyond the range of exact sums");
        }
    }
    return sums;
}

/// Means over the customers of everybody and of every segment, whose rows these are.
void fill_months(std::span<const double> months, const CustomerTable& customers, std::span<PortfolioRow> rows) {
    std::vector<OrderFreeSum> sums(rows.size());
    for (std::size_t i = 0; i < months.size(); ++i) {
        sums.front().add(months[i]);
        if (!customers.segment.empty()) {
            sums.at(customers.segment[i] + 1).add(months[i]);
        }
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].customers > 0) {
            rows[row].months = sums[row].value() / static_cast<double>(rows[row].customers);
        }
    }
}

}  // namespace

std::vector<PortfolioRow> portfolio_rows(const PathTotals& totals, const CustomerTable& customers,
                                         const SimulationSettings& settings, const std::string& plan,
                                         std::span<const double> months) {
    const DistributionLevels levels = levels_of(settings);
    DistributionLevels var_level = levels;
    var_level.quantiles = {levels.cvar};
    const FixedPoint scale = FixedPoint::with_unit(totals.unit);
    const auto row = [&](const std::string& segment, std::uint64_t count, std::span<const std::int64_t> units) {
        const std::vector<double> values = in_currency(units, totals.unit);
        const Distribution figures = settings.totals_have_replicates()
                                         ? distribution_of_replicates(values, scale, levels)
                                         : distribution_of(values, scale, levels);
        const double bad_end = distribution_of(values, scale, var_level).quantiles.front();
        PortfolioRow made{segment,
                          plan,
                          count,
                          figures.mean,
                          figures.se,
                          figures.sd,
                          figures.quantiles,
                          figures.cvar,
                          figures.prob_loss,
                          value_at_risk(figures.mean, bad_end)};
        made.quantile_se = figures.quantile_se;
        made.cvar_se = figures.cvar_se;
        return made;
    };
    std::vector<std::uint64_t> counts(customers.segments.size(), 0);
    for (const std::uint32_t segment : customers.segment) {
        ++counts[segment];
    }
    std::vector<PortfolioRow> rows;
    rows.push_back(row(std::string(portfolio_name), customers.size(), over_segments(totals.values, totals.segments)));
    for (std::size_t segment = 0; segment < customers.segments.size(); ++segment) {
        throw_if_interrupted();
        rows.push_back(row(customers.segments[segment], counts[segment],
                           std::span(totals.values).subspan(segment * totals.paths, totals.paths)));
    }
    if (!months.empty()) {
        fill_months(months, customers, rows);
    }
    return rows;
}

std::vector<CashflowRow> cashflow_rows(const CashflowTotals& cashflow, const CustomerTable& customers,
                                       const SimulationSettings& settings) {
    std::vector<CashflowRow> rows;
    if (cashflow.values.empty()) {
        return rows;
    }
    const DistributionLevels levels = levels_of(settings);
    const auto months = static_cast<std::size_t>(cashflow.months);
    const auto add = [&](const std::string& segment, std::span<const std::int64_t> units) {
        for (std::size_t month = 0; month < months; ++month) {
            const Distribution figures =
                distribution_of(in_currency(units.subspan(month * cashflow.paths, cashflow.paths), cashflow.unit),
                                FixedPoint::with_unit(cashflow.unit), levels);
            rows.push_back({segment, static_cast<int>(month) + 1, figures.mean, figures.quantiles});
        }
    };
    add(std::string(portfolio_name), over_segments(cashflow.values, cashflow.segments));
    for (std::size_t segment = 0; segment < customers.segments.size(); ++segment) {
        throw_if_interrupted();
        const std::size_t entries = months * cashflow.paths;
        add(customers.segments[segment], std::span(cashflow.values).subspan(segment * entries, entries));
    }
    return rows;
}

MeanAndSpread mean_over_paths(std::span<const std::int64_t> units, double unit, const SimulationSettings& settings) {
    MeanAndSpread mean = mean_and_spread(units, unit);
    mean.se = settings.totals_have_replicates() ? replicate_mean_error(units, unit) : mean.se;
    return mean;
}

std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b,
                                            const SimulationSettings& settings) {
    const double unit = std::max(a.unit, b.unit);  // powers of two: the coarser loses what no sum would show
    const auto in_unit = [unit](std::int64_t value, double of) {
        return of == unit ? value : std::llround(static_cast<double>(value) * (of / unit));
    };
    std::vector<std::int64_t> portfolio(a.paths, 0);
    std::vector<std::int64_t> difference(a.paths);
    std::vector<MeanAndSpread> means(1);
    for (std::size_t segment = 0; segment < a.segments; ++segment) {
        for (std::size_t path = 0; path < a.paths; ++path) {
            const std::size_t k = segment * a.paths + path;
            difference[path] = in_unit(a.values[k], a.unit) - in_unit(b.values[k], b.unit);
            portfolio[path] += difference[path];
        }
        means.push_back(mean_over_paths(difference, unit, settings));
    }
    means[0] = mean_over_paths(portfolio, unit, settings);
    return means;
}

PathTotals add_totals(const PathTotals& none, PathTotals difference) {
    std::transform(none.values.begin(), none.values.end(), difference.values.begin(), difference.values.begin(),
                   [](std::int64_t a, std::int64_t b) { return a + b; });
    return difference;
}

std::vector<std::uint32_t> rank_by_value(std::span<const double> values, const IdColumn& customer_id) {
    if (values.size() != customer_id.size()) {
        throw std::logic_error(fmt::format("{} values to rank for {} customers", values.size(), customer_id.size()));
    }
    std::vector<std::uint32_t> by_rank(values.size());
    std::iota(by_rank.begin(), by_rank.end(), 0U);
    std::ranges::sort(by_rank, [&](std::uint32_t a, std::uint32_t b) {
        const bool a_is_nan = std::isnan(values[a]);
        const bool b_is_nan = std::isnan(values[b]);
        if (a_is_nan != b_is_nan) {
            return b_is_nan;
        }
        if (!a_is_nan && values[a] != values[b]) {
            return values[a] > values[b];
        }
        return customer_id[a] < customer_id[b];
    });
    std::vector<std::uint32_t> rank(values.size());
    for (std::uint32_t position = 0; position < by_rank.size(); ++position) {
        rank[by_rank[position]] = position + 1;
    }
    return rank;
}

std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments) {
    std::vector<std::int64_t> portfolio(totals.paths, 0);
    for (std::size_t i = 0; i < totals.values.size(); ++i) {
        portfolio[i % totals.paths] += totals.values[i];
    }
    std::vector<double> values;
    values.reserve(portfolio.size() + (has_segments ? totals.values.size() : 0));
    for (const std::int64_t value : portfolio) {
        values.push_back(static_cast<double>(value) * totals.unit);
    }
    if (has_segments) {
        for (const std::int64_t value : totals.values) {
            values.push_back(static_cast<double>(value) * totals.unit);
        }
    }
    return values;
}

}  // namespace clv
