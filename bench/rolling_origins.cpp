// Bands of the total of repeat purchases against what came: customers up to an origin, every fourth week from week 20,
// 8 weeks ahead, and once from --holdout to the end of the file. With the calendar, without it, and beside a
// seasonal-naive band: the same weeks of last year where a year is known, else the last 8 weeks, with the errors that
// this rule made so far. Scores are Gneiting and Raftery's (2007) interval score over the actual total.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/transactions_reader.hpp"
#include "clv/models/calendar.hpp"
#include "clv/models/purchase_fit.hpp"

namespace {

using clv::CalendarDraw;
using std::chrono::days;
using std::chrono::sys_days;

constexpr int week = 7;
constexpr std::size_t weeks_ahead = 8;

struct Band {
    double low = 0.0;
    double high = 0.0;

    [[nodiscard]] bool holds(double actual) const { return low <= actual && actual <= high; }
    [[nodiscard]] double score(double actual, double level) const {
        const double missed = std::max(low - actual, 0.0) + std::max(actual - high, 0.0);
        return (high - low + 2.0 / (1.0 - level) * missed) / actual;
    }
};

/// Of totals in ascending order.
Band band(const std::vector<double>& totals, double level) {
    const auto at = [&](double share) {
        return totals[static_cast<std::size_t>(share * static_cast<double>(totals.size() - 1))];
    };
    return {at(0.5 * (1.0 - level)), at(0.5 * (1.0 + level))};
}

/// Weekly log intensity of one path, by the retail law's recursion.
double path_total(const CalendarDraw& draw, const std::vector<double>& expected, std::mt19937_64& engine) {
    std::normal_distribution<double> normal;
    const double deviation = draw.level_sd * normal(engine);
    double level = draw.level + deviation;
    double cycle = draw.cycle + draw.cycle_on_level * deviation + draw.cycle_sd * normal(engine);
    double total = 0.0;
    for (std::size_t w = 0; w < expected.size(); ++w) {
        level += draw.level_step_sd * normal(engine);
        cycle = draw.persistence * cycle + draw.cycle_step_sd * normal(engine);
        total += expected[w] * std::exp(level + cycle + (draw.seasonal.empty() ? 0.0 : draw.seasonal[w]));
    }
    return total;
}

struct Forecast {
    double actual = 0.0;
    double expected = 0.0;
    std::vector<double> with_calendar;  ///< totals, ascending
    std::vector<double> without;
    clv::CalendarFit calendar;
    std::vector<double> past;  ///< repeat purchases of a week
};

Forecast forecast(const clv::PurchaseHistory& history) {
    Forecast result;
    const auto& ahead = history.holdout->daily.repeat_purchases;
    result.actual = std::accumulate(ahead.begin(), ahead.end(), 0.0);
    const std::size_t future = (ahead.size() + week - 1) / week;
    const double last_share = 1.0 - static_cast<double>(future * week - ahead.size()) / week;

    const clv::PurchaseFit fit = clv::fit_purchases(history.summary, clv::PurchaseLaw::bg_nbd);
    const auto expected_by = [](const clv::DailyPurchases& daily, const clv::PurchaseModel& model) {
        return clv::weekly_purchases(daily, [&](double t) { return model.expected_purchases(t); });
    };
    const clv::WeeklyPurchases past = expected_by(history.daily, fit.model);
    result.calendar = clv::fit_calendar(past, future);
    result.past = past.actual;

    clv::DailyPurchases extended = history.daily;
    extended.first_purchases.resize(extended.first_purchases.size() + future * week);
    extended.repeat_purchases.resize(extended.first_purchases.size());
    const auto draws = clv::draw_parameters(fit, result.calendar.draws.size(), 1);
    const auto future_of = [&](const clv::PurchaseModel& model) {
        const clv::WeeklyPurchases all = expected_by(extended, model);
        std::vector<double> expected(all.expected.end() - static_cast<std::ptrdiff_t>(future), all.expected.end());
        expected.back() *= last_share;
        return expected;
    };
    const std::vector<double> middle = future_of(fit.model);
    result.expected = std::accumulate(middle.begin(), middle.end(), 0.0);
    // A count whose mean is a gamma posterior's after T weeks has 1 + t / T times a Poisson variance over t weeks.
    const double dispersion = 1.0 + static_cast<double>(future) / static_cast<double>(past.actual.size());
    std::mt19937_64 engine(1);
    std::normal_distribution<double> normal;
    for (std::size_t k = 0; k < draws.size(); ++k) {
        clv::PurchaseModel model = fit.model;
        model.parameters = draws[k];
        const std::vector<double> expected = future_of(model);
        for (int path = 0; path < 400; ++path) {
            for (auto* totals : {&result.with_calendar, &result.without}) {
                const CalendarDraw& draw =
                    totals == &result.without ? CalendarDraw{} : result.calendar.draws[(k * 37) % draws.size()];
                const double mean = path_total(draw, expected, engine);
                totals->push_back(mean + std::sqrt(dispersion * mean) * normal(engine));
            }
        }
    }
    std::ranges::sort(result.with_calendar);
    std::ranges::sort(result.without);
    return result;
}

/// Of the total of the next weeks, by what the same weeks of last year, or the last weeks, have told so far.
Band naive(const std::vector<double>& past, double level) {
    std::vector<double> sums;
    for (std::size_t w = weeks_ahead; w <= past.size(); ++w) {
        const auto end = past.begin() + static_cast<std::ptrdiff_t>(w);
        sums.push_back(std::accumulate(end - weeks_ahead, end, 0.0));
    }
    const std::size_t lag = past.size() >= 52 + weeks_ahead ? 52 : weeks_ahead;
    double squares = 0.0;
    double count = 0.0;
    for (std::size_t i = lag; i < sums.size(); ++i) {
        const double error = std::log(std::max(sums[i], 1.0) / std::max(sums[i - lag], 1.0));
        squares += error * error;
        count += 1.0;
    }
    const double reach = (level > 0.85 ? 1.6449 : 1.2816) * std::sqrt(squares / count);
    const double middle = sums[sums.size() - 1 + weeks_ahead - lag];
    return {middle * std::exp(-reach), middle * std::exp(reach)};
}

struct Tally {
    int hits = 0;
    double score = 0.0;
    void add(const Band& at, double actual, double level) {
        hits += at.holds(actual) ? 1 : 0;
        score += at.score(actual, level);
    }
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Bands of totals against what came");
    std::string file;
    std::string schema;
    std::string holdout;
    app.add_option("file", file)->required();
    app.add_option("--schema", schema, "cdnow or online_retail")->required();
    app.add_option("--holdout", holdout, "last day of calibration, YYYY-MM-DD")->required();
    CLI11_PARSE(app, argc, argv);
    clv::TransactionSettings settings;
    settings.schema = schema == "cdnow" ? clv::TransactionSchema::cdnow : clv::TransactionSchema::online_retail;
    const std::vector<std::filesystem::path> files{file};
    const auto read = [&](std::optional<sys_days> calibration_end, std::optional<sys_days> end) {
        clv::ObservationSettings observation;
        observation.holdout = calibration_end;
        observation.observation_end = end;
        clv::NoProgress progress;
        return clv::read_transactions(files, settings, observation, progress).history;
    };

