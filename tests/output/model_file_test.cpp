#include "clv/output/documents/model_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "clv/core/errors.hpp"
#include "support/temporary_folder.hpp"

namespace clv {
namespace {

PurchaseHistory history() {
    PurchaseHistory result;
    result.summary.time_unit = TimeUnit::day;
    result.summary.frequency = {0, 0, 1, 2, 5, 9, 0, 3, 1, 4};
    result.summary.recency = {0, 0, 3, 10, 30, 39, 0, 12, 20, 9};
    result.summary.age = {40, 30, 40, 40, 40, 40, 22, 38, 39, 40};
    result.summary.monetary_value = {0, 0, 12.5, 20, 31, 8, 0, 11, 40, 17};
    return result;
}

TEST(ModelFile, ReadsBackWhatWasWritten) {
    int laws_with_draws = 0;
    for (const PurchaseLaw law :
         {PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, PurchaseLaw::pareto_nbd, PurchaseLaw::bg_bb, PurchaseLaw::nbd}) {
        const FittedModel model = fit_model(history(), law, true);
        const std::string text = model_as_json(model);
        const FittedModel back = model_from_json(text, "model.json");
        EXPECT_EQ(back.purchase.model.law, law);
        EXPECT_EQ(back.purchase.model.time_unit, TimeUnit::day);
        EXPECT_EQ(back.purchase.model.parameters, model.purchase.model.parameters);
        EXPECT_EQ(back.purchase.log_covariance, model.purchase.log_covariance);
        EXPECT_EQ(back.purchase.status, model.purchase.status);
        EXPECT_EQ(back.purchase.warnings, model.purchase.warnings);
        ASSERT_EQ(back.purchase.draws.size(), model.purchase.draws.size());
        laws_with_draws += model.purchase.draws.empty() ? 0 : 1;
        for (std::size_t k = 0; k < back.purchase.draws.size(); ++k) {
            EXPECT_EQ(back.purchase.draws[k].parameters, model.purchase.draws[k].parameters);
        }
        ASSERT_TRUE(back.spend.has_value());
        EXPECT_EQ(back.spend->parameters, model.spend->parameters);
        EXPECT_EQ(back.spend->draws, model.spend->draws);
        EXPECT_EQ(model_as_json(back), text);
    }
    EXPECT_GE(laws_with_draws, 3);  // ten customers tell little
}

TEST(ModelFile, CovariatesAndBootstrapDrawsAreKept) {
    PurchaseHistory customers = history();
    FeatureColumn column;
    column.name = "vip";
    column.numbers = {0, 1, 0, 1, 1, 1, 0, 0, 1, 0};
    customers.summary.features = {column};
    FittedModel model = fit_model(customers, PurchaseLaw::nbd, false, {"vip"});
    ASSERT_EQ(model.purchase.covariates.names, std::vector<std::string>{"vip"});
    model.bootstrap = fit_bootstrap(customers.summary, model.purchase, nullptr, 2, 1);
    const std::string text = model_as_json(model);
    const FittedModel back = model_from_json(text, "model.json");
    EXPECT_EQ(back.purchase.covariates.names, model.purchase.covariates.names);
    EXPECT_EQ(back.purchase.covariates.rate, model.purchase.covariates.rate);
    EXPECT_EQ(back.purchase.covariates.covariance, model.purchase.covariates.covariance);
    ASSERT_EQ(back.bootstrap.size(), 2U);
    EXPECT_EQ(back.bootstrap[1].purchase.parameters, model.bootstrap[1].purchase.parameters);
    EXPECT_EQ(back.bootstrap[1].purchase.rate_effects, model.bootstrap[1].purchase.rate_effects);
    EXPECT_EQ(model_as_json(back), text);
    model.bootstrap.resize(1);
    model.bootstrap.resize(3, model.bootstrap[0]);  // paths cannot share out three draws
    EXPECT_THROW((void)model_as_json(model), ModelError);
}

TEST(ModelFile, TheCellsOfACalendarAreKept) {
    FittedModel model = fit_model(history(), PurchaseLaw::nbd, false);
    WeeklyPurchases weeks{std::vector<double>(40, 0.0), std::vector<double>(40, 0.0)};
    for (std::size_t week = 3; week < 40; week += 4) {
        weeks.actual[week] = 50.0 + static_cast<double>(week % 3);
        weeks.expected[week] = 51.0;
    }
    weeks.cell_weeks = 4.0;
    weeks.rhythm = "every 4 weeks";
    weeks.warning = "calendar: what it cannot know";
    model.calendar = fit_calendar(weeks, 0, 1);
    ASSERT_EQ(model.calendar->status, CalendarStatus::estimated);
    const std::string text = model_as_json(model);
    const FittedModel back = model_from_json(text, "model.json");
    ASSERT_TRUE(back.calendar.has_value());
    EXPECT_EQ(back.calendar->weeks.cell_weeks, 4.0);
    EXPECT_EQ(back.calendar->weeks.rhythm, weeks.rhythm);
    EXPECT_EQ(back.calendar->warnings, std::vector<std::string>{weeks.warning});
    EXPECT_EQ(model_as_json(back), text);
    for (const char* wrong : {"0.5", "-4.0", "1e9", "\"four\""}) {
        std::string other = text;
        other.replace(other.find("\"cell_weeks\": 4.0"), 17, std::string("\"cell_weeks\": ") + wrong);
        EXPECT_THROW((void)model_from_json(other, "model.json"), InputError) << wrong;
    }
}

TEST(ModelFile, InfinityIsKept) {
    FittedModel model;
    model.purchase.model.parameters = {0.5, 3.0, 0.0, INFINITY};
    model.purchase.standard_errors.fill(NAN);
    const std::string text = model_as_json(model);
    EXPECT_NE(text.find("\"b\": \"infinity\""), std::string::npos);
    EXPECT_EQ(model_from_json(text, "m").purchase.model.parameters, model.purchase.model.parameters);
}

TEST(ModelFile, WhatCouldNotBeReadIsNotWritten) {
    const FittedModel sound = fit_model(history(), PurchaseLaw::bg_nbd, true);
    EXPECT_NO_THROW((void)model_as_json(sound));
    FittedModel model = sound;
    model.purchase.model.parameters[1] = 1e-16;
    EXPECT_THROW((void)model_as_json(model), ModelError);
    model = sound;
    model.spend->parameters[2] = 1e16;
    EXPECT_THROW((void)model_as_json(model), ModelError);
    model = sound;
    model.purchase.log_covariance[0][0] = -1.0;
    EXPECT_THROW((void)model_as_json(model), ModelError);
}

TEST(ModelFile, WhatNoFitFindsIsRefused) {
    FittedModel sound;
    sound.purchase.model.parameters = {0.5, 3.0, 0.7, 2.0};
    sound.purchase.draws = {{{0.5, 3.0, 0.7, 2.0}}};
    sound.spend = SpendFit();
    sound.spend->parameters = {2.0, 3.0, 15.0};
    sound.spend->draws = {{2.0, 3.0, 15.0}};
    sound.bootstrap = {{{{0.5, 3.0, 0.7, 2.0}}, {2.0, 3.0, 15.0}}, {{{0.5, 3.0, 0.0, INFINITY}}, {2.0, 3.0, 15.0}}};
    ASSERT_NO_THROW((void)model_as_json(sound));
    const auto refuses = [&](double& figure, double impossible, FittedModel& model) {
        figure = impossible;
        EXPECT_THROW((void)model_as_json(model), ModelError) << impossible;
        model = sound;
    };
    FittedModel model = sound;
    for (const double impossible : {-1.0, 1.0e300, HUGE_VAL}) {
        refuses(model.purchase.standard_errors[0], impossible, model);
        refuses(model.spend->standard_errors[2], impossible, model);
    }
    std::string text = model_as_json(sound);  // an empty list is no covariate
    text.replace(text.find("\"alpha\": 3.0"), 12, "\"alpha\": 1e308")
        .insert(text.find("\"parameters\""), "\"covariates\": [],");
    EXPECT_THROW((void)model_from_json(text, "model.json"), InputError);
    refuses(model.purchase.customers, -1.0, model);
    refuses(model.spend->customers, -1.0, model);
    for (const double impossible : {0.0, -1.0, 1.0e-308, 1.0e308}) {
        refuses(model.purchase.draws[0].parameters[1], impossible, model);
        refuses(model.spend->draws[0][0], impossible, model);
        refuses(model.bootstrap[0].purchase.parameters[1], impossible, model);
        refuses(model.bootstrap[1].spend[2], impossible, model);
    }
}

TEST(ModelFile, RefusesWithPlaceAndRemedy) {
    const auto message = [](const std::string& text) -> std::string {
        try {
            (void)model_from_json(text, "some/model.json");
        } catch (const InputError& fault) {
            return fault.what();
        }
        return "";
    };
    for (const std::string text :
         {"", "{}", "[1]", R"({"format": "clvsim model 9"})", R"({"format": "clvsim model 1"})",
          R"({"format": "clvsim model 1", "purchase": {"model": "x"}})"}) {
        EXPECT_NE(message(text).find("some/model.json"), std::string::npos) << text;
        EXPECT_NE(message(text).find("clv fit"), std::string::npos) << text;
    }
    const test::TemporaryFolder folder;
    EXPECT_THROW((void)read_model(folder.path() / "none.json"), InputError);
}

}  // namespace
}  // namespace clv
