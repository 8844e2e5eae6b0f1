// Feature columns of a file with more rows than are taken up at a time, and the dictionary of their texts.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "clv/data/readers/customers_reader.hpp"

namespace clv {
namespace {

constexpr std::size_t rows_of_features = 10'000;

std::string quoted_plan(std::size_t row) {
    return fmt::format("plan \"{}\", {}", row % 7, row * row % 31);
}

/// Numbers, numbers among which texts come late, texts with quotes, and every hundredth row without revenue.
std::string three_features() {
    std::string text = "customer_id,monthly_revenue,score,code,plan\n";
    for (std::size_t row = 0; row < rows_of_features; ++row) {
        std::string quoted = quoted_plan(row);
        for (std::size_t at = 0; (at = quoted.find('"', at)) != std::string::npos; at += 2) {
            quoted.insert(at, 1, '"');
        }
        text += fmt::format("c{},{},{},{},\"{}\"\n", row, row % 100 == 99 ? "" : "1", 0.5 * static_cast<double>(row),
                            row == 9'000 ? "none" : fmt::format("{}.{}0", row % 13, row % 10), quoted);
    }
    return text;
}

TEST(FeatureColumns, AreThoseOfTheFileForAnyNumberOfThreads) {
    for (const int threads : {1, 2, 7}) {
        InputSettings settings;
        settings.threads = threads;
        settings.defaults = {{"churn_probability", "0.1"}};
        CsvReader reader = CsvReader::from_text(three_features());
        NoProgress progress;
        const CustomersRead read = read_customers(reader, settings, {}, progress);
        EXPECT_EQ(read.report.rows_rejected, rows_of_features / 100);
        ASSERT_EQ(read.table.features.size(), 3U);
        const auto& [score, code, plans] =
            std::tie(read.table.features[0], read.table.features[1], read.table.features[2]);
        ASSERT_TRUE(score.is_numeric());
        ASSERT_FALSE(code.is_numeric());
        EXPECT_EQ(code.categories[0], "0.00") << "in the order of the file";
        ASSERT_EQ(plans.codes.size(), rows_of_features - rows_of_features / 100);
        for (std::size_t row = 0, at = 0; row < rows_of_features; ++row) {
            if (row % 100 != 99) {
                ASSERT_EQ(score.values()[at], 0.5 * static_cast<double>(row));
                ASSERT_EQ(code.categories[code.codes[at]],
                          row == 9'000 ? "none" : fmt::format("{}.{}0", row % 13, row % 10));
                ASSERT_EQ(plans.categories[plans.codes[at]], quoted_plan(row));
                ++at;
            }
        }
    }
}

TEST(FeatureColumns, OfAsManyTextsAsThereIsRoomFor) {
    for (const std::size_t texts : {65'536U, 65'537U}) {
        std::string text = "customer_id,monthly_revenue,churn_probability,word\n";
        for (std::size_t row = 0; row < 70'000; ++row) {
            text += fmt::format("c{},1,0.1,w{}\n", row, row % texts);
        }
        CsvReader reader = CsvReader::from_text(text);
        NoProgress progress;
        const CustomersRead read = read_customers(reader, {}, {}, progress);
        ASSERT_EQ(read.table.features.size(), texts == 65'536U ? 1U : 0U);
        EXPECT_EQ(read.report.notes.size(), texts == 65'536U ? 0U : 1U);
        if (texts == 65'536U) {
            const FeatureColumn& word = read.table.features[0];
            ASSERT_EQ(word.categories.size(), texts);
            for (std::size_t row = 0; row < 70'000; ++row) {
                ASSERT_EQ(word.codes[row], row % texts);
                ASSERT_EQ(word.categories[word.codes[row]], fmt::format("w{}", row % texts));
            }
        }
    }
}

}  // namespace
}  // namespace clv
