#include "clv/data/tables/parse_date.hpp"

#include <gtest/gtest.h>

namespace clv {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

TEST(ParseDate, KnowsTheFormats) {
    const sys_days day = 2011y / 12 / 9;
    for (const char* cell : {"2011-12-09", "20111209", " 2011-12-09 ", "2011-12-09 8:26", "2011-12-09T08:26:00.000Z"}) {
        EXPECT_EQ(parse_date(cell, DateFormat::iso), day) << cell;
    }
    EXPECT_EQ(parse_date("12/9/2011 8:26", DateFormat::month_first), day);
    EXPECT_EQ(parse_date("09/12/2011", DateFormat::day_first), day);
    EXPECT_EQ(parse_date("2012-02-29", DateFormat::iso), sys_days(2012y / 2 / 29));
}

TEST(ParseDate, RefusesTheRest) {
    for (const char* cell : {"", " ", "2011-02-29", "2011-13-01", "2011-00-01", "2011-1209", "201112-09", "2011-12-9",
                             "2011-12-09x", "2011-12-09 24:00", "2011-12-09 8:60", "12/9/2011"}) {
        EXPECT_FALSE(parse_date(cell, DateFormat::iso)) << cell;
    }
    EXPECT_FALSE(parse_date("13/1/2011", DateFormat::month_first));
    EXPECT_FALSE(parse_date("1/13/2011", DateFormat::day_first));
    EXPECT_FALSE(parse_date("2011-12-09", DateFormat::month_first));
    EXPECT_FALSE(parse_date("1/2/11", DateFormat::month_first));
}

}  // namespace
}  // namespace clv
