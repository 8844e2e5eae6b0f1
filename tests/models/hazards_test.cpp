#include "clv/models/hazards.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <string>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

CustomerTable customers(std::size_t count) {
    CustomerTable table;
    for (std::size_t i = 0; i < count; ++i) {
        table.customer_id.push_back("c" + std::to_string(i));
        table.id_hash.push_back(i);
    }
    return table;
}

SurvivalSettings from(SurvivalSource source) {
    SurvivalSettings settings;
    settings.source = source;
    return settings;
}

std::string message_of(const CustomerTable& table, const SurvivalSettings& settings) {
    try {
        (void)fit_survival(table, settings, 12);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

TEST(Hazards, ChurnProbabilityIsConstant) {
    CustomerTable table = customers(3);
    table.churn_probability = {0.0, 0.05, 1.0};
    const SurvivalFit fit = fit_survival(table, {}, 36);
    EXPECT_EQ(fit.source, SurvivalSource::churn_probability);
    EXPECT_EQ(fit.hazards.at(0, 1), 0.0F);
    EXPECT_FLOAT_EQ(fit.hazards.at(1, 1), static_cast<float>(-std::log(0.95)));
    EXPECT_EQ(fit.hazards.at(1, 1), fit.hazards.at(1, 120));
    EXPECT_EQ(fit.hazards.at(2, 1), certain_churn_hazard);
    EXPECT_TRUE(fit.hazards.pool.empty());
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{36, 36, 36}));
    EXPECT_TRUE(fit.warnings.empty());
}

TEST(Hazards, OwnCurveContinuesAtTheTenure) {
    CustomerTable table = customers(4);
    table.survival_months = 3;
    table.survival = {0.9F, 0.8F, 0.6F, 0.9F, 0.8F, 0.6F, 0.9F, 0.8F, 0.6F, 0.5F, 0.0F, 0.0F};
    table.tenure_months = {0.0, 1.9, 50.0, 0.0};
    const SurvivalFit fit = fit_survival(table, {}, 6);
    const auto third = static_cast<float>(-std::log(0.6F / double{0.8F}));
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 1), static_cast<float>(-std::log(double{0.9F})));
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 3), third);
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 4), third);
    EXPECT_FLOAT_EQ(fit.hazards.at(1, 1), static_cast<float>(-std::log(0.8F / double{0.9F})));
    EXPECT_FLOAT_EQ(fit.hazards.at(1, 2), third);
    EXPECT_FLOAT_EQ(fit.hazards.at(2, 1), third);
    EXPECT_FLOAT_EQ(fit.hazards.at(3, 1), static_cast<float>(std::log(2.0)));
    EXPECT_EQ(fit.hazards.at(3, 2), certain_churn_hazard);
    EXPECT_EQ(fit.hazards.at(3, 5), certain_churn_hazard);
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{3, 2, 0, 3}));
    ASSERT_EQ(fit.warnings.size(), 1U);
    EXPECT_NE(fit.warnings[0].find("4 of 4"), std::string::npos) << fit.warnings[0];

    EXPECT_EQ(fit_survival(table, {}, 1).warnings.size(), 1U);  // the customer of tenure 50 only
    EXPECT_NE(fit_survival(table, {}, 1).warnings[0].find("1 of 4"), std::string::npos);
}

TEST(Hazards, SegmentCurvesAreShared) {
    CustomerTable table = customers(3);
    table.segments = {"a", "b"};
    table.segment = {1, 0, 1};
    table.tenure_months = {0.0, 0.0, 2.0};
    const std::map<std::string, std::vector<double>> curves{{"a", {0.9, 0.8}}, {"b", {1.0, 0.5, 0.25}}, {"c", {0.1}}};
    const SurvivalFit fit = fit_survival(table, {}, 3, curves);
    EXPECT_EQ(fit.hazards.pool.size(), 5U);
    EXPECT_EQ(fit.hazards.at(0, 1), 0.0F);
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 2), static_cast<float>(std::log(2.0)));
    EXPECT_FLOAT_EQ(fit.hazards.at(1, 1), static_cast<float>(-std::log(0.9)));
    EXPECT_FLOAT_EQ(fit.hazards.at(2, 1), static_cast<float>(std::log(2.0)));
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{3, 2, 1}));
    EXPECT_EQ(fit.warnings.size(), 1U);

    EXPECT_THROW((void)fit_survival(table, {}, 3, {{"a", {0.9}}}), InputError);
    EXPECT_THROW((void)fit_survival(table, {}, 3, {{"a", {0.9}}, {"b", {0.5, 0.6}}}), InputError);
    EXPECT_THROW((void)fit_survival(table, {}, 3, {{"a", {0.9}}, {"b", {std::nan("")}}}), InputError);
    table.segment.clear();
    EXPECT_THROW((void)fit_survival(table, {}, 3, curves), ConfigError);
}

