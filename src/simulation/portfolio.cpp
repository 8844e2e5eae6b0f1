#include "clv/simulation/portfolio.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
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
    in_stretches(units.size(), [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) {
            values[i] = static_cast<double>(units[i]) * unit;
        }
    });
    return values;
}

/// Sums over the first `segments` segments: [entry] of a [segment][entry] array.
std::vector<std::int64_t> over_segments(std::span<const std::int64_t> values, std::size_t segments,
                                        std::size_t entries) {
    std::vector<std::int64_t> sums(entries, 0);
    in_stretches(segments * entries, [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) {
            sums[i % entries] += values[i];
            if (std::abs(static_cast<double>(sums[i % entries])) >= fixed_point_limit) {
                throw ModelError("the value of all segments together is beyond the range of exact sums");
            }
        }
    });
    return sums;
}

/// Sums of every row: of the portfolio, of every segment if there are segments, of those apart.
template <class Totals>
class TotalsByRow {
  public:
    TotalsByRow(const Totals& totals, bool has_segments)
        : totals_(totals),
          entries_(totals.values.size() / totals.segments),
          first_(has_segments ? 0 : totals.segments - totals.apart),
          portfolio_(over_segments(totals.values, totals.segments - totals.apart, entries_)) {}

    [[nodiscard]] std::size_t size() const noexcept { return 1 + totals_.segments - first_; }
    [[nodiscard]] std::span<const std::int64_t> operator[](std::size_t row) const {
        return row == 0 ? std::span<const std::int64_t>(portfolio_)
                        : std::span(totals_.values).subspan((first_ + row - 1) * entries_, entries_);
    }

  private:
    const Totals& totals_;
    std::size_t entries_;
    std::size_t first_;  ///< segment with a row of its own
    std::vector<std::int64_t> portfolio_;
};

/// Which of row_names() a customer is in, besides the portfolio.
std::size_t row_of(const CustomerTable& customers, std::size_t customer, std::size_t rows) {
    return customers.is_apart(customer) ? rows - 1 : customers.segment.empty() ? 0 : customers.segment[customer] + 1;
}

/// Means over the customers of everybody and of every segment, whose rows these are.
void fill_months(std::span<const double> months, const CustomerTable& customers, std::span<PortfolioRow> rows) {
    std::vector<OrderFreeSum> sums(rows.size());
    for (std::size_t i = 0; i < months.size(); ++i) {
        const std::size_t row = row_of(customers, i, rows.size());
        if (row != 0) {
            sums.at(row).add(months[i]);
        }
        if (!customers.is_apart(i)) {
            sums.front().add(months[i]);
        }
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
        if (rows[row].customers > 0) {
            rows[row].months = sums[row].value() / static_cast<double>(rows[row].customers);
        }
    }
}

}  // namespace

std::vector<std::string> row_names(const CustomerTable& customers) {
    std::vector<std::string> names{std::string(portfolio_name)};
    names.insert(names.end(), customers.segments.begin(), customers.segments.end());
    if (customers.churned_apart) {
        names.emplace_back(churned_name);
    }
    return names;
}

std::vector<std::uint64_t> row_sizes(const CustomerTable& customers) {
    std::vector<std::uint64_t> sizes(1 + customers.segments.size() + (customers.churned_apart ? 1 : 0), 0);
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const std::size_t row = row_of(customers, i, sizes.size());
        sizes[row] += row != 0 ? 1 : 0;
        sizes.front() += customers.is_apart(i) ? 0 : 1;
    }
    return sizes;
}

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
    const std::vector<std::string> names = row_names(customers);
    const std::vector<std::uint64_t> sizes = row_sizes(customers);
    const TotalsByRow by_row(totals, !customers.segments.empty());
    std::vector<PortfolioRow> rows;
    for (std::size_t i = 0; i < by_row.size(); ++i) {
        throw_if_interrupted();
        rows.push_back(row(names.at(i), sizes[i], by_row[i]));
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
    const std::vector<std::string> names = row_names(customers);
    const TotalsByRow by_row(cashflow, !customers.segments.empty());
    for (std::size_t i = 0; i < by_row.size(); ++i) {
        throw_if_interrupted();
        add(names.at(i), by_row[i]);
    }
    return rows;
}

MeanAndSpread mean_over_paths(std::span<const std::int64_t> units, double unit, const SimulationSettings& settings) {
    MeanAndSpread mean = mean_and_spread(units, unit);
    mean.se = settings.totals_have_replicates() ? replicate_mean_error(units, unit) : mean.se;
    return mean;
}

std::vector<MeanAndSpread> mean_differences(const PathTotals& a, const PathTotals& b, bool has_segments,
                                            const SimulationSettings& settings) {
    const double unit = std::max(a.unit, b.unit);  // powers of two: the coarser loses what no sum would show
    const auto in_unit = [unit](std::int64_t value, double of) {
        return of == unit ? value : std::llround(static_cast<double>(value) * (of / unit));
    };
    PathTotals difference{a.paths, a.segments, unit, std::vector<std::int64_t>(a.values.size()), a.apart};
    in_stretches(a.values.size(), [&](std::size_t k, std::size_t end) {
        for (; k < end; ++k) {
            difference.values[k] = in_unit(a.values[k], a.unit) - in_unit(b.values[k], b.unit);
        }
    });
    const TotalsByRow by_row(difference, has_segments);
    std::vector<MeanAndSpread> means;
    for (std::size_t row = 0; row < by_row.size(); ++row) {
        means.push_back(mean_over_paths(by_row[row], unit, settings));
    }
    return means;
}

PathTotals add_totals(const PathTotals& none, PathTotals difference) {
    in_stretches(none.values.size(), [&](std::size_t i, std::size_t end) {
        for (; i < end; ++i) {
            difference.values[i] += none.values[i];
        }
    });
    return difference;
}

std::vector<std::uint32_t> rank_by_value(std::span<const double> values, const IdColumn& customer_id,
                                         std::span<const std::uint8_t> left_out) {
    if (values.size() != customer_id.size() || (!left_out.empty() && left_out.size() != values.size())) {
        throw std::logic_error(fmt::format("{} values to rank for {} customers", values.size(), customer_id.size()));
    }
    std::vector<std::uint32_t> by_rank;
    by_rank.reserve(values.size());
    for (std::uint32_t customer = 0; customer < values.size(); ++customer) {
        if (left_out.empty() || left_out[customer] == 0) {
            by_rank.push_back(customer);
        }
    }
    std::ranges::sort(by_rank, [&](std::uint32_t a, std::uint32_t b) {
        throw_if_interrupted();
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
    std::vector<std::uint32_t> rank(values.size(), 0);
    for (std::uint32_t position = 0; position < by_rank.size(); ++position) {
        rank[by_rank[position]] = position + 1;
    }
    return rank;
}

std::vector<double> totals_in_currency(const PathTotals& totals, bool has_segments) {
    const TotalsByRow by_row(totals, has_segments);
    std::vector<double> values;
    values.reserve(by_row.size() * totals.paths);
    for (std::size_t row = 0; row < by_row.size(); ++row) {
        const std::vector<double> of_row = in_currency(by_row[row], totals.unit);
        values.insert(values.end(), of_row.begin(), of_row.end());
    }
    return values;
}

std::vector<double> portfolio_in_currency(const PathTotals& totals) {
    return in_currency(TotalsByRow(totals, false)[0], totals.unit);
}

}  // namespace clv
