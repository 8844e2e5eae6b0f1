#include "clv/output/documents/contract_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/models/contract_covariates.hpp"
#include "clv/output/documents/model_file.hpp"

namespace clv {
namespace {

ContractFits fits_of(ContractLaw law) {
    return fit_contracts({{"Basic", {1000, 631, 468, 382}, {369, 163, 86, 56}}, {"Pro", {100}, {3}}}, law, 12);
}

TEST(ContractFile, ReadsBackWhatWasWritten) {
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFits fits = fits_of(law);
        const std::string text = contracts_as_json(fits);
        const ContractFits back = contracts_from_json(text, "model.json");
        EXPECT_EQ(back.law, law);
        EXPECT_EQ(back.period_months, 12);
        ASSERT_EQ(back.segments.size(), 2U);
        EXPECT_EQ(back.segments[0].counts.segment, "Basic");
        EXPECT_EQ(back.segments[0].counts.at_risk, fits.segments[0].counts.at_risk);
        EXPECT_EQ(back.segments[0].fit.model.parameters, fits.segments[0].fit.model.parameters);
        EXPECT_EQ(back.segments[1].fit.status, fits.segments[1].fit.status);
        EXPECT_EQ(back.segments[1].fit.warnings, fits.segments[1].fit.warnings);
        EXPECT_EQ(contracts_as_json(back), text);
    }
}

ContractFits fits_with_covariates(ContractLaw law) {
    const std::vector<RenewalCounts> segments{{"a", {1000, 631, 468, 382}, {369, 163, 86, 56}},
                                              {"b", {1000, 869, 743, 653}, {131, 126, 90, 60}},
                                              {"c", {60, 50, 45, 42}, {10, 5, 3, 0}}};
    FeatureColumn plan{"plan", {}, {}, {}, {0, 1, 1}, {"Basic", "Pro"}};
    FeatureColumn size{"size", {1.0, 2.0, 5.0}, {}, {}, {}, {}};
    return {law, 12, {{pooled_renewals(segments), fit_contract(group_renewals(segments, {plan, size}), law)}}};
}

TEST(ContractFile, KeepsCovariates) {
    for (const ContractLaw law : {ContractLaw::sbg, ContractLaw::bdw}) {
        const ContractFits fits = fits_with_covariates(law);
        const std::string text = contracts_as_json(fits);
        EXPECT_NE(text.find("\"clvsim model 2\""), std::string::npos) << "older programs take everybody to be at 0";
        const ContractFits back = contracts_from_json(text, "model.json");
        ASSERT_TRUE(back.has_covariates());
        const ContractEffects& effects = back.segments.front().fit.effects;
        const ContractEffects& written = fits.segments.front().fit.effects;
        EXPECT_EQ(effect_names(effects.columns), (std::vector<std::string>{"plan=Basic", "size"}));
        EXPECT_EQ(effects.alpha, written.alpha);
        EXPECT_EQ(effects.beta, written.beta);
        EXPECT_EQ(effects.covariance, written.covariance);
        EXPECT_EQ(effects.draws, written.draws);
        EXPECT_EQ(effects.log_likelihood_without, written.log_likelihood_without);
        EXPECT_EQ(contracts_as_json(back), text);
    }
    EXPECT_EQ(contracts_as_json(fits_of(ContractLaw::sbg)).find("covariates"), std::string::npos);
}

TEST(ContractFile, CovariatesAreChecked) {
    const std::string sound = contracts_as_json(fits_with_covariates(ContractLaw::sbg));
    for (const auto& [from, to] :
         {std::pair{"\"name\": \"plan=Basic\"", "\"name\": \"plan=Max\""},
          std::pair{"\"levels\": [", "\"levels\": [\"Basic\","},
          std::pair{"\"name\": \"size\"\n          }\n        ],\n        \"log",
                    "\"name\": \"plan\"\n          }\n        ],\n        \"log"},
          std::pair{"\"beta_standard_error\": ", "\"beta_standard_error\": -1, \"was\": "},
          std::pair{"\"alpha_standard_error\": ", "\"no\": "}, std::pair{"\"covariance\": [", "\"covariance\": [[1],"},
          std::pair{"\"covariance\": [", "\"draws\": [[1, 2]], \"covariance\": ["}}) {
        std::string faulty = sound;
        ASSERT_NE(faulty.find(from), std::string::npos) << from;
        faulty.replace(faulty.find(from), std::string(from).size(), to);
        EXPECT_THROW((void)contracts_from_json(faulty, "m.json"), InputError) << to;
    }
    ContractFits beside = fits_with_covariates(ContractLaw::sbg);
    beside.segments.push_back({{"more", {10}, {1}}, fits_of(ContractLaw::sbg).segments[0].fit});
    EXPECT_THROW((void)contracts_as_json(beside), ModelError);
}

TEST(ContractFile, ModelsOfPurchasesAndOfContractsAreToldApart) {
    const std::string contracts = contracts_as_json(fits_of(ContractLaw::sbg));
    FittedModel purchase;
    purchase.purchase.model.parameters = {0.5, 3.0, 0.7, 2.0};
    const auto message = [](const auto& read) -> std::string {
        try {
            read();
        } catch (const InputError& fault) {
            return fault.what();
        }
        return "";
    };
    EXPECT_NE(message([&] { (void)model_from_json(contracts, "m.json"); }).find("input.customers"), std::string::npos);
    EXPECT_NE(message([&] { (void)contracts_from_json(model_as_json(purchase), "m.json"); }).find("--model sbg"),
              std::string::npos);
    for (const std::string text :
         {"", "[]", R"({"format": "clvsim model 9"})", R"({"format": "clvsim model 1", "contract": {"model": "x"}})",
          R"({"format": "clvsim model 1", "contract": {"model": "sbg", "period_months": 1,
                                       "segments": []}})"}) {
        EXPECT_NE(message([&] { (void)contracts_from_json(text, "m.json"); }).find("m.json"), std::string::npos)
            << text;
    }
}