TEST(Hazards, KaplanMeierPerSegment) {
    CustomerTable table = customers(7);
    table.segments = {"loyal", "mixed"};
    table.segment = {0, 0, 1, 1, 1, 1, 1};
    table.tenure_months = {3.0, 5.5, 1.0, 2.0, 2.0, 0.0, 9.0};
    table.churned = {0, 0, 1, 1, 0, 0, 1};
    const SurvivalFit fit = fit_survival(table, from(SurvivalSource::kaplan_meier), 24);
    ASSERT_EQ(fit.tables.size(), 2U);
    EXPECT_EQ(fit.tables[1].segment, "mixed");
    EXPECT_EQ(fit.tables[1].observed.months(), 9U);
    EXPECT_EQ(fit.hazards.pool.size(), 5U + 9U);
    ASSERT_EQ(fit.warnings.size(), 1U);
    EXPECT_NE(fit.warnings[0].find("loyal"), std::string::npos);
    EXPECT_EQ(fit.hazards.at(0, 1), 0.0F);
    EXPECT_EQ(fit.hazards.at(0, 20), 0.0F);
    // Mixed: at risk 4, 3, 1, .., 1; churned 1, 1, 0, .., 1. The new customer sees month 1, tenure 2 sees month 3.
    EXPECT_FLOAT_EQ(fit.hazards.at(5, 1), static_cast<float>(-std::log(0.75)));
    EXPECT_FLOAT_EQ(fit.hazards.at(5, 2), static_cast<float>(-std::log(2.0 / 3.0)));
    EXPECT_EQ(fit.hazards.at(4, 1), 0.0F);
    EXPECT_EQ(fit.hazards.at(4, 7), certain_churn_hazard);
    EXPECT_FLOAT_EQ(fit.hazards.at(4, 8), static_cast<float>(-std::log(1.0 - 3.0 / 14.0)));
    EXPECT_EQ(fit.hazards.at(6, 1), fit.hazards.at(4, 8));
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{2, 0, 8, 7, 7, 9, 0}));
}

TEST(Hazards, SbgPutsAPeriodIntoItsRenewalMonth) {
    CustomerTable table = customers(2);
    table.tenure_months = {0.0, 13.2};
    SurvivalSettings settings = from(SurvivalSource::sbg);
    settings.alpha = 0.668;
    settings.beta = 3.806;
    settings.period_months = 12;
    const SurvivalFit fit = fit_survival(table, settings, 24);
    EXPECT_EQ(fit.hazards.at(0, 11), 0.0F);
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 12), static_cast<float>(std::log(4.474 / 3.806)));
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 24), static_cast<float>(std::log(5.474 / 4.806)));
    EXPECT_EQ(fit.hazards.at(1, 11), fit.hazards.at(0, 24));
    EXPECT_GT(fit.hazards.at(1, 23), 0.0F);
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{24, 24}));
}

TEST(Hazards, SbgIsFittedFromTenures) {
    // Fader and Hardie's High End cohort in yearly contracts, as tenures in months.
    const std::vector<int> survivors{1000, 869, 743, 653, 593, 551, 517, 491};
    CustomerTable table = customers(1000);
    for (std::size_t year = 1; year < survivors.size(); ++year) {
        for (int i = survivors[year]; i < survivors[year - 1]; ++i) {
            table.tenure_months.push_back(12.0 * static_cast<double>(year));
            table.churned.push_back(1);
        }
    }
    while (table.tenure_months.size() < 1000) {
        table.tenure_months.push_back(84.0);
    }
    table.churned.resize(1000, 0);
    SurvivalSettings settings = from(SurvivalSource::sbg);
    settings.period_months = 12;
    const SurvivalFit fit = fit_survival(table, settings, 24);
    ASSERT_TRUE(fit.tables[0].sbg.has_value());
    EXPECT_NEAR(fit.tables[0].sbg->model.alpha, 0.668088, 1e-6);
    EXPECT_NEAR(fit.tables[0].sbg->model.beta, 3.806096, 5e-6);
    EXPECT_FLOAT_EQ(fit.hazards.at(999, 12), static_cast<float>(fit.tables[0].sbg->model.hazard(8)));
    EXPECT_EQ(fit.observed_months[999], 0U);
    EXPECT_EQ(fit.observed_months[0], 24U);
    EXPECT_TRUE(fit.warnings.empty());

    std::fill(table.churned.begin(), table.churned.end(), std::uint8_t{0});
    const SurvivalFit loyal = fit_survival(table, settings, 24);
    EXPECT_FALSE(loyal.tables[0].sbg.has_value());
    EXPECT_EQ(loyal.hazards.at(0, 12), 0.0F);
    EXPECT_EQ(loyal.warnings.size(), 1U);
}

