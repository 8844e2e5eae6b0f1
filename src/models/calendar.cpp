#include "clv/models/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <span>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/core/units.hpp"
#include "clv/math/cholesky.hpp"
#include "clv/models/calendar_filter.hpp"
#include "clv/models/purchase_rhythm.hpp"
#include "clv/random/elementary.hpp"
#include "clv/random/inverse_normal.hpp"

namespace clv {
namespace {

constexpr std::size_t season_harmonics = 6;  // the sixth turns in two months: as narrow as the weeks before Christmas
constexpr double largest_persistence = 0.95;
constexpr double cycle_scale = 0.20;
constexpr double level_scale = 0.025;

/// Standard normal quantile of a share in (0, 1).
double normal_quantile(double share) {
    return static_cast<double>(inverse_normal<float>(static_cast<std::uint32_t>(share * 0x1p32)));
}

/// A parameter's prior by its quantiles, and how many equally likely parts the grid cuts it into.
struct Prior {
    const char* name;
    const char* unit;
    std::size_t parts;
    double (*quantile)(double share);
    double CalendarParameters::*parameter;

    [[nodiscard]] double middle(std::size_t part) const {
        return quantile((static_cast<double>(part) + 0.5) / static_cast<double>(parts));
    }
};

double half_normal_quantile(double share) {
    return normal_quantile(0.5 + 0.5 * share);
}

constexpr Prior persistence_prior{"persistence", "per week", 8,
                                  [](double share) { return largest_persistence * std::sqrt(share); },
                                  &CalendarParameters::persistence};
constexpr Prior cycle_prior{"cycle_sd", "log", 12,
                            [](double share) { return cycle_scale * half_normal_quantile(share); },
                            &CalendarParameters::cycle_sd};
constexpr Prior level_prior{"level_step_sd", "log per week", 16,
                            [](double share) { return level_scale * half_normal_quantile(share); },
                            &CalendarParameters::level_step_sd};

/// Equally likely a priori.
std::vector<CalendarParameters> prior_grid() {
    std::vector<CalendarParameters> grid;
    for (std::size_t l = 0; l < level_prior.parts; ++l) {
        for (std::size_t c = 0; c < cycle_prior.parts; ++c) {
            for (std::size_t p = 0; p < persistence_prior.parts; ++p) {
                grid.push_back({persistence_prior.middle(p), cycle_prior.middle(c), level_prior.middle(l)});
            }
        }
    }
    return grid;
}

using RowByRow = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The seasonal coefficients are drawn; level and cycle follow given them, and stay normal.
CalendarDraw make_draw(const CalendarParameters& parameters, const CalendarFilter& filter,
                       std::span<const double> seasonal, std::size_t future_weeks) {
    const std::size_t n = filter.size();
    const std::size_t level = n - 2;
    const std::size_t cycle = n - 1;
    const auto size = static_cast<Eigen::Index>(n);
    const Eigen::MatrixXd factor =
        factorise_covariance(Eigen::Map<const RowByRow>(filter.covariance().data(), size, size));
    const auto root = [&](std::size_t i, std::size_t j) {
        return factor(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
    };
    std::vector<double> mean = filter.mean();
    for (std::size_t j = 0; j < level; ++j) {
        const double z = normal_quantile(seasonal[j]);
        for (std::size_t i = j; i < n; ++i) {
            mean[i] += root(i, j) * z;
        }
    }
    CalendarDraw result;
    result.level = mean[level];
    result.cycle = mean[cycle];
    result.level_sd = root(level, level);
    result.cycle_on_level = result.level_sd > 0.0 ? root(cycle, level) / result.level_sd : 0.0;
    result.cycle_sd = root(cycle, cycle);
    result.persistence = parameters.persistence;
    result.cycle_step_sd = parameters.cycle_sd * std::sqrt(1.0 - parameters.persistence * parameters.persistence);
    result.level_step_sd = parameters.level_step_sd;
    const double drift = 0.5 * parameters.level_step_sd * parameters.level_step_sd;
    for (std::size_t w = 0; w < future_weeks; ++w) {
        const std::vector<double> row = season_row(static_cast<int>(w), level / 2);
        const double season = std::inner_product(row.begin(), row.end(), mean.begin(), 0.0);
        result.seasonal.push_back(season - drift * static_cast<double>(w + 1));
    }
    return result;
}

/// Posterior of one parameter: spread within a part of the grid as the prior is.
Estimate posterior(const Prior& prior, const std::vector<CalendarParameters>& grid,
                   const std::vector<double>& weights) {
    Estimate estimate{prior.name, prior.unit, 0.0, 0.0, 0.0, 0.0, "posterior mean, 95% interval"};
    const auto quantile = [&](double level) {
        double below = 0.0;
        for (std::size_t part = 0; part < prior.parts; ++part) {
            double weight = 0.0;
            for (std::size_t i = 0; i < grid.size(); ++i) {
                weight += grid[i].*prior.parameter == prior.middle(part) ? weights[i] : 0.0;
            }
            if (below + weight >= level) {
                return prior.quantile((static_cast<double>(part) + (level - below) / weight) /
                                      static_cast<double>(prior.parts));
            }
            below += weight;
        }
        return prior.middle(prior.parts - 1);
    };
    double square = 0.0;
    for (std::size_t i = 0; i < grid.size(); ++i) {
        const double x = grid[i].*prior.parameter;
        estimate.value += weights[i] * x;
        square += weights[i] * x * x;
    }
    estimate.se = std::sqrt(std::max(square - estimate.value * estimate.value, 0.0));
    estimate.low = quantile(0.025);
    estimate.high = quantile(0.975);
    return estimate;
}

void check(const WeeklyPurchases& weeks) {
    if (weeks.actual.size() > most_calendar_weeks) {
        throw InputError(fmt::format("{} weeks of purchases (calendar): more than a century, give at most {}",
                                     weeks.actual.size(), most_calendar_weeks));
    }
    if (weeks.actual.size() != weeks.expected.size()) {
        throw InputError(fmt::format("{} weeks of purchases but {} of their expectation (calendar): give both",
                                     weeks.actual.size(), weeks.expected.size()));
    }
    for (std::size_t w = 0; w < weeks.actual.size(); ++w) {
        const double actual = weeks.actual[w];
        const double expected = weeks.expected[w];
        if (!(actual >= 0.0) || !(expected >= 0.0) || !std::isfinite(actual) || !std::isfinite(expected)) {
            throw InputError(
                fmt::format("{} purchases where {} are expected (calendar, week {}): counts are finite and "
                            "not negative",
                            actual, expected, w + 1));
        }
    }
}

/// Too few purchases expected to say anything of their ratio.
bool is_informative(double expected) {
    return expected >= 1.0;
}

struct Posterior {
    std::vector<CalendarParameters> grid = prior_grid();
    std::vector<double> weights;
    std::vector<CalendarFilter> filters;  ///< at the end of observation
};

Posterior filter_all(const WeeklyPurchases& weeks, std::size_t harmonics) {
    Posterior result;
    const std::size_t count = weeks.actual.size();
    std::vector<std::vector<double>> season;
    for (std::size_t w = 0; w < count; ++w) {
        season.push_back(season_row(static_cast<int>(w) - static_cast<int>(count), harmonics));
    }
    for (const CalendarParameters& parameters : result.grid) {
        throw_if_interrupted();
        CalendarFilter filter(parameters, harmonics);
        double log_likelihood = 0.0;
        for (std::size_t w = 0; w < count; ++w) {
            if (w > 0) {
                filter.step();
            }
            if (is_informative(weeks.expected[w])) {
                log_likelihood += filter.observe_count(season[w], weeks.actual[w], weeks.expected[w]);
            }
        }
        result.weights.push_back(log_likelihood);
        result.filters.push_back(std::move(filter));
    }
    const double best = *std::ranges::max_element(result.weights);
    double sum = 0.0;
    for (double& weight : result.weights) {
        weight = elementary::exp(weight - best);
        sum += weight;
    }
    for (double& weight : result.weights) {
        weight /= sum;
    }
    return result;
}

}  // namespace

std::string_view to_string(CalendarStatus status) {
    return status == CalendarStatus::estimated ? "estimated" : "constant";
}

namespace {

/// Repeat purchases that are expected of customers by the days of their first ones.
class ExpectedPurchases {
  public:
    ExpectedPurchases(const DailyPurchases& daily, const std::function<double(double days)>& expected_purchases)
        : daily_(daily) {
        const std::size_t days = daily.first_purchases.size();
        if (daily.repeat_purchases.size() != days) {
            throw InputError(fmt::format("{} days of first purchases but {} of repeat purchases (calendar): give both",
                                         days, daily.repeat_purchases.size()));
        }
        if (days / days_in_week > most_calendar_weeks) {
            throw InputError(
                fmt::format("{} days of purchases (calendar): more than a century, see input.dates_between "
                            "and fit.observation_end",
                            days));
        }
        for (std::size_t age = 0; age < days; ++age) {
            throw_if_interrupted();
            by_age_.push_back(expected_purchases(static_cast<double>(age)));
        }
    }
    /// Of the first `end` days.
    [[nodiscard]] double until(std::size_t end) const {
        double sum = 0.0;
        for (std::size_t day = 0; day < end; ++day) {
            sum += daily_.first_purchases[day] * by_age_[end - 1 - day];
        }
        return sum;
    }
    static constexpr std::size_t days_in_week = 7;

