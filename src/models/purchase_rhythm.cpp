#include "clv/models/purchase_rhythm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <optional>
#include <ranges>
#include <utility>

#include "clv/core/progress.hpp"

namespace clv {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Days that follow each other, as the search sees them.
struct Days {
    sys_days first;
    std::span<const std::uint32_t> purchases;
    std::vector<double> expected;  ///< [day]: of all days before it
    double total = 0.0;

    [[nodiscard]] std::size_t size() const noexcept { return purchases.size(); }
    [[nodiscard]] double expected_between(std::size_t begin, std::size_t end) const {
        return expected[end] - expected[begin];
    }
};

/// A period that days could repeat in.
struct Period {
    int days = 0;           ///< of a fixed length; 0: calendar months
    int months = 0;         ///< from January on
    int shift = 0;          ///< months begin so many days late, for dates around the turn of a month
    bool from_end = false;  ///< positions count back from the last day of the months

    [[nodiscard]] double length() const { return days > 0 ? days : months * 365.25 / 12.0; }
};

/// Where a day lies in its period.
struct Position {
    int cycle = 0;
    int day = 0;  ///< from 0
};

Position position_of(const Period& period, sys_days day) {
    if (period.days > 0) {
        const auto count = static_cast<int>(day.time_since_epoch().count()) + 1'000'000 * period.days;
        return {count / period.days, count % period.days};
    }
    const sys_days shifted = day - days(period.shift);
    const year_month_day date(shifted);
    const int month = static_cast<int>(date.year()) * 12 + static_cast<int>(static_cast<unsigned>(date.month())) - 1;
    const int cycle = month / period.months;
    const auto begin_of = [&](int number) {
        const int at = number * period.months;
        return sys_days(std::chrono::year(at / 12) / std::chrono::month(static_cast<unsigned>(at % 12 + 1)) / 1);
    };
    const auto place = period.from_end ? begin_of(cycle + 1) - days(1) - shifted : shifted - begin_of(cycle);
    return {cycle, static_cast<int>(place.count())};
}

/// A few days of a period that hold most purchases.
struct Grid {
    Period period;
    int first = 0;               ///< position of the first of them
    int width = 0;               ///< days
    double concentration = 0.0;  ///< 1: all purchases; 0: no more than other days
    double information = 0.0;    ///< of a purchase against one on any day, natural logarithm
};

constexpr double least_concentration = 0.5;

/// The fewest days that hold what the best `widest` of them do.
Grid best_window(const Days& all, const Period& period, int widest) {
    const auto length = static_cast<std::size_t>(std::ceil(period.length())) + 3;
    std::vector<double> at(length, 0.0);
    for (std::size_t d = 0; d < all.size(); ++d) {
        if (all.purchases[d] > 0) {
            const auto place = static_cast<std::size_t>(position_of(period, all.first + days(d)).day);
            at[std::min(place, length - 1)] += all.purchases[d];
        }
    }
    const bool is_circle = period.days > 0;
    const std::size_t places = is_circle ? static_cast<std::size_t>(period.days) : length;
    const auto inside = [&](std::size_t first) {
        double sum = 0.0;
        for (std::size_t k = 0; k < static_cast<std::size_t>(widest); ++k) {
            const std::size_t place = first + k;
            sum += place < places ? at[place] : is_circle ? at[place - places] : 0.0;
        }
        return sum;
    };
    Grid grid{period, 0, widest, 0.0};
    double best = -1.0;
    for (std::size_t first = 0; first < places; ++first) {
        const double sum = inside(first);
        if (sum > best && at[first] > 0.0) {
            best = sum;
            grid.first = static_cast<int>(first);
        }
    }
    const auto used = [&](int k) { return at[static_cast<std::size_t>(grid.first + k) % places] > 0.0; };
    while (grid.width > 1 && !used(grid.width - 1)) {
        --grid.width;
    }
    const double share = best / all.total;
    const double even = widest / period.length();
    const double rest = share < 1.0 ? (1.0 - share) * std::log((1.0 - share) / (1.0 - even)) : 0.0;
    grid.information = share * std::log(share / even) + rest;
    grid.concentration = (share - even) / (1.0 - even);
    return grid;
}

/// Stretches of days, with what was bought and expected in each.
struct Cells {
    std::size_t begin = 0;
    std::vector<std::size_t> ends;
    std::vector<double> actual;
    std::vector<double> expected;

