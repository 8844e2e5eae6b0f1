#include "clv/data/filters/filter.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/readers/customers_reader.hpp"

namespace clv {
namespace {

CustomerTable four_customers() {
    InputSettings settings;
    settings.columns = {{"tenure_months", "tenure"}};
    settings.segment_by = {"Contract"};
    CsvReader reader = CsvReader::from_text(
        "customer_id,monthly_revenue,tenure,churned,survival_1,survival_2,Contract,Age,Home Town\n"
        "a,10,1,no,0.9,0.8,Month-to-month,30,O'Fallon\n"
        "b,20,12,yes,0.8,0.7,One year,,Bern\n"
        "c,30,24,no,0.7,0.6,Two year,50,Bern\n"
        "d,40,2,no,0.6,0.5,Month-to-month,60,\n");
    NoProgress progress;
    return read_customers(reader, settings, {}, progress).table;
}

std::string mask_of(const std::string& text) {
    static const CustomerTable customers = four_customers();
    std::string mask;
    for (const std::uint8_t bit : Filter::parse(text).evaluate(customers)) {
        mask += bit != 0 ? '1' : '0';
    }
    return mask;
}

std::string error_of(const std::string& text) {
    try {
        return mask_of(text);
    } catch (const ConfigError& error) {
        return error.what();
    }
}

TEST(Filter, ComparesNumbers) {
    EXPECT_EQ(mask_of("monthly_revenue == 20"), "0100");
    EXPECT_EQ(mask_of("monthly_revenue != 20"), "1011");
    EXPECT_EQ(mask_of("monthly_revenue < 20"), "1000");
    EXPECT_EQ(mask_of("monthly_revenue <= 20"), "1100");
    EXPECT_EQ(mask_of("monthly_revenue > 20.0"), "0011");
    EXPECT_EQ(mask_of("monthly_revenue >= +2e1"), "0111");
    EXPECT_EQ(mask_of("20 < monthly_revenue"), "0011");
    EXPECT_EQ(mask_of("churned == 1"), "0100");
    EXPECT_EQ(mask_of("survival_2>0.65"), "1100");
    EXPECT_EQ(mask_of("margin >= 1"), "1111") << "defaults count";
}

TEST(Filter, ComparesTexts) {
    EXPECT_EQ(mask_of("Contract == 'Month-to-month'"), "1001");
    EXPECT_EQ(mask_of("Contract != \"Month-to-month\""), "0110");
    EXPECT_EQ(mask_of("segment == 'Two year'"), "0010");
    EXPECT_EQ(mask_of("customer_id == 'c'"), "0010");
    EXPECT_EQ(mask_of("`Home Town` == 'O''Fallon'"), "1000");
    EXPECT_EQ(mask_of("`Home Town` == ''"), "0001");
    EXPECT_EQ(mask_of("Contract == 'Never'"), "0000");
}

TEST(Filter, AColumnHasBothItsNames) {
    EXPECT_EQ(mask_of("tenure_months < 12"), "1001");
    EXPECT_EQ(mask_of("tenure < 12"), "1001");
}

TEST(Filter, NotBindsTighterThanAndThanOr) {
    EXPECT_EQ(mask_of("Contract == 'Month-to-month' and tenure < 2 or not (monthly_revenue <= 20)"), "1011");
    EXPECT_EQ(mask_of("monthly_revenue == 10 or monthly_revenue == 20 and tenure > 100"), "1000");
    EXPECT_EQ(mask_of("(monthly_revenue == 10 or monthly_revenue == 20) and tenure > 100"), "0000");
    EXPECT_EQ(mask_of("not monthly_revenue == 10 and tenure < 20"), "0101");
    EXPECT_EQ(mask_of("NOT (tenure < 20 AND tenure > 1) OR customer_id == 'b'"), "1110");
    EXPECT_EQ(mask_of("not not tenure < 20"), "1101");
}

TEST(Filter, MissingNumbersCompareFalse) {
    EXPECT_EQ(mask_of("Age > 0"), "1011");
    EXPECT_EQ(mask_of("Age != 30"), "0011");
    EXPECT_EQ(mask_of("not (Age > 40)"), "1100");
}

TEST(Filter, BlankHoldsForEverybody) {
    EXPECT_EQ(mask_of("  "), "1111");
}

TEST(Filter, ErrorsNameThePosition) {
    EXPECT_THROW((void)Filter::parse("tenure <"), ConfigError);
    for (const auto& [text, position] : {std::pair{"tenure < ", "position 10"},
                                         {"tenure = 3", "position 8"},
                                         {"tenure 3", "position 8"},
                                         {"(tenure < 3", "position 12"},
                                         {"tenure < 3)", "position 11"},
                                         {"tenure < 3 tenure", "position 12"},
                                         {"tenure < 3 and", "position 15"},
                                         {"Contract == 'abc", "position 13"},
                                         {"3 < 4", "position 1"},
                                         {"Contract == Month", "position 13"},
                                         {"tenure < 3x", "position 10"},
                                         {"tenure < -inf", "position 10"},
                                         {"tenure < +-3", "position 10"},
                                         {"or tenure < 3", "position 1"},
                                         {"tenure < 3 & churned == 1", "position 12"}}) {
        EXPECT_NE(error_of(text).find(position), std::string::npos) << error_of(text);
    }
    EXPECT_NE(error_of("Contract == Month").find("write 'Month'"), std::string::npos);
    EXPECT_NE(error_of(std::string(100'000, '(')).find("nested"), std::string::npos);
    std::string nots;
    for (int depth = 0; depth < 100'000; ++depth) {
        nots += "not ";
    }
    EXPECT_NE(error_of(nots).find("nested"), std::string::npos);
}

TEST(Filter, UnknownColumnsGetASuggestion) {
    EXPECT_NE(error_of("Contracts == 'x'").find("did you mean 'Contract'?"), std::string::npos);
    EXPECT_NE(error_of("tenur_months < 3").find("did you mean 'tenure_months'?"), std::string::npos);
    EXPECT_NE(error_of("churn_probability < 3").find("no column 'churn_probability'"), std::string::npos);
    EXPECT_NE(error_of("survival_3 < 3").find("no column"), std::string::npos);
}

TEST(Filter, TextsAndNumbersDoNotMix) {
    EXPECT_NE(error_of("tenure == '3'").find("is a number"), std::string::npos);
    EXPECT_NE(error_of("Contract == 3").find("is a text"), std::string::npos);
    EXPECT_NE(error_of("Contract < 'b'").find("only == and !="), std::string::npos);
    EXPECT_NE(error_of("customer_id == 3").find("is a text"), std::string::npos);
}

}  // namespace
}  // namespace clv
