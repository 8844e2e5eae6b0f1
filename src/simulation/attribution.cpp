#include "clv/simulation/attribution.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace clv {

namespace {

/// Beyond every path that any run draws on.
constexpr std::uint32_t other_paths = 1U << 31;

struct Source {
    std::string_view name;
    std::uint32_t SourceShifts::*shift;
};
constexpr std::array<Source, 4> sources{{
    {"parameters", &SourceShifts::parameters},
    {"customers", &SourceShifts::customers},
    {"process", &SourceShifts::process},
    {"market", &SourceShifts::market},
}};

/// The portfolio's value on every path.
std::vector<double> totals_with(const Backend& backend, const RetailColumns& columns, SimulationPlan& plan,
                                const SourceShifts& shifts, Progress& progress) {
    plan.shifts = shifts;
    NoFigures nobody;
    const PathTotals totals = backend.run(columns, plan, nobody, progress).totals;
    std::vector<double> sums(totals.paths, 0.0);
    for (std::size_t i = 0; i < totals.values.size(); ++i) {
        sums[i % totals.paths] += static_cast<double>(totals.values[i]) * totals.unit;
    }
    return sums;
}

struct Mean {
    double value;
    double se;
};

/// The mean of (a - b)^2 / 2 over paths.
Mean half_square_difference(const std::vector<double>& a, const std::vector<double>& b) {
    const auto count = static_cast<double>(a.size());
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t path = 0; path < a.size(); ++path) {
        const double term = 0.5 * (a[path] - b[path]) * (a[path] - b[path]);
        sum += term;
        squares += term * term;
    }
    const double mean = sum / count;
    return {mean, std::sqrt(std::max(0.0, squares / count - mean * mean) / count)};
}

double variance(const std::vector<double>& values) {
    double mean = 0.0;
    for (const double value : values) {
        mean += value / static_cast<double>(values.size());
    }
    double sum = 0.0;
    for (const double value : values) {
        sum += (value - mean) * (value - mean);
    }
    return sum / static_cast<double>(values.size());
}

}  // namespace

std::vector<SourceShare> attribute_variance(const Backend& backend, const RetailColumns& columns,
                                            const SimulationPlan& plan, Progress& progress) {
    SimulationPlan totals_only = plan;
    totals_only.actions.clear();
    totals_only.eligible.clear();
    totals_only.assignment.clear();
    totals_only.settings.cashflow = false;
    totals_only.moments_only = true;
    totals_only.shuffles_draws = true;
    const std::vector<double> plain = totals_with(backend, columns, totals_only, {}, progress);
    const std::vector<double> other =
        totals_with(backend, columns, totals_only, {other_paths, other_paths, other_paths, other_paths}, progress);
    const double whole = 0.5 * (variance(plain) + variance(other));
    std::vector<SourceShare> shares;
    for (const Source& source : sources) {
        SourceShifts shifts;
        shifts.*source.shift = other_paths;
        const std::vector<double> mixed = totals_with(backend, columns, totals_only, shifts, progress);
        const Mean without = half_square_difference(other, mixed);
        const Mean alone = half_square_difference(plain, mixed);
        SourceShare share{std::string(source.name), 0.0, 0.0, 0.0, 0.0};
        if (whole > 0.0 && alone.value > 0.0) {  // a source that moves nothing has no share, not an estimate of none
            share.first_order = 1.0 - without.value / whole;
            share.first_order_se = without.se / whole;
            share.total = alone.value / whole;
            share.total_se = alone.se / whole;
        }
        shares.push_back(share);
    }
    return shares;
}

}  // namespace clv