    void add(const Days& all, std::size_t begin, std::size_t end) {
        ends.push_back(end - 1);
        const auto at = all.purchases.begin();
        actual.push_back(
            std::accumulate(at + static_cast<std::ptrdiff_t>(begin), at + static_cast<std::ptrdiff_t>(end), 0.0));
        expected.push_back(all.expected_between(begin, end));
    }
};

/// Cells that end with the days of a grid, and what was bought on these days alone. What follows the last of them is
/// left out.
struct GridCells {
    Cells whole;
    Cells on_the_days;
};

GridCells cells_of(const Days& all, const Grid& grid) {
    const Period& period = grid.period;
    const auto place_of = [&](std::size_t d) {
        Position at = position_of(period, all.first + days(d));
        at.day -= grid.first;
        if (period.days > 0 && at.day < 0) {
            at.day += period.days;
            --at.cycle;
        }
        return at;
    };
    const auto is_inside = [&](const Position& at) { return at.day >= 0 && at.day < grid.width; };
    GridCells cells;
    std::size_t begin = 0;
    std::size_t opened = all.size();
    for (std::size_t d = 0; d < all.size(); ++d) {
        const Position at = place_of(d);
        if (!is_inside(at)) {
            continue;
        }
        opened = std::min(opened, d);
        const Position next = place_of(d + 1);
        if (is_inside(next) && next.cycle == at.cycle) {
            // The last days of observation may be those of a grid that is not through yet.
            const auto bought = [&](std::size_t day) { return all.purchases[day] > 0; };
            const auto since = std::views::iota(opened, all.size());
            if (d + 1 < all.size() || !std::ranges::any_of(since, bought)) {
                continue;
            }
        }
        cells.whole.add(all, begin, d + 1);
        cells.on_the_days.add(all, opened, d + 1);
        cells.on_the_days.expected.back() = cells.whole.expected.back();
        begin = d + 1;
        opened = all.size();
    }
    return cells;
}

/// Cells of equal length that end with the observation.
Cells cells_back(const Days& all, const Period& period) {
    std::vector<std::size_t> ends;
    const auto last = all.first + days(all.size() - 1);
    const year_month_day date(last);
    const bool at_month_end = date.day() == (date.year() / date.month() / std::chrono::last).day();
    for (int back = 0;; ++back) {
        sys_days end = last - days(back * period.days);
        if (period.days == 0) {
            const auto month = date.year() / date.month() - std::chrono::months(back * period.months);
            const auto month_end = (month / std::chrono::last).day();
            end = month / (at_month_end ? month_end : std::min(date.day(), month_end));
        }
        if (end < all.first) {
            break;
        }
        ends.push_back(static_cast<std::size_t>((end - all.first).count()));
    }
    std::ranges::reverse(ends);
    Cells cells;
    cells.begin = ends.empty() ? 0 : ends.front() + 1;  // a first cell that is cut short is none
    for (std::size_t k = 1; k < ends.size(); ++k) {
        cells.add(all, ends[k - 1] + 1, ends[k] + 1);
    }
    return cells;
}

constexpr double least_expected = 1.0;  // for a cell to say anything

/// How often nobody bought in cells where somebody should have.
struct Emptiness {
    std::size_t cells = 0;
    std::size_t active = 0;
    double empty = 0.0;
    double by_chance = 0.0;
    std::size_t longest_run = 0;
    std::size_t closures = 0;  ///< runs of empty cells that are too long for chance