TEST(Hazards, AModelOfContractsGivesEachSegmentItsOwn) {
    CustomerTable table = customers(3);
    table.tenure_months = {0.0, 13.2, 24.0};
    table.segments = {"Basic", "Pro"};
    table.segment = {0, 1, 1};
    ContractFits contracts{ContractLaw::bdw, 12, {}};
    contracts.segments.resize(2);
    contracts.segments[0] = {{"Basic", {9, 8}, {1, 1}}, {}};
    contracts.segments[0].fit.model = {ContractLaw::bdw, {0.3, 1.0, 1.5}};
    contracts.segments[1] = {{"Pro", {9, 8, 7}, {1, 1, 1}}, {}};
    contracts.segments[1].fit.model = {ContractLaw::sbg, {0.668, 3.806, 1.0}};
    const SurvivalFit fit = fit_survival(table, from(SurvivalSource::model), 24, {}, &contracts);
    EXPECT_EQ(fit.hazards.at(0, 11), 0.0F);
    EXPECT_FLOAT_EQ(fit.hazards.at(0, 12), static_cast<float>(BetaDiscreteWeibull({0.3, 1.0, 1.5}).hazard(1)));
    EXPECT_FLOAT_EQ(fit.hazards.at(1, 11), static_cast<float>(std::log(5.474 / 4.806)));
    EXPECT_FLOAT_EQ(fit.hazards.at(2, 12), static_cast<float>(std::log(6.474 / 5.806)));
    EXPECT_EQ(fit.observed_months, (std::vector<std::uint32_t>{24, 23, 12}));

    table.segments = {"Basic", "Other"};
    EXPECT_THROW((void)fit_survival(table, from(SurvivalSource::model), 24, {}, &contracts), InputError);
    EXPECT_THROW((void)fit_survival(table, from(SurvivalSource::model), 24), ConfigError);
    contracts.segments.pop_back();  // a single fit is everybody's
    EXPECT_EQ(fit_survival(table, from(SurvivalSource::model), 24, {}, &contracts).hazards.at(2, 12),
              fit_survival(customers(1), from(SurvivalSource::model), 60, {}, &contracts).hazards.at(0, 36));
}

TEST(Hazards, SaysWhatIsMissing) {
    CustomerTable table = customers(1);
    EXPECT_NE(message_of(table, {}).find("churn_probability"), std::string::npos);
    EXPECT_NE(message_of(table, from(SurvivalSource::churn_probability)).find("input.columns.churn_probability"),
              std::string::npos);
    EXPECT_NE(message_of(table, from(SurvivalSource::curve)).find("survival_1"), std::string::npos);
    EXPECT_NE(message_of(table, from(SurvivalSource::kaplan_meier)).find("input.columns.churned"), std::string::npos);
    table.churned = {1};
    EXPECT_NE(message_of(table, from(SurvivalSource::sbg)).find("input.columns.tenure_months"), std::string::npos);

    SurvivalSettings settings = from(SurvivalSource::sbg);
    settings.alpha = 1.0;
    EXPECT_THROW((void)fit_survival(table, settings, 12), ConfigError);
    settings.beta = -1.0;
    EXPECT_THROW((void)fit_survival(table, settings, 12), ConfigError);
    settings.beta = 1.0;
    settings.period_months = 0;
    EXPECT_THROW((void)fit_survival(table, settings, 12), ConfigError);
}

}  // namespace
}  // namespace clv
