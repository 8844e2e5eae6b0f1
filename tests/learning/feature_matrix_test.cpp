// What a learner sees of customers: which columns, of what kind, and how they are coded.

#include "clv/learning/feature_matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "learning/random_tables.hpp"
#include "learning/single_column.hpp"
#include "support/labelled_customers.hpp"

namespace clv {
namespace {

using test::add_numbers;
using test::add_texts;
using test::bare_customers;
using test::blank;
using test::learning_of_left;
using test::numbers_of;
using test::pick_customers;
using test::texts_of;
using test::uniform_of;

constexpr std::size_t many = 200;

/// Outcomes by chance, in column "left".
CustomerTable customers_with_outcomes(std::size_t count = many) {
    CustomerTable customers = bare_customers(count);
    add_texts(customers, "left",
              texts_of(count, [](std::size_t i) { return std::string(uniform_of(i, 0) < 0.4 ? "yes" : "no"); }));
    return customers;
}

/// One of a, b and c, by chance.
std::string any_of_three(std::size_t i) {
    return std::string(1, "abc"[static_cast<int>(3.0 * uniform_of(i, 5))]);
}

struct Columns {
    std::vector<LearnedColumn> learned;
    std::vector<LeftOut> left_out;

    [[nodiscard]] const LearnedColumn* find(const std::string& name) const {
        const auto found = std::ranges::find(learned, name, &LearnedColumn::name);
        return found == learned.end() ? nullptr : &*found;
    }
    [[nodiscard]] std::string why(const std::string& name) const {
        const auto found = std::ranges::find(left_out, name, &LeftOut::column);
        return found == left_out.end() ? "" : found->why;
    }
};

Columns columns_of(const CustomerTable& customers, const LearnSettings& settings = learning_of_left()) {
    Columns columns;
    columns.learned = learned_columns(customers, churn_outcomes(customers, settings), settings, columns.left_out);
    return columns;
}

template <class Fault, class Call>
std::string message_of(Call call) {
    try {
        call();
    } catch (const Fault& fault) {
        return fault.what();
    }
    return "";
}

/// One column of the matrix.
std::vector<float> entries(const FeatureMatrix& matrix, std::size_t column) {
    std::vector<float> all;
    for (std::size_t row = 0; row < matrix.rows; ++row) {
        all.push_back(matrix.row(row)[column]);
    }
    return all;
}

TEST(FeatureMatrix, NumbersAreNumbersAndTextsAreCategories) {
    CustomerTable customers = customers_with_outcomes();
    test::set_column(customers.monthly_revenue, numbers_of(many, [](std::size_t i) { return 5.0 * uniform_of(i, 1); }));
    customers.margin.assign(many, 1.0);  // as nobody gave it
    add_numbers(customers, "visits",
                numbers_of(many, [](std::size_t i) { return std::floor(9.0 * uniform_of(i, 2)); }));
    add_texts(customers, "plan", texts_of(many, any_of_three));
    const Columns columns = columns_of(customers);
    ASSERT_EQ(columns.learned.size(), 3U);
    EXPECT_EQ(columns.find("monthly_revenue")->kind, FeatureKind::number);
    EXPECT_EQ(columns.find("visits")->kind, FeatureKind::number);
    ASSERT_EQ(columns.find("plan")->kind, FeatureKind::category);
    EXPECT_EQ(columns.find("plan")->levels, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(columns.find("left"), nullptr) << "the outcome itself";
    EXPECT_TRUE(columns.left_out.empty()) << "what nobody gave is not worth a word";
    const FeatureMatrix matrix = feature_matrix(customers, columns.learned);
    ASSERT_EQ(matrix.rows, many);
    for (std::size_t i = 0; i < many; ++i) {
        EXPECT_EQ(matrix.row(i)[0], static_cast<float>(5.0 * uniform_of(i, 1)));
        EXPECT_EQ(matrix.row(i)[1], static_cast<float>(std::floor(9.0 * uniform_of(i, 2))));
        EXPECT_EQ(matrix.row(i)[2], static_cast<float>(any_of_three(i)[0] - 'a'));
    }
}

TEST(FeatureMatrix, DeclaredKindsGoBeforeGuesses) {
    CustomerTable customers = customers_with_outcomes();
    const auto tariff = [](std::size_t i) { return 101.0 + std::floor(3.0 * uniform_of(i, 1)); };
    const auto paid = [](std::size_t i) { return std::to_string(static_cast<int>(1'000.0 * uniform_of(i, 2)) / 10); };
    add_numbers(customers, "tariff", numbers_of(many, tariff));
    add_texts(customers, "paid", texts_of(many, [&](std::size_t i) { return i == 7 ? "n/a" : paid(i); }));
    LearnSettings settings = learning_of_left();
    settings.kinds = {{"tariff", "category"}, {"paid", "number"}};
    const Columns columns = columns_of(customers, settings);
    EXPECT_EQ(columns.find("tariff")->levels, (std::vector<std::string>{"101", "102", "103"}));
    ASSERT_EQ(columns.find("paid")->kind, FeatureKind::number);
    const FeatureMatrix matrix = feature_matrix(customers, columns.learned);
    for (std::size_t i = 0; i < many; ++i) {
        EXPECT_EQ(matrix.row(i)[0], static_cast<float>(tariff(i) - 101.0));
        if (i != 7) {
            EXPECT_EQ(matrix.row(i)[1], std::stof(paid(i)));
        }
    }
    EXPECT_TRUE(std::isnan(matrix.row(7)[1])) << "no number";

    settings.kinds = {{"tarif", "category"}};
    const auto learn = [&] { (void)columns_of(customers, settings); };
    EXPECT_NE(message_of<ConfigError>(learn).find("did you mean 'tariff'?"), std::string::npos);
    settings.kinds = {{"tariff", "text"}};
    EXPECT_NE(message_of<ConfigError>(learn).find("learn.kinds.tariff is 'text'"), std::string::npos);
    settings.kinds.clear();
    settings.exclude = {"paids"};
    EXPECT_NE(message_of<ConfigError>(learn).find("did you mean 'paid'?"), std::string::npos);
    settings.exclude = {"paid", "left"};
    EXPECT_EQ(columns_of(customers, settings).find("paid"), nullptr);
}

TEST(FeatureMatrix, BlankCellsAreMissing) {
    CustomerTable customers = customers_with_outcomes();
    add_numbers(customers, "visits", numbers_of(many, [](std::size_t i) {
                    return i % 3 == 0 ? blank : std::floor(9.0 * uniform_of(i, 2));
                }));
    add_texts(customers, "plan",
              texts_of(many, [](std::size_t i) { return i % 4 == 0 ? std::string() : any_of_three(i); }));
    const Columns columns = columns_of(customers);
    EXPECT_EQ(columns.find("plan")->levels, (std::vector<std::string>{"a", "b", "c"})) << "a blank is no level";
    const FeatureMatrix matrix = feature_matrix(customers, columns.learned);
    for (std::size_t i = 0; i < many; ++i) {
        EXPECT_EQ(std::isnan(matrix.row(i)[0]), i % 3 == 0);
        EXPECT_EQ(std::isnan(matrix.row(i)[1]), i % 4 == 0);
    }
}

TEST(FeatureMatrix, WhatSaysNothingIsLeftOut) {
    CustomerTable customers = customers_with_outcomes();
    add_numbers(customers, "visits", numbers_of(many, [](std::size_t i) { return uniform_of(i, 2); }));
    add_numbers(customers, "year", std::vector<double>(many, 2026.0));
    add_texts(customers, "country", std::vector<std::string>(many, "IT"));
    add_numbers(customers, "nothing", std::vector<double>(many, blank));
    add_texts(customers, "note", std::vector<std::string>(many, ""));
    add_numbers(customers, "number", numbers_of(many, [](std::size_t i) { return 5'000.0 + static_cast<double>(i); }));
    add_texts(customers, "email", texts_of(many, [](std::size_t i) { return std::to_string(i) + "@example.org"; }));
    const Columns columns = columns_of(customers);
    ASSERT_EQ(columns.learned.size(), 1U);
    EXPECT_EQ(columns.learned[0].name, "visits");
    for (const char* constant : {"year", "country"}) {
        EXPECT_EQ(columns.why(constant), "is the same for everybody");
    }
    for (const char* empty : {"nothing", "note"}) {
        EXPECT_EQ(columns.why(empty), "is blank for everybody");
    }
    for (const char* id : {"number", "email"}) {
        EXPECT_EQ(columns.why(id), "has a value of its own for most customers, as an id or free text");
    }
    EXPECT_TRUE(std::ranges::none_of(columns.left_out, &LeftOut::is_warning));

    LearnSettings settings = learning_of_left();
    settings.kinds = {{"number", "number"}, {"email", "category"}, {"year", "number"}};
    const Columns declared = columns_of(customers, settings);
    EXPECT_NE(declared.find("number"), nullptr);
    EXPECT_NE(declared.find("email"), nullptr);
    EXPECT_EQ(declared.find("year"), nullptr) << "nobody can learn from a constant";
}

TEST(FeatureMatrix, AnIdIsWholeAndEachOnce) {
    CustomerTable customers = customers_with_outcomes();
    add_numbers(customers, "fraction", numbers_of(many, [](std::size_t i) { return 0.5 + static_cast<double>(i); }));
    add_numbers(customers, "twice", numbers_of(many, [](std::size_t i) { return static_cast<double>(i / 2); }));
    add_numbers(customers, "sparse", numbers_of(many, [](std::size_t i) { return static_cast<double>(3 * i); }));
    add_texts(customers, "often", texts_of(many, [](std::size_t i) { return std::to_string(i / 2); }));
    EXPECT_EQ(columns_of(customers).learned.size(), 4U);
    // of a few customers an id cannot be told from a number
    CustomerTable few = bare_customers(19);
    add_numbers(few, "left", numbers_of(19, [](std::size_t i) { return i % 2; }));
    add_numbers(few, "number", numbers_of(19, [](std::size_t i) { return static_cast<double>(i); }));
    EXPECT_NE(columns_of(few).find("number"), nullptr);
}

/// What is only known afterwards: of every kind, and it tells by a value or by having none.
CustomerTable telling_customers() {
    CustomerTable customers = customers_with_outcomes();
    const Outcomes left = churn_outcomes(customers, learning_of_left());
    add_numbers(customers, "visits", numbers_of(many, [](std::size_t i) { return uniform_of(i, 2); }));
    add_numbers(customers, "refund",
                numbers_of(many, [&](std::size_t i) { return left[i] == 1 ? 1.0 + uniform_of(i, 3) : 0.0; }));
    add_numbers(customers, "last_bill",
                numbers_of(many, [&](std::size_t i) { return left[i] == 1 ? blank : uniform_of(i, 4) - 0.5; }));
    add_texts(customers, "reason", texts_of(many, [&](std::size_t i) {
                  return left[i] == 0 ? std::string() : std::string(i % 2 == 0 ? "price" : "moved");
              }));
    return customers;
}

TEST(FeatureMatrix, WhatTellsTooMuchIsLeftOutWithAWarning) {
    const CustomerTable customers = telling_customers();
    const Columns columns = columns_of(customers);
    ASSERT_EQ(columns.learned.size(), 1U);
    for (const auto& [column, kind] :
         {std::pair{"refund", "number"}, std::pair{"last_bill", "number"}, std::pair{"reason", "category"}}) {
        EXPECT_NE(columns.why(column).find("tells the outcome almost surely (AUC 1.0000)"), std::string::npos)
            << column;
        EXPECT_NE(columns.why(column).find(std::string("learn.kinds.") + column + " = \"" + kind + "\""),
                  std::string::npos);
    }
    EXPECT_TRUE(std::ranges::all_of(columns.left_out, &LeftOut::is_warning));

    LearnSettings settings = learning_of_left();
    settings.kinds = {{"refund", "number"}, {"last_bill", "number"}, {"reason", "category"}};
    const Columns declared = columns_of(customers, settings);
    EXPECT_EQ(declared.learned.size(), 4U);
    EXPECT_TRUE(declared.left_out.empty());
}

TEST(FeatureMatrix, WhatTellsMuchIsLearnedFrom) {
    // One in fifty says something else: an AUC of .98.
    CustomerTable customers = customers_with_outcomes();
    const Outcomes left = churn_outcomes(customers, learning_of_left());
    const auto said = [&](std::size_t i) { return (left[i] == 1) != (i % 50 == 0); };
    add_numbers(customers, "signal", numbers_of(many, said));
    add_texts(customers, "word", texts_of(many, [&](std::size_t i) { return std::string(said(i) ? "x" : "y"); }));
    EXPECT_EQ(columns_of(customers).learned.size(), 2U);
    // A level for every second customer does not tell by having been seen once.
    add_texts(customers, "code", texts_of(many, [](std::size_t i) { return std::to_string(i / 3); }));
    EXPECT_NE(columns_of(customers).find("code"), nullptr);
}

TEST(FeatureMatrix, SegmentsAreLearnedFromUnlessTheyWereMadeOfOtherColumns) {
    CustomerTable customers = customers_with_outcomes();
    add_numbers(customers, "visits", numbers_of(many, [](std::size_t i) { return uniform_of(i, 2); }));
    customers.segments = {"east", "west"};
    for (std::size_t i = 0; i < many; ++i) {
        customers.segment.push_back(static_cast<std::uint32_t>(i % 2));
    }
    LearnSettings settings = learning_of_left();
    EXPECT_EQ(columns_of(customers, settings).find("segment")->levels, (std::vector<std::string>{"east", "west"}));
    settings.segments_are_made = true;
    EXPECT_EQ(columns_of(customers, settings).find("segment"), nullptr);
}

TEST(FeatureMatrix, WithoutAnyColumnThereIsNothingToLearnFrom) {
    CustomerTable customers = customers_with_outcomes();
    add_texts(customers, "country", std::vector<std::string>(many, "IT"));
    EXPECT_NE(message_of<InputError>([&] { (void)columns_of(customers); }).find("no column to learn from"),
              std::string::npos);
}

TEST(FeatureMatrix, RareLevelsAreOneAndSoAreUnknownOnes) {
    CustomerTable customers = customers_with_outcomes();
    const auto plan = [](std::size_t i) { return i < 2 ? std::string("gold") : i < 4 ? "silver" : any_of_three(i); };
    add_texts(customers, "plan", texts_of(many, plan));
    add_texts(customers, "device", texts_of(many, any_of_three));
    const Columns columns = columns_of(customers);
    EXPECT_EQ(columns.find("plan")->levels, (std::vector<std::string>{"a", "b", "c", "(other)"}));
    EXPECT_EQ(entries(feature_matrix(customers, columns.learned), 0)[1], 3.0F);
    EXPECT_EQ(entries(feature_matrix(customers, columns.learned), 0)[3], 3.0F);

    // Three customers are enough for a level.
    CustomerTable three = customers_with_outcomes();
    add_texts(three, "plan",
              texts_of(many, [](std::size_t i) { return i < 3 ? std::string("gold") : any_of_three(i); }));
    EXPECT_EQ(columns_of(three).find("plan")->levels, (std::vector<std::string>{"a", "b", "c", "gold"}));

    CustomerTable later = bare_customers(2);
    add_texts(later, "plan", {"platinum", "b"});
    add_texts(later, "device", {"d", "b"});
    const FeatureMatrix matrix = feature_matrix(later, columns.learned);
    EXPECT_EQ(matrix.row(0)[0], 3.0F) << "as rare ones are";
    EXPECT_TRUE(std::isnan(matrix.row(0)[1])) << "no level stands for what was never seen";
    EXPECT_EQ(matrix.row(1)[0], 1.0F);
    EXPECT_EQ(matrix.row(1)[1], 1.0F);
}

TEST(FeatureMatrix, ACategoryHasNoMoreLevelsThanTreesTake) {
    constexpr std::size_t count = 2'000;
    CustomerTable customers = customers_with_outcomes(count);
    // 400 levels, the first hundred of which have six customers each
    add_texts(customers, "code", texts_of(count, [](std::size_t i) {
                  return "l" + std::to_string(1'000 + (i < 1'600 ? i % 400 : i % 200 / 2));
              }));
    const Columns columns = columns_of(customers);
    const std::vector<std::string>& levels = columns.find("code")->levels;
    ASSERT_EQ(levels.size(), 255U);
    EXPECT_EQ(levels.back(), "(other)");
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_EQ(levels[i], "l" + std::to_string(1'000 + i)) << "the most frequent ones are kept";
    }
}

TEST(FeatureMatrix, AColumnOfALearnerThatIsMissingIsNamedWithTheRemedy) {
    CustomerTable customers = customers_with_outcomes();
    add_numbers(customers, "visits", numbers_of(many, [](std::size_t i) { return uniform_of(i, 2); }));
    const std::vector<LearnedColumn> learned = columns_of(customers).learned;
    CustomerTable later = bare_customers(3);
    add_numbers(later, "visit", {1.0, 2.0, 3.0});
    const std::string message = message_of<InputError>([&] { (void)feature_matrix(later, learned); });
    EXPECT_NE(message.find("'visits'"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean 'visit'?"), std::string::npos) << message;
    EXPECT_NE(message.find("or learn again"), std::string::npos) << message;
    // A column that the file calls by another name than we do is found by both.
    const std::vector<LearnedColumn> by_our_name{{"tenure_months", FeatureKind::number, {}}};
    later.mapped_names = {{"Months", "tenure_months"}};
    test::set_column(later.tenure_months, {4.0, 5.0, 6.0});
    EXPECT_EQ(entries(feature_matrix(later, by_our_name), 0), (std::vector<float>{4.0F, 5.0F, 6.0F}));
    EXPECT_EQ(tenures(later, "Months"), (std::vector<double>{4.0, 5.0, 6.0}));
}

TEST(FeatureMatrix, TheOrderOfRowsDoesNotMatter) {
    CustomerTable customers = telling_customers();
    add_texts(customers, "plan",
              texts_of(many, [](std::size_t i) { return i < 2 ? std::string("gold") : any_of_three(i); }));
    const std::vector<std::size_t> order = shuffled_order(many, 3);
    const CustomerTable shuffled = pick_customers(customers, order);
    const Columns straight = columns_of(customers);
    const Columns other = columns_of(shuffled);
    ASSERT_EQ(other.learned.size(), straight.learned.size());
    for (std::size_t column = 0; column < straight.learned.size(); ++column) {
        EXPECT_EQ(other.learned[column].name, straight.learned[column].name);
        EXPECT_EQ(other.learned[column].levels, straight.learned[column].levels);
    }
    ASSERT_EQ(other.left_out.size(), straight.left_out.size());
    for (std::size_t column = 0; column < straight.left_out.size(); ++column) {
        EXPECT_EQ(other.left_out[column].why, straight.left_out[column].why);
    }
    const FeatureMatrix a = feature_matrix(customers, straight.learned);
    const FeatureMatrix b = feature_matrix(shuffled, other.learned);
    for (std::size_t i = 0; i < many; ++i) {
        EXPECT_TRUE(std::ranges::equal(b.row(i), a.row(order[i])));
    }
}

TEST(SingleColumn, TellsAsMuchAsItsBetterOrder) {
    const Outcomes left{0, 0, 1, 0, 1, 1, unknown_outcome};
    const std::vector<std::uint64_t> ids{1, 2, 3, 4, 5, 6, 7};
    const LearnedColumn x{"x", FeatureKind::number, {}};
    const auto auc = [&](const std::vector<float>& values) { return auc_of_column(values, x, left, ids); };
    EXPECT_DOUBLE_EQ(auc({1, 2, 3, 4, 5, 6, -9}), 8.0 / 9.0);
    EXPECT_DOUBLE_EQ(auc({6, 5, 4, 3, 2, 1, 9}), 8.0 / 9.0) << "either way";
    EXPECT_DOUBLE_EQ(auc({1, 1, 1, 1, 2, 2, 1}), 1.0 - 1.0 / 6.0) << "ties count half";
    EXPECT_DOUBLE_EQ(auc({1, 1, 1, 1, 1, 1, 2}), 0.5);
}

TEST(SingleColumn, ALevelDoesNotTellByWhoIsInIt) {
    // Of many small levels, each knows its own customers' outcomes and nobody else's.
    constexpr std::size_t count = 3'000;
    const CustomerTable customers = customers_with_outcomes(count);
    LearnedColumn code{"code", FeatureKind::category, {}};
    std::vector<float> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(static_cast<float>(i % 1'000));
    }
    for (std::size_t level = 0; level < 1'000; ++level) {
        code.levels.push_back(std::to_string(level));
    }
    const Outcomes left = churn_outcomes(customers, learning_of_left());
    const double se = std::sqrt(1.0 / 12.0 * (1.0 / 1'200.0 + 1.0 / 1'800.0));  // of an AUC that says nothing
    EXPECT_LT(auc_of_column(values, code, left, customers.id_hash), 0.5 + 4.0 * se);
    const LearnedColumn number{"code", FeatureKind::number, {}};
    EXPECT_LT(auc_of_column(values, number, left, customers.id_hash), 0.5 + 4.0 * se);
}

Outcomes outcomes_of(const std::vector<std::string>& cells, const std::string& positive = "") {
    CustomerTable customers = bare_customers(cells.size());
    add_texts(customers, "left", cells);
    LearnSettings settings = learning_of_left();
    settings.positive = positive;
    return churn_outcomes(customers, settings);
}

TEST(ChurnOutcomes, AreYesNoOrUnknown) {
    EXPECT_EQ(outcomes_of({"yes", "No", "TRUE", "false", "1", "0", " Yes ", "", "  "}),
              (Outcomes{1, 0, 1, 0, 1, 0, 1, -1, -1}));
    CustomerTable customers = bare_customers(3);
    add_numbers(customers, "left", {1.0, 0.0, blank});
    EXPECT_EQ(churn_outcomes(customers, learning_of_left()), (Outcomes{1, 0, -1}));
}

TEST(ChurnOutcomes, ThePositiveValueIsWhatSettingsSay) {
    EXPECT_EQ(outcomes_of({"gone", "here", "", "gone "}, "gone"), (Outcomes{1, 0, -1, 1}));
    EXPECT_EQ(outcomes_of({"yes", "no"}, "no"), (Outcomes{0, 1}));
    CustomerTable customers = bare_customers(3);
    add_numbers(customers, "left", {3.0, 4.0, blank});
    LearnSettings settings = learning_of_left();
    settings.positive = "4";
    EXPECT_EQ(churn_outcomes(customers, settings), (Outcomes{0, 1, -1}));
}

TEST(ChurnOutcomes, TheEnginesOwnColumnCounts) {
    CustomerTable customers = bare_customers(3);
    customers.churned = {1, 0, 1};
    customers.mapped_names = {{"Churn", "churned"}};
    for (const char* name : {"churned", "Churn"}) {
        LearnSettings settings;
        settings.target_column = name;
        EXPECT_EQ(churn_outcomes(customers, settings), (Outcomes{1, 0, 1}));
    }
}

TEST(ChurnOutcomes, RefusalsNameTheRemedy) {
    EXPECT_NE(message_of<InputError>([] {
                  (void)outcomes_of({"yes", "perhaps"});
              }).find("learn.positive"),
              std::string::npos);
    CustomerTable customers = customers_with_outcomes();
    LearnSettings settings;
    EXPECT_NE(message_of<ConfigError>([&] { (void)churn_outcomes(customers, settings); }).find("learn.target_column"),
              std::string::npos);
    settings.target_column = "lefd";
    const std::string message = message_of<InputError>([&] { (void)churn_outcomes(customers, settings); });
    EXPECT_NE(message.find("no column 'lefd'"), std::string::npos) << message;
    EXPECT_NE(message.find("did you mean 'left'?"), std::string::npos) << message;
}

TEST(Tenures, AreMonthsOfTheColumnThatIsNamed) {
    CustomerTable customers = bare_customers(2);
    EXPECT_TRUE(tenures(customers, "").empty());
    add_texts(customers, "months", {"3", "7.5"});
    EXPECT_EQ(tenures(customers, "months"), (std::vector<double>{3.0, 7.5}));
    EXPECT_THROW((void)tenures(customers, "month"), InputError);
    add_texts(customers, "since", {"3", ""});
    EXPECT_NE(message_of<InputError>([&] { (void)tenures(customers, "since"); }).find("customer c1"),
              std::string::npos);
}

}  // namespace
}  // namespace clv