  private:
    const DailyPurchases& daily_;
    std::vector<double> by_age_;  ///< [days since the first purchase]
};

double bought_between(const DailyPurchases& daily, std::size_t begin, std::size_t end) {
    const auto at = daily.repeat_purchases.begin();
    return std::accumulate(at + static_cast<std::ptrdiff_t>(begin), at + static_cast<std::ptrdiff_t>(end), 0.0);
}

WeeklyPurchases in_weeks(const DailyPurchases& daily, const ExpectedPurchases& expected) {
    constexpr std::size_t week = ExpectedPurchases::days_in_week;
    const std::size_t days = daily.first_purchases.size();
    WeeklyPurchases weeks;
    for (std::size_t start = days % week; start < days; start += week) {
        throw_if_interrupted();
        weeks.actual.push_back(bought_between(daily, start, start + week));
        weeks.expected.push_back(expected.until(start + week) - expected.until(start));
    }
    return weeks;
}

}  // namespace

WeeklyPurchases weekly_purchases(const DailyPurchases& daily,
                                 const std::function<double(double days)>& expected_purchases) {
    return in_weeks(daily, ExpectedPurchases(daily, expected_purchases));
}

WeeklyPurchases calendar_purchases(const DailyPurchases& daily,
                                   const std::function<double(double days)>& expected_purchases) {
    constexpr std::size_t week = ExpectedPurchases::days_in_week;
    const ExpectedPurchases expected(daily, expected_purchases);
    WeeklyPurchases weeks = in_weeks(daily, expected);
    const std::size_t days = daily.first_purchases.size();
    const std::size_t before = days % week;  // in no whole week
    std::vector<double> by_day(before, before > 0 ? expected.until(before) / static_cast<double>(before) : 0.0);
    for (const double of_week : weeks.expected) {
        by_day.insert(by_day.end(), week, of_week / static_cast<double>(week));
    }
    const PurchaseRhythm rhythm = purchase_rhythm(daily.first_day, daily.repeat_purchases, by_day);
    weeks.warning = rhythm.warning;
    if (rhythm.ends.empty()) {
        return weeks;
    }
    weeks.rhythm = rhythm.found;
    std::ranges::fill(weeks.actual, 0.0);
    std::ranges::fill(weeks.expected, 0.0);
    const std::vector<std::size_t>& ends = rhythm.ends;
    for (std::size_t k = 0; k < ends.size(); ++k) {
        throw_if_interrupted();
        const std::size_t begin = k == 0 ? rhythm.begin : ends[k - 1] + 1;
        const std::size_t end = ends[k] + 1;
        if (end > before) {
            const std::size_t at = (end - 1 - before) / week;
            weeks.actual[at] += bought_between(daily, begin, end);
            weeks.expected[at] += expected.until(end) - expected.until(begin);
        }
    }
    const bool is_one = ends.size() == 1;
    const std::size_t days_of_cells = ends.back() - (is_one ? rhythm.begin : ends.front()) + (is_one ? 1 : 0);
    const std::size_t cells = is_one ? 1 : ends.size() - 1;  // the first may be the day on which customers begin
    weeks.cell_weeks = std::max(1.0, static_cast<double>(days_of_cells) / static_cast<double>(week * cells));
    return weeks;
}

/// How many waves of a year these many informative cells can tell apart.
std::size_t harmonics_of(double cell_weeks, std::size_t informative) {
    if (cell_weeks <= 1.0) {
        return informative >= least_season_weeks ? season_harmonics : 0;
    }
    constexpr double weeks_per_year = months_per_year * weeks_per_month;
    const double per_year = weeks_per_year / cell_weeks;
    const bool knows_two_years = static_cast<double>(informative) >= 2.0 * per_year;
    const auto waves = static_cast<std::size_t>(std::max(0.0, 0.5 * (per_year - 1.0)));
    return knows_two_years ? std::min(season_harmonics, waves) : 0;
}

CalendarFit fit_calendar(const WeeklyPurchases& weeks, std::size_t future_weeks, std::size_t draws,
                         std::span<const DrawPoints> sets) {
    check(weeks);
    if (draws == 0) {
        throw ConfigError("a calendar in 0 draws: ask for at least 1");
    }
    CalendarFit fit;
    fit.weeks = weeks;
    std::size_t informative = 0;
    for (std::size_t w = 0; w < weeks.actual.size(); ++w) {
        informative += is_informative(weeks.expected[w]) ? 1 : 0;
    }
    const bool bought = std::ranges::any_of(weeks.actual, [](double count) { return count > 0.0; });
    const auto least = static_cast<std::size_t>(
        std::ceil(static_cast<double>(least_calendar_weeks) / std::max(1.0, weeks.cell_weeks)));
    if (informative < least || !bought) {
        fit.draws.assign(draws * sets.size(), CalendarDraw{});
        fit.warnings.push_back(
            bought ? fmt::format("calendar: {} weeks with an expected purchase, {} are needed: every week counts as "
                                 "usual, and bands of totals are too narrow",
                                 informative, least)
                   : std::string("calendar: nobody bought again: every week counts as usual, and bands of totals are "
                                 "too narrow"));
    }
    const bool estimated = fit.warnings.empty();
    if (!weeks.warning.empty()) {
        fit.warnings.push_back(weeks.warning);
    }
    const std::size_t harmonics = harmonics_of(weeks.cell_weeks, informative);
    const Posterior all = filter_all(estimated ? weeks : WeeklyPurchases{}, estimated ? harmonics : 0);
    fit.persistence = posterior(persistence_prior, all.grid, all.weights);
    fit.cycle_sd = posterior(cycle_prior, all.grid, all.weights);
    fit.level_step_sd = posterior(level_prior, all.grid, all.weights);
    if (!estimated) {
        return fit;
    }
    fit.status = CalendarStatus::estimated;
    std::vector<double> until(all.weights.size());
    std::partial_sum(all.weights.begin(), all.weights.end(), until.begin());
    for (std::size_t of_all = 0; of_all < draws * sets.size(); ++of_all) {
        const std::vector<double> at =
            sets[of_all / draws].uniforms(DrawStream::calendar, of_all % draws, 1 + 2 * harmonics);
        const auto found = std::ranges::lower_bound(until, at.front()) - until.begin();
        const std::size_t cell = std::min(static_cast<std::size_t>(found), all.grid.size() - 1);
        fit.draws.push_back(make_draw(all.grid[cell], all.filters[cell], std::span(at).subspan(1), future_weeks));
    }
    return fit;
}

}  // namespace clv