    /// Every thirtieth cell may be closed.
    [[nodiscard]] bool is_chance(double without = 0.0) const {
        return empty - without <= by_chance + 2.5 * std::sqrt(by_chance) + 0.03 * static_cast<double>(cells);
    }
};

Emptiness emptiness_of(const Cells& cells, double least) {
    constexpr double bad_times = 0.7;  // cells with so much of what is expected are nothing special
    constexpr double closure = 15.0;   // purchases expected
    Emptiness found;
    std::size_t run = 0;
    double missed = 0.0;
    for (std::size_t k = 0; k < cells.actual.size(); ++k) {
        if (cells.expected[k] < least) {
            continue;
        }
        ++found.cells;
        found.by_chance += std::exp(-bad_times * cells.expected[k]);
        if (cells.actual[k] > 0.0) {
            ++found.active;
            run = 0;
            missed = 0.0;
            continue;
        }
        ++run;
        found.empty += 1.0;
        const double before = std::exchange(missed, missed + cells.expected[k]);
        found.closures += run >= 3 && missed > closure && (run == 3 || before <= closure) ? 1 : 0;
        found.longest_run = std::max(found.longest_run, run);
    }
    return found;
}

/// Whether weeks will do: empty ones are chance, or one closure.
bool weeks_will_do(const Days& all) {
    const Emptiness weeks = emptiness_of(cells_back(all, {.days = 7}), least_expected);
    const bool is_short = 4 * weeks.longest_run <= weeks.cells;
    return weeks.closures < 2 &&
           (weeks.is_chance() || (is_short && weeks.is_chance(static_cast<double>(weeks.longest_run))));
}

/// Standard deviation of ln(actual / expected) between cells, beyond what counts vary by chance.
double variation(const Cells& cells) {
    double n = 0.0;
    double sum = 0.0;
    double square = 0.0;
    double chance = 0.0;
    for (std::size_t k = 0; k < cells.actual.size(); ++k) {
        if (cells.expected[k] >= least_expected) {
            const double off = std::log((cells.actual[k] + 0.5) / (cells.expected[k] + 0.5));
            n += 1.0;
            sum += off;
            square += off * off;
            chance += 1.0 / (cells.expected[k] + 0.5);
        }
    }
    return n < 2.0 ? 0.0 : std::sqrt(std::max(0.0, (square - sum * sum / n) / (n - 1.0) - chance / n));
}

std::vector<std::pair<Period, int>> candidate_periods(std::size_t observed_days) {
    constexpr int days_of_grid = 7;
    std::vector<std::pair<Period, int>> candidates;
    const auto add_weeks = [&](std::initializer_list<int> weeks) {
        for (const int count : weeks) {
            candidates.push_back({{.days = 7 * count}, days_of_grid + (count > 4 ? 2 : 0)});
        }
    };
    const auto add_months = [&](std::initializer_list<int> months) {
        for (const int count : months) {
            const int widest = days_of_grid + (count > 1 ? 2 : 0);  // months differ in length
            candidates.push_back({{.months = count}, widest});
            candidates.push_back({{.months = count, .from_end = true}, widest});
            candidates.push_back({{.months = count, .shift = 14}, widest});
        }
    };
    add_weeks({2, 3, 4});
    add_months({1});
    add_weeks({5, 6, 8});
    add_months({2});
    add_weeks({10, 12});
    add_months({3});
    add_weeks({13});
    add_months({4, 6});
    add_weeks({26});
    add_months({12});
    add_weeks({52});
    for (int length = 9; length <= 100; ++length) {
        if (length % 7 != 0) {
            candidates.push_back({{.days = length}, std::min(days_of_grid, length / 3)});
        }
    }
    std::erase_if(candidates, [&](const auto& candidate) {
        return 2.0 * candidate.first.length() > static_cast<double>(observed_days) + days_of_grid;
    });
    return candidates;
}

/// "on Mondays", where all purchases are.
std::optional<std::string_view> weekday_of(const Days& all) {
    constexpr std::array<std::string_view, 7> names{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
    std::array<double, 7> on{};
    for (std::size_t d = 0; d < all.size(); ++d) {
        on[std::chrono::weekday(all.first + days(d)).c_encoding()] += all.purchases[d];
    }
    const auto most = std::ranges::max_element(on);
    return *most >= 0.95 * all.total ? std::optional(names[static_cast<std::size_t>(most - on.begin())]) : std::nullopt;
}

std::string in_words(const Days& all, const Grid& grid) {
    const Period& period = grid.period;
    const auto weekday = weekday_of(all);
    const std::string on = weekday ? fmt::format(", on a {}", *weekday) : std::string();
    if (period.days > 0) {
        return period.days % 7 == 0 ? fmt::format("every {} weeks{}", period.days / 7, on)
                                    : fmt::format("every {} days", period.days);
    }
    const std::string each = period.months == 1    ? std::string("every month")
                             : period.months == 12 ? std::string("once a year")
                                                   : fmt::format("every {} months", period.months);
    if (period.months > 1 || period.shift > 0) {
        return each + on;
    }
    const std::string_view back = period.from_end ? " from its end" : "";
    return grid.width == 1
               ? fmt::format("{}, on day {}{}{}", each, grid.first + 1, back, on)
               : fmt::format("{}, on days {} to {}{}{}", each, grid.first + 1, grid.first + grid.width, back, on);
}

/// Whether a grid says more than another: of grids that hold all purchases, the one with the longest period.
bool is_better(const Grid& grid, const Grid& other) {
    constexpr double clearly = 0.02;
    const bool same_period = grid.period.days == other.period.days && grid.period.months == other.period.months;
    return grid.information > other.information + clearly ||
           (same_period && grid.information >= other.information && grid.width < other.width);
}

/// Whether days of purchases at random would hardly ever look like this.
bool is_grid(const Days& all, const Grid& grid) {
    constexpr double least_information = 16.0;
    return grid.concentration >= least_concentration && all.total * grid.information >= least_information;
}

std::optional<PurchaseRhythm> find_grid(const Days& all) {
    std::optional<PurchaseRhythm> found;
    Grid best;
    for (const auto& [period, widest] : candidate_periods(all.size())) {
        throw_if_interrupted();
        const Grid grid = best_window(all, period, widest);
        if (!is_grid(all, grid) || (found && !is_better(grid, best))) {
            continue;
        }
        GridCells cells = cells_of(all, grid);
        constexpr double hardly_any = 0.01;  // expected in the first cell, which the first customers open
        const Emptiness emptiness = emptiness_of(cells.on_the_days, hardly_any);
        const std::size_t least_active = grid.concentration > 0.9 ? 2 : 3;
        if (emptiness.active >= least_active && emptiness.is_chance()) {
            best = grid;
            found = {in_words(all, grid), 0, std::move(cells.whole.ends), {}};
        }
    }
    return found;
}

/// The shortest stretches, back from the end of observation, that are about as good as each other.
PurchaseRhythm even_cells(const Days& all) {
    constexpr double most_variation = 0.3;
    struct Choice {
        Period period;
        const char* name;
    };
    constexpr std::array<Choice, 6> choices{{{{.days = 14}, "two weeks"},
                                             {{.days = 28}, "four weeks"},
                                             {{.months = 1}, "a month"},
                                             {{.months = 3}, "a quarter"},
                                             {{.months = 6}, "half a year"},
                                             {{.months = 12}, "a year"}}};
    for (const Choice& choice : choices) {
        Cells cells = cells_back(all, choice.period);
        const Emptiness emptiness = emptiness_of(cells, least_expected);
        const bool is_last = choice.period.months == 12;
        if (emptiness.cells >= (is_last ? 1 : 2) && emptiness.empty == 0.0 &&
            (is_last || variation(cells) <= most_variation)) {
            return {fmt::format("in some weeks only, evenly over {}", choice.name), cells.begin, std::move(cells.ends),
                    fmt::format("calendar: some weeks or seasons are closed, and purchases are counted over {}: "
                                "forecasts spread them evenly over that time, and hold for whole ones of it",
                                choice.name)};
        }
    }
    return {
        {},
        0,
        {},
        "calendar: many weeks are without any purchase, at no intervals that could be recognised: totals can be far "
        "off; compare them with expected_purchases, or set fit.calendar = false"};
}

}  // namespace

PurchaseRhythm purchase_rhythm(sys_days first_day, std::span<const std::uint32_t> purchases,
                               std::span<const double> expected) {
    constexpr double least_purchases = 12.0;
    Days all{first_day, purchases, {0.0}, 0.0};
    for (std::size_t d = 0; d < purchases.size(); ++d) {
        all.expected.push_back(all.expected.back() + expected[d]);
        all.total += purchases[d];
    }
    if (all.total < least_purchases || all.size() < 28) {
        return {};
    }
    if (auto grid = find_grid(all)) {
        return *std::move(grid);
    }
    return weeks_will_do(all) ? PurchaseRhythm{} : even_cells(all);
}

}  // namespace clv