    const clv::PurchaseHistory whole = read({}, {});
    const Forecast once = forecast(read(clv::parse_date(holdout, clv::DateFormat::iso), {}));
    const Band wide = band(once.with_calendar, 0.9);
    const Band narrow = band(once.without, 0.9);
    fmt::print("after {}: actual / expected {:.3f}; 90% with the calendar [{:.3f}, {:.3f}], without [{:.3f}, {:.3f}]\n",
               holdout, once.actual / once.expected, wide.low / once.expected, wide.high / once.expected,
               narrow.low / once.expected, narrow.high / once.expected);
    for (const clv::Estimate& at : {once.calendar.persistence, once.calendar.cycle_sd, once.calendar.level_step_sd}) {
        fmt::print("  {} {:.4f} [{:.4f}, {:.4f}]\n", at.name, at.value, at.low, at.high);
    }

    constexpr std::array<double, 2> levels{0.8, 0.9};
    std::array<std::array<Tally, 3>, 2> tallies{};
    int origins = 0;
    const int weeks = static_cast<int>(whole.daily.first_purchases.size()) / week;
    for (int origin = 20; origin + static_cast<int>(weeks_ahead) <= weeks; origin += 4) {
        const sys_days end = whole.daily.first_day + days(origin * week - 1);
        const Forecast at = forecast(read(end, end + days(weeks_ahead * week)));
        ++origins;
        fmt::print("week {}: actual / expected {:.3f};", origin, at.actual / at.expected);
        for (std::size_t i = 0; i < levels.size(); ++i) {
            const std::array<Band, 3> bands{band(at.with_calendar, levels[i]), band(at.without, levels[i]),
                                            naive(at.past, levels[i])};
            for (std::size_t rule = 0; rule < bands.size(); ++rule) {
                tallies[i][rule].add(bands[rule], at.actual, levels[i]);
            }
            fmt::print(" {:.0f}% [{:.3f}, {:.3f}] {};", 100.0 * levels[i], bands[0].low / at.expected,
                       bands[0].high / at.expected, bands[0].holds(at.actual) ? "hit" : "miss");
        }
        fmt::print("\n");
    }
    constexpr std::array<const char*, 3> names{"calendar", "no calendar", "seasonal naive"};
    for (std::size_t i = 0; i < levels.size(); ++i) {
        for (std::size_t rule = 0; rule < names.size(); ++rule) {
            fmt::print("{:.0f}% {}: {} of {} hold, mean interval score {:.3f}\n", 100.0 * levels[i], names[rule],
                       tallies[i][rule].hits, origins, tallies[i][rule].score / origins);
        }
    }
    return 0;
}
