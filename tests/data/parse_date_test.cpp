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

TEST(ParseDate, TheDayIsTheDayAsWritten) {
    const sys_days day = 2011y / 12 / 9;
    for (const char* cell : {"2011-12-09T23:30:00+01:00",
                             "2011-12-09T00:30:00+14:00",
                             "2011-12-09T23:30:00-0800",
                             "2011-12-09 23:30+01",
                             "2011-12-09T23:30:00.123456789012Z",
                             "2011-12-09T23:30:00,5+02:00",
                             "2011-12-09t23:30:00z",
                             "2011-12-09 23:30:00 +0200",
                             "2011-12-09 23:30:00 UTC",
                             "2011-12-09 23:30:00GMT",
                             "2011-12-09 23:30:00 GMT+0100",
                             "2011-12-09T23:30:00+01:00[Europe/Paris]",
                             "2011-12-09T23:30:60Z",
                             "20111209T233000Z",
                             "20111209T2330+0100",
                             "2011-12-09Z",
                             "2011-12-09+01:00",
                             "2011-12-09 -05:00",
                             "2011-12-09T23:30:00\xE2\x88\x92"
                             "05:00",
                             "2011-12-09 00:00:00+00:19:32",
                             "\xC2\xA0"
                             "2011-12-09\t"}) {
        EXPECT_EQ(parse_date(cell, DateFormat::iso), day) << cell;
    }
    EXPECT_EQ(parse_date("12/9/2011 8:26:00 AM", DateFormat::month_first), day);
    EXPECT_EQ(parse_date("9/12/2011 12:26pm", DateFormat::day_first), day);
    for (const char* cell : {"2011-12-09T23:30:00+1:00", "2011-12-09T23:30:00+24:00", "2011-12-09T23:30:00+01:60",
                             "2011-12-09T23:30:00 CET", "2011-12-09T23:30:00+01:00x", "2011-12-09T",
                             "2011-12-09T+01:00", "2011-12-09T23:30:00.Z", "2011-12-09T23:30:00[Europe/Paris",
                             "2011-12-09 13:26 PM", "2011-12-09T233", "2011-12-09 5"}) {
        EXPECT_FALSE(parse_date(cell, DateFormat::iso)) << cell;
    }
    EXPECT_TRUE(names_a_zone("2011-12-09T23:30:00 CET"));
    EXPECT_TRUE(names_a_zone("9/12/2011 23:30 Europe/Berlin"));
    EXPECT_FALSE(names_a_zone("2011-12-09T23:30:00Z"));
    EXPECT_FALSE(names_a_zone("never"));
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