TEST(ContractFile, WhatNoFitFindsIsRefused) {
    const auto refuses = [](auto change) {
        ContractFits fits = fits_of(ContractLaw::sbg);
        change(fits.segments);
        EXPECT_THROW((void)contracts_as_json(fits), ModelError);
    };
    using Segments = std::vector<ContractSegment>;
    refuses([](Segments& segments) { segments[1].counts.segment = segments[0].counts.segment; });
    refuses([](Segments& segments) { segments[0].counts.at_risk[1] = 162; });  // and 163 have left
    refuses([](Segments& segments) { segments[0].fit.standard_errors[0] = -1.0; });
    refuses([](Segments& segments) { segments[0].fit.standard_errors[1] = 1.0e300; });
}

TEST(ContractFile, SizesAndParametersAreChecked) {
    const std::string sound = contracts_as_json(fits_of(ContractLaw::sbg));
    for (const auto& [from, to] :
         {std::pair{"\"alpha\": ", "\"alpha\": 1e300, \"was\": "},
          std::pair{"\"alpha\": ", "\"alpha\": null, \"was\": "},
          std::pair{"\"period_months\": 12", "\"period_months\": 2000000000"},
          std::pair{"\"period_months\": 12", "\"period_months\": -1"},
          std::pair{"\"churned\": [", "\"churned\": [1, 2, 3,"}, std::pair{"\"at_risk\": [", "\"at_risk\": [-1,"}}) {
        std::string faulty = sound;
        faulty.replace(faulty.find(from), std::string(from).size(), to);
        try {
            (void)contracts_from_json(faulty, "m.json");
            ADD_FAILURE() << to;
        } catch (const InputError& fault) {
            EXPECT_EQ(std::string(fault.what()).find("exception"), std::string::npos);
        }
    }
}

}  // namespace
}  // namespace clv
