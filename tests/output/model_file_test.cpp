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
        EXPECT_EQ(back.purchase.draws.back().parameters, model.purchase.draws.back().parameters);
        ASSERT_TRUE(back.spend.has_value());
        EXPECT_EQ(back.spend->parameters, model.spend->parameters);
        EXPECT_EQ(back.spend->draws, model.spend->draws);
        EXPECT_EQ(model_as_json(back), text);
    }
}

TEST(ModelFile, CovariatesAndBootstrapDrawsAreKept) {
    PurchaseHistory customers = history();
    FeatureColumn column;
    column.name = "vip";
    column.numbers = {0, 1, 0, 1, 1, 1, 0, 0, 1, 0};
    customers.summary.features = {column};
    FittedModel model = fit_model(customers, PurchaseLaw::nbd, true, {"vip"});
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
    EXPECT_THROW((void)model_from_json(model_as_json(model), "model.json"), InputError);
}

TEST(ModelFile, InfinityIsKept) {
    FittedModel model;
    model.purchase.model.parameters = {0.5, 3.0, 0.0, INFINITY};
    model.purchase.standard_errors.fill(NAN);
    const std::string text = model_as_json(model);
    EXPECT_NE(text.find("\"b\": \"infinity\""), std::string::npos);
    EXPECT_EQ(model_from_json(text, "m").purchase.model.parameters, model.purchase.model.parameters);
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
