#include "clv/data/readers/csv_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows all_rows(CsvReader& reader) {
    Rows rows;
    while (reader.next()) {
        std::vector<std::string> row;
        for (std::size_t field = 0; field < reader.size(); ++field) {
            row.emplace_back(reader[field]);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

/// Reads `text` in chunks of many sizes; all must agree.
Rows rows_of(const std::string& text) {
    CsvReader whole = CsvReader::from_text(text);
    const Rows rows = all_rows(whole);
    EXPECT_FALSE(whole.fault().has_value());
    for (std::size_t chunk_bytes = 1; chunk_bytes < 12; ++chunk_bytes) {
        CsvReader reader = CsvReader::from_text(text, "text", chunk_bytes);
        EXPECT_EQ(all_rows(reader), rows) << "chunks of " << chunk_bytes;
    }
    return rows;
}

Fault fault_of(const std::string& text) {
    CsvReader whole = CsvReader::from_text(text);
    all_rows(whole);
    const Fault fault = whole.fault().value_or(Fault{});
    EXPECT_TRUE(whole.fault().has_value());
    for (std::size_t chunk_bytes = 1; chunk_bytes < 12 && text.size() < 1000; ++chunk_bytes) {
        CsvReader reader = CsvReader::from_text(text, "text", chunk_bytes);
        all_rows(reader);
        EXPECT_TRUE(reader.fault().has_value());
        EXPECT_EQ(to_string(reader.fault().value_or(Fault{})), to_string(fault)) << "chunks of " << chunk_bytes;
    }
    return fault;
}

TEST(CsvReader, ReadsPlainRows) {
    EXPECT_EQ(rows_of("a,b\n1,2\n"), (Rows{{"a", "b"}, {"1", "2"}}));
    EXPECT_EQ(rows_of("a"), (Rows{{"a"}}));
    EXPECT_EQ(rows_of(""), Rows{});
    EXPECT_EQ(rows_of("\n\r\n\r"), Rows{});
}

TEST(CsvReader, EveryRowEndIsTheSame) {
    const Rows rows{{"a", "b"}, {"1", "2"}, {"3", "4"}};
    for (const std::string& end : {std::string("\n"), std::string("\r\n"), std::string("\r")}) {
        EXPECT_EQ(rows_of("a,b" + end + "1,2" + end + "3,4" + end), rows);
        EXPECT_EQ(rows_of("a,b" + end + "1,2" + end + "3,4"), rows) << "last line without an end";
        EXPECT_EQ(rows_of(end + "a,b" + end + end + "1,2" + end + "3,4" + end + end), rows) << "empty lines";
    }
}

TEST(CsvReader, EmptyFieldsAreFields) {
    EXPECT_EQ(rows_of(",\n,,\n\"\"\n"), (Rows{{"", ""}, {"", "", ""}, {""}}));
    EXPECT_EQ(rows_of("a,"), (Rows{{"a", ""}}));
}

TEST(CsvReader, QuotedFieldsHoldEverything) {
    EXPECT_EQ(rows_of("\"a,b\",\"say \"\"hi\"\"\",\"two\r\nlines\"\nx,\"\"\"\",\"\"\n"),
              (Rows{{"a,b", "say \"hi\"", "two\r\nlines"}, {"x", "\"", ""}}));
}

TEST(CsvReader, AQuoteInsideAPlainFieldIsACharacter) {
    EXPECT_EQ(rows_of("5\" pipe,a\n"), (Rows{{"5\" pipe", "a"}}));
}

TEST(CsvReader, SkipsTheByteOrderMark) {
    EXPECT_EQ(rows_of("\xEF\xBB\xBF"
                      "a,b\n"),
              (Rows{{"a", "b"}}));
    EXPECT_EQ(rows_of("\xEF\xBB\xBF\"a\"\n"), (Rows{{"a"}}));
}

TEST(CsvReader, KeepsUtf8) {
    EXPECT_EQ(rows_of("Zürich,東京,🙂\n"), (Rows{{"Zürich", "東京", "🙂"}}));
}

TEST(CsvReader, KnowsTheLineOfEveryField) {
    for (const std::size_t chunk_bytes : {1U, 5U, 1000U}) {
        CsvReader reader =
            CsvReader::from_text("h,i,j\r\n\r\n\"a\r\nb\nc\rd\",\"e\n\",f\r\ng,h,i\n", "text", chunk_bytes);
        ASSERT_TRUE(reader.next());
        EXPECT_EQ(reader.line(), 1U);
        EXPECT_EQ(reader.row_text(), "h,i,j");
        ASSERT_TRUE(reader.next());
        EXPECT_EQ(reader.line(0), 3U);
        EXPECT_EQ(reader.line(1), 6U);
        EXPECT_EQ(reader.line(2), 7U);
        EXPECT_EQ(reader.row_text(), "\"a\r\nb\nc\rd\",\"e\n\",f");
        ASSERT_TRUE(reader.next());
        EXPECT_EQ(reader.line(), 8U);
        EXPECT_FALSE(reader.next());
        EXPECT_FALSE(reader.next()) << "the end stays the end";
    }
}

TEST(CsvReader, AnOpenQuoteIsReportedWhereItOpened) {
    const Fault fault = fault_of("a,b\n1,2\n3,\"open\n4,5\n6,7\n");
    EXPECT_EQ(fault.kind, FaultKind::unterminated_quote);
    EXPECT_EQ(fault.line, 3U);
    EXPECT_EQ(fault.column_number, 2U);
    EXPECT_EQ(fault_of("a\n\"b\"\"").kind, FaultKind::unterminated_quote);
    EXPECT_EQ(fault_of("\"").kind, FaultKind::unterminated_quote);
}

TEST(CsvReader, TextAfterAClosingQuoteIsAFault) {
    const Fault fault = fault_of("a,b\n\"x\ny\",\"1\"2\n");
    EXPECT_EQ(fault.kind, FaultKind::text_after_quote);
    EXPECT_EQ(fault.line, 3U);
    EXPECT_EQ(fault.column_number, 2U);
}

TEST(CsvReader, ANulByteIsAFault) {
    using namespace std::string_literals;
    const Fault fault = fault_of("a,b,c\n1,x\0y,3\n"s);
    EXPECT_EQ(fault.kind, FaultKind::nul_byte);
    EXPECT_EQ(fault.line, 2U);
    EXPECT_EQ(fault.column_number, 2U);
    EXPECT_EQ(fault_of("a,b\n1,\"x\n\0\n"s).kind, FaultKind::nul_byte) << "before the open quote";
    EXPECT_EQ(fault_of("a,b\n1,\"x\n\0\n"s).line, 3U);
}

TEST(CsvReader, InvalidUtf8IsAFault) {
    const Fault fault = fault_of("a,b,c\n1,2,3\n\"x\n\",caf\xE9,3\n");
    EXPECT_EQ(fault.kind, FaultKind::invalid_utf8);
    EXPECT_EQ(fault.line, 4U);
    EXPECT_EQ(fault.column_number, 2U);
    EXPECT_EQ(fault_of("a\n\xC0\xAF\n").kind, FaultKind::invalid_utf8) << "overlong";
    EXPECT_EQ(fault_of("a\n\xED\xA0\x80\n").kind, FaultKind::invalid_utf8) << "surrogate";
    EXPECT_EQ(fault_of("\xFF\xFE"
                       "a")
                  .kind,
              FaultKind::invalid_utf8)
        << "UTF-16";
    EXPECT_EQ(fault_of("a\nxyz\xE2\x82").kind, FaultKind::invalid_utf8) << "cut off";
}

TEST(CsvReader, AFieldOverOneMebibyteStopsEarly) {
    const std::size_t line_bytes = 10'000'000;
    for (const char* quote : {"", "\""}) {
        CsvReader reader =
            CsvReader::from_text(std::string("a,b\n1,") + quote + std::string(line_bytes, 'x') + quote + "\n");
        EXPECT_EQ(all_rows(reader).size(), 1U);
        ASSERT_TRUE(reader.fault().has_value());
        EXPECT_EQ(reader.fault()->kind, FaultKind::field_too_long);
        EXPECT_EQ(reader.fault()->line, 2U);
        EXPECT_EQ(reader.fault()->column_number, 2U);
        EXPECT_LE(reader.bytes_consumed(), 2 * CsvReader::max_field_bytes + CsvReader::default_chunk_bytes);
    }
    const std::string longest(CsvReader::max_field_bytes, 'x');
    EXPECT_EQ(rows_of(longest + ",\"" + longest + "\"\n"), (Rows{{longest, longest}}));
    EXPECT_EQ(fault_of(longest + "x\n").kind, FaultKind::field_too_long);
    EXPECT_EQ(fault_of("\"" + longest + "x\"\n").kind, FaultKind::field_too_long);
}

TEST(CsvReader, ARowOverEightMebibytesIsAFault) {
    std::string text = "a,b\n";
    while (text.size() < 10'000'000) {
        text += "12345,";
    }
    const Fault fault = fault_of(text);
    EXPECT_EQ(fault.kind, FaultKind::row_too_long);
    EXPECT_EQ(fault.line, 2U);
}

TEST(CsvReader, FilesThatCannotBeReadAreInputErrors) {
    EXPECT_THROW(CsvReader(std::filesystem::path("/nowhere/customers.csv")), InputError);
    EXPECT_THROW(CsvReader(std::filesystem::temp_directory_path()), InputError);
    try {
        CsvReader reader{std::filesystem::path("/nowhere/customers.csv")};
        FAIL();
    } catch (const InputError& error) {
        EXPECT_NE(std::string(error.what()).find("/nowhere/customers.csv"), std::string::npos);
    }
}

TEST(CsvReader, ReadsFiles) {
    const auto path = std::filesystem::temp_directory_path() / "clv_csv_reader_test.csv";
    std::string text = "id,value\n";
    std::uint64_t sum = 0;
    for (std::uint64_t row = 0; row < 100'000; ++row) {
        text += fmt::format("{},{}\n", row, row * 7);
        sum += row * 7;
    }
    std::ofstream(path, std::ios::binary) << text;
    CsvReader reader(path);
    EXPECT_EQ(reader.total_bytes(), text.size());
    ASSERT_TRUE(reader.next());
    std::uint64_t rows = 0;
    std::uint64_t read_sum = 0;
    while (reader.next()) {
        read_sum += std::stoull(std::string(reader[1]));
        ++rows;
    }
    EXPECT_EQ(rows, 100'000U);
    EXPECT_EQ(read_sum, sum);
    EXPECT_EQ(reader.bytes_consumed(), text.size());
    std::filesystem::remove(path);
}

}  // namespace
}  // namespace clv
