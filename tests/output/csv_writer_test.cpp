#include "clv/output/tables/csv_writer.hpp"

#include <gtest/gtest.h>

#include <clocale>
#include <cmath>
#include <limits>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "output/folders.hpp"

namespace clv {
namespace {

using namespace std::string_view_literals;

const std::vector<std::string> two_columns{"a", "b"};

std::string text_of(double value) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.csv";
    CsvWriter csv(path, std::vector<std::string>{"x"});
    csv.cell(value);
    csv.end_row();
    csv.close();
    const std::string text = read_text(path);
    return text.substr(2, text.size() - 3);
}

TEST(CsvWriter, WritesHeaderAndRows) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.csv";
    CsvWriter csv(path, two_columns);
    csv.cell("C1"sv);
    csv.cell(2.5);
    csv.end_row();
    csv.cell(std::uint64_t{18446744073709551615U});
    csv.cell(-7);
    csv.end_row();
    csv.empty_cell();
    csv.cell(std::uint8_t{1});
    csv.end_row();
    csv.close();
    EXPECT_EQ(read_text(path), "a,b\nC1,2.5\n18446744073709551615,-7\n,1\n");
}

TEST(CsvWriter, MarksWhatASpreadsheetWouldRunOnRequest) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.csv";
    for (const bool marked : {false, true, false}) {
        mark_formula_texts(marked);
        EXPECT_FALSE(met_formula_texts());
        CsvWriter csv(path, std::vector<std::string>{"a"});
        for (const std::string_view text : {"=1+1"sv, "@x"sv, "-7,0"sv, "\r"sv, "a=b"sv, "'=1"sv, ""sv}) {
            csv.cell(text);
            csv.end_row();
        }
        csv.cell(-7.5);
        csv.end_row();
        csv.close();
        EXPECT_TRUE(met_formula_texts());
        EXPECT_EQ(read_text(path), marked ? "a\n'=1+1\n'@x\n\"'-7,0\"\n\"'\r\"\na=b\n''=1\n\n-7.5\n"
                                          : "a\n=1+1\n@x\n\"-7,0\"\n\"\r\"\na=b\n'=1\n\n-7.5\n");
    }
}

TEST(CsvWriter, QuotesWhereItMust) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.csv";
    CsvWriter csv(path, std::vector<std::string>{"a,b", "c"});
    csv.cell("say \"hi\""sv);
    csv.cell("two\nlines"sv);
    csv.end_row();
    csv.cell("=1+1"sv);
    csv.cell("K\xC3\xB6ln \r"sv);
    csv.end_row();
    csv.close();
    EXPECT_EQ(read_text(path), "\"a,b\",c\n\"say \"\"hi\"\"\",\"two\nlines\"\n=1+1,\"K\xC3\xB6ln \r\"\n");
}

TEST(CsvWriter, NumbersReadBackToTheSameDouble) {
    EXPECT_EQ(text_of(0.1), "0.1");
    EXPECT_EQ(text_of(1e300), "1e+300");
    EXPECT_EQ(text_of(-0.0), "0");
    EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "");
    EXPECT_THROW(text_of(-std::numeric_limits<double>::infinity()), ModelError);
    for (const double value : {1.0 / 3.0, 5e-324, 1.7976931348623157e308, 123456.789, std::nextafter(2.0, 3.0)}) {
        EXPECT_EQ(std::strtod(text_of(value).c_str(), nullptr), value);
    }
}

TEST(CsvWriter, RefusesARowOfAnotherWidth) {
    const TemporaryFolder folder;
    CsvWriter csv(folder.path() / "x.csv", two_columns);
    csv.cell(1);
    EXPECT_THROW(csv.end_row(), std::logic_error);
}

TEST(CsvWriter, SaysWhereItCannotWrite) {
    const TemporaryFolder folder;
    try {
        CsvWriter(folder.path() / "no" / "x.csv", two_columns);
        FAIL();
    } catch (const OutputError& error) {
        EXPECT_NE(std::string(error.what()).find("no/x.csv"), std::string::npos) << error.what();
        EXPECT_EQ(error.exit_code(), ExitCode::output);
    }
}

TEST(CsvWriter, SaysThatTheDiskIsFull) {
    const SmallDisk disk;
    CLV_SKIP_UNLESS_MOUNTED(disk);
    CsvWriter csv(disk.path() / "x.csv", two_columns);
    try {
        for (int row = 0; row < 1'000'000; ++row) {
            csv.cell(row);
            csv.cell(0.5);
            csv.end_row();
        }
        csv.close();
        FAIL() << "14 MB fitted on a disk of 1 MiB";
    } catch (const OutputError& error) {
        const std::string message = error.what();
        EXPECT_NE(message.find("disk is full"), std::string::npos) << message;
        EXPECT_NE(message.find("after 1.0 MB"), std::string::npos) << message;
        EXPECT_NE(message.find("earlier results are as they were"), std::string::npos) << message;
    }
}

TEST(CsvWriter, StopsWhenInterrupted) {
    const TemporaryFolder folder;
    CsvWriter csv(folder.path() / "x.csv", two_columns);
    request_interruption();
    EXPECT_THROW(csv.close(), Interrupted);
    clear_interruption();
}

}  // namespace
}  // namespace clv
