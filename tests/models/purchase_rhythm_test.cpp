#include "clv/models/purchase_rhythm.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "clv/models/calendar.hpp"

namespace clv::purchase_rhythm_kinds {  // in one unit with other tests
namespace {

using namespace std::chrono;

constexpr sys_days first_day{2020y / January / 1};

/// Sixty customers who come on the first day that is open, and buy on every open day with one probability.
struct Business {
    DailyPurchases daily;
    double rate = 0.0;  ///< repeat purchases a customer and day, over all days

    Business(const std::function<bool(sys_days)>& is_open, sys_days last, double purchases_a_year, std::uint64_t seed) {
        std::vector<sys_days> open;
        for (sys_days day = first_day; day <= last; day += days(1)) {
            if (is_open(day)) {
                open.push_back(day);
            }
        }
        daily.first_day = open.front();
        const auto count = static_cast<std::size_t>((open.back() - open.front()).count() + 1);
        daily.first_purchases.assign(count, 0);
        daily.repeat_purchases.assign(count, 0);
        daily.repeat_revenue.assign(count, 0.0);
        daily.first_purchases[0] = customers;
        const double years = static_cast<double>(count) / 365.25;
        const double p = std::min(1.0, purchases_a_year * years / static_cast<double>(open.size()));
        std::mt19937_64 engine(seed);
        double total = 0.0;
        for (std::size_t k = 1; k < open.size(); ++k) {
            const auto at = static_cast<std::size_t>((open[k] - open.front()).count());
            daily.repeat_purchases[at] = std::binomial_distribution<std::uint32_t>(customers, p)(engine);
            total += daily.repeat_purchases[at];
        }
        rate = total / (static_cast<double>(count - 1) * customers);
    }
    static constexpr std::uint32_t customers = 60;

