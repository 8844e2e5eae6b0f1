#include "clv/data/tables/parse_number.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace clv {
namespace {

TEST(ParseNumber, ReadsDecimalNumbers) {
    for (const auto& [cell, value] : {std::pair{"1", 1.0},
                                      {"-2.5", -2.5},
                                      {"+3", 3.0},
                                      {" 4 ", 4.0},
                                      {"\t5e3 ", 5000.0},
                                      {".5", 0.5},
                                      {"5.", 5.0},
                                      {"1E-2", 0.01},
                                      {"0.1", 0.1}}) {
        const NumberCell number = parse_number(cell);
        EXPECT_EQ(number.kind, CellKind::number) << cell;
        EXPECT_EQ(number.value, value) << cell;
    }
    EXPECT_FALSE(std::signbit(parse_number("-0").value));
}

TEST(ParseNumber, TellsWhatElseACellIs) {
    for (const auto& [cell, kind] : {std::pair{"", CellKind::blank},
                                     {" \t", CellKind::blank},
                                     {"abc", CellKind::text},
                                     {"1,5", CellKind::text},
                                     {"12%", CellKind::text},
                                     {"1 2", CellKind::text},
                                     {"+-1", CellKind::text},
                                     {"+", CellKind::text},
                                     {"-", CellKind::text},
                                     {"1e", CellKind::text},
                                     {"$5", CellKind::text},
                                     {"0x10", CellKind::hexadecimal},
                                     {"-0X1p3", CellKind::hexadecimal},
                                     {"nan", CellKind::not_a_number},
                                     {"NaN", CellKind::not_a_number},
                                     {"inf", CellKind::infinite},
                                     {"-Infinity", CellKind::infinite},
                                     {"1e999", CellKind::beyond_double}}) {
        EXPECT_EQ(parse_number(cell).kind, kind) << cell;
        EXPECT_EQ(parse_number(cell).value, 0.0) << cell;
    }
}

TEST(Trimmed, BlanksOfAnyKindAroundAText) {
    for (const char* text : {"a b", " a b ", "\ta b\r\n",
                             "\xC2\xA0"
                             "a b",
                             "a b\xC2\xA0\xC2\xA0 ",
                             "\xE2\x80\xAF"
                             "a b",
                             "a b\xE2\x80\x87",
                             "\xEF\xBB\xBF"
                             "a b",
                             "\xE3\x80\x80"
                             "a b"}) {
        EXPECT_EQ(trimmed(text), "a b") << text;
    }
    EXPECT_EQ(trimmed(" \xC2\xA0 "), "");
    for (const char* text : {"a\xC2\xA0"
                             "b",
                             "a  b", "\xC3\xA0", "a\xC3\xA0", "\xA0", "\xE2\x80"}) {
        EXPECT_EQ(trimmed(text), text) << "blanks within, other characters and halves of one stay";
    }
}

TEST(ParseYesOrNo, KnowsThreeSpellings) {
    for (const char* cell : {"1", "yes", "YES", "Yes", "true", "True", " 1.0 "}) {
        EXPECT_EQ(parse_yes_or_no(cell), 1) << cell;
    }
    for (const char* cell : {"0", "no", "No", "false", "FALSE", "0.0"}) {
        EXPECT_EQ(parse_yes_or_no(cell), 0) << cell;
    }
    for (const char* cell : {"", "2", "y", "maybe", "-1"}) {
        EXPECT_EQ(parse_yes_or_no(cell), -1) << cell;
    }
}

}  // namespace
}  // namespace clv