    [[nodiscard]] WeeklyPurchases cells() const {
        return calendar_purchases(daily, [this](double days) { return rate * days; });
    }
};

unsigned day_of(sys_days day) {
    return static_cast<unsigned>(year_month_day(day).day());
}
unsigned month_of(sys_days day) {
    return static_cast<unsigned>(year_month_day(day).month());
}
bool is_last_of_month(sys_days day) {
    return month_of(day + days(1)) != month_of(day);
}

struct Kind {
    const char* name;
    std::function<bool(sys_days)> is_open;
    const char* found;  ///< what the words begin with; empty: weeks
    double a_year;
    int days;
};

const std::vector<Kind>& kinds() {
    static const std::vector<Kind> all{
        {"fortnightly", [](sys_days d) { return (d - first_day).count() % 14 == 4; }, "every 2 weeks, on a Sunday", 6,
         730},
        {"four_weekly", [](sys_days d) { return (d - first_day).count() % 28 == 4; }, "every 4 weeks", 6, 1'200},
        {"ten_days", [](sys_days d) { return (d - first_day).count() % 10 == 0; }, "every 10 days", 6, 730},
        {"first_of_month", [](sys_days d) { return day_of(d) == 1; }, "every month, on day 1", 6, 1'096},
        {"last_of_month", is_last_of_month, "every month, on day 1 from its end", 6, 1'096},
        {"first_monday", [](sys_days d) { return weekday(d) == Monday && day_of(d) <= 7; },
         "every month, on days 1 to 7, on a Monday", 6, 1'096},
        {"first_working_day",
         [](sys_days d) {
             const auto on = weekday(d).c_encoding();
             return (day_of(d) == 1 && on != 0 && on != 6) || (on == 1 && (day_of(d) == 2 || day_of(d) == 3));
         },
         "every month, on days 1 to 3", 6, 1'096},
        {"quarterly", [](sys_days d) { return day_of(d) == 15 && month_of(d) % 3 == 1; }, "every 3 months", 3, 1'461},
        {"half_yearly", [](sys_days d) { return day_of(d) == 15 && month_of(d) % 6 == 3; }, "every 6 months", 1.5,
         2'192},
        {"yearly", [](sys_days d) { return day_of(d) == 20 && month_of(d) == 5; }, "once a year", 0.8, 2'192},
        {"monthly_20_weeks", [](sys_days d) { return day_of(d) == 1; }, "every month, on day 1", 8, 153},
        {"first_and_fifteenth", [](sys_days d) { return day_of(d) == 1 || day_of(d) == 15; }, "in some weeks only", 6,
         1'096},
        {"summer", [](sys_days d) { return month_of(d) / 3 == 2; }, "in some weeks only", 6, 1'340},
        {"no_august", [](sys_days d) { return month_of(d) != 8; }, "in some weeks only", 6, 1'461},
        {"mondays", [](sys_days d) { return weekday(d) == Monday; }, "", 6, 730},
        {"weekends", [](sys_days d) { return weekday(d) == Saturday || weekday(d) == Sunday; }, "", 6, 730},
        {"daily", [](sys_days) { return true; }, "", 6, 730},
        {"daily_six_years", [](sys_days) { return true; }, "", 6, 2'192},
        {"daily_few", [](sys_days) { return true; }, "", 0.5, 730},
        {"daily_twenty_weeks", [](sys_days) { return true; }, "", 6, 140},
    };
    return all;
}

class Rhythm : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Rhythm, IsFoundAndKeepsWhatWasBought) {
    const Kind& kind = kinds()[GetParam()];
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
        const Business business(kind.is_open, first_day + days(kind.days), kind.a_year, seed);
        const WeeklyPurchases cells = business.cells();
        if (*kind.found == '\0') {
            EXPECT_EQ(cells.rhythm, "") << seed;
            EXPECT_EQ(cells.warning, "") << seed;
            continue;
        }
        EXPECT_TRUE(cells.rhythm.starts_with(kind.found)) << cells.rhythm << ", seed " << seed;
        EXPECT_GT(cells.cell_weeks, 1.0);
        double actual = 0.0;
        double expected = 0.0;
        for (std::size_t w = 0; w < cells.actual.size(); ++w) {
            EXPECT_TRUE(cells.expected[w] > 0.0 || cells.actual[w] == 0.0) << w;
            actual += cells.actual[w];
            expected += cells.expected[w];
        }
        // A season's last year is not a whole one, so rate times time is too much; all else adds up.
        EXPECT_NEAR(actual / expected, 1.0, kind.name == std::string("summer") ? 0.25 : 0.02) << seed;
    }
}

TEST_P(Rhythm, TheWeeksToComeAreLikeThoseBefore) {
    const Kind& kind = kinds()[GetParam()];
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
        const Business business(kind.is_open, first_day + days(kind.days), kind.a_year, seed);
        const CalendarFit fit = fit_calendar(business.cells(), 156);
        const AverageFactor factor = average_factor(fit.draws, 156);
        EXPECT_NEAR(factor.mean, 1.0, 0.2) << seed;
        EXPECT_LE(factor.low, 1.0) << seed;
        EXPECT_GE(factor.high, 1.0) << seed;
        EXPECT_FALSE(factor.contradicts_closed_forms(1.5)) << seed;
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Rhythm, ::testing::Range(std::size_t{0}, kinds().size()),
                         [](const auto& info) { return std::string(kinds()[info.param].name); });

TEST(PurchaseRhythm, AClosureOrABadWeekIsNone) {
    const auto closed = [](sys_days from, int length) {
        return [=](sys_days day) { return day < from || day >= from + days(length); };
    };
    for (const int length : {7, 21, 42}) {
        const Business business(closed(2021y / March / 3, length), first_day + days(700), 6, 3);
        EXPECT_EQ(business.cells().rhythm, "") << length;
    }
}

TEST(PurchaseRhythm, WeeksWithoutARhythmAreWarnedOf) {
    // Open for single weeks, at no intervals that repeat, and for less than a year.
    const auto is_open = [](sys_days day) {
        const auto week = (day - first_day).count() / 7;
        return week <= 1 || week >= 29;
    };
    const WeeklyPurchases cells = Business(is_open, first_day + days(223), 9, 3).cells();
    EXPECT_EQ(cells.rhythm, "");
    EXPECT_NE(cells.warning.find("expected_purchases"), std::string::npos);
    EXPECT_EQ(fit_calendar(cells, 10, 4).warnings.size(), 1U);
}

TEST(PurchaseRhythm, WeeksOnAGridThatAreNoCellsContradictTheClosedForm) {
    // What the calendar took for weeks until now: most are empty, and count as usual.
    const Business business([](sys_days d) { return day_of(d) == 1; }, first_day + days(1'096), 6, 1);
    const WeeklyPurchases weeks = weekly_purchases(business.daily, [&](double days) { return business.rate * days; });
    const AverageFactor factor = average_factor(fit_calendar(weeks, 156).draws, 156);
    EXPECT_LT(factor.high, 0.9);
    EXPECT_TRUE(factor.contradicts_closed_forms(1.5));
}

}  // namespace
}  // namespace clv::purchase_rhythm_kinds
