#include "clv/output/tables/csv_table.hpp"
#include "clv/output/tables/customer_writer.hpp"
#include "clv/output/tables/plan_writer.hpp"
#include "clv/output/tables/portfolio_writer.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/output/tables/survival_writer.hpp"
#include "clv/output/tables/uplift_writer.hpp"
#include "clv/output/tables/world_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "clv/data/worlds/generate_settings.hpp"
#include "clv/output/files.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/tables/csv_table.hpp"
#include "output/folders.hpp"
#include "output/sample_results.hpp"

namespace clv {
namespace {

class ResultsWriter : public testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "x.csv"; }
    [[nodiscard]] Hdf5File results(const SampleResults& sample) const {
        write_results(folder_.path() / "results.h5", sample);
        return open_results_h5(folder_.path() / "results.h5");
    }
    void write_clv(const SampleResults& sample) const {
        const auto rank = rank_by_value(sample.result.actions[0].mean, sample.customers.customer_id);
        write_clv_csv(path(), sample.customers, sample.plan.settings, results(sample), rank);
    }
    void write_uplift(const SampleResults& sample) const {
        write_uplift_csv(path(), sample.customers.customer_id, sample.plan, results(sample));
    }
    [[nodiscard]] std::string text() const { return read_text(path()); }

  private:
    TemporaryFolder folder_;
};

TEST(RankByValue, TiesGoToTheSmallerIdAndNaNComesLast) {
    IdColumn ids;
    for (const char* id : {"b", "a", "d", "c", "e"}) {
        ids.push_back(id);
    }
    const double nan = std::numeric_limits<double>::quiet_NaN();
    EXPECT_EQ(rank_by_value(std::array{1.0, 1.0, nan, 2.0, -1.0}, ids), (std::vector<std::uint32_t>{3, 2, 5, 1, 4}));
}

TEST_F(ResultsWriter, Clv) {
    SampleResults sample = sample_results();
    write_clv(sample);
    EXPECT_EQ(text(),
              "customer_id,clv_mean,clv_se,clv_sd,clv_q05,clv_q97_5,clv_cvar05,prob_loss,rank,"
              "expected_lifetime_months,segment,paths_used\n"
              "C1,10,0.1,1,10,11,-1,0.25,4,1.5,Basic,3\n"
              "C3,30.5,0.2,2,30.5,12,-2,0,2,2,Plus,3\n"
              "\"A,1\",20,0.3,3,20,13,-3,0,3,1,Plus,67\n"
              "C2,30.5,0.4,4,30.5,14,-4,1,1,0.1,Basic,3\n");
    sample.customers.churned = {0, 0, 0, 1};
    sample.customers.segment.clear();
    write_clv(sample);
    EXPECT_NE(text().find(",expected_lifetime_months,churned,paths_used\n"), std::string::npos);
    EXPECT_TRUE(text().ends_with("0.1,1,3\n"));
}

TEST_F(ResultsWriter, Portfolio) {
    const SampleResults sample = sample_results();
    write_portfolio_csv(path(), sample.plan.settings, sample.portfolio);
    EXPECT_EQ(text(),
              "segment,plan,clv_mean,clv_se,clv_sd,clv_q05,clv_q97_5,clv_cvar05,prob_loss,customers,clv_var05,expected_"
              "lifetime_months\n"
              "portfolio,none,91,1,2,5,6,4,0.25,4,86,1.15\n"
              "Basic,none,40.5,1,2,7,8,4,0,2,33.5,0.8\n"
              "Plus,none,50.5,1,2,9,10,4,0,2,41.5,1.5\n");
}

TEST_F(ResultsWriter, Cashflow) {
    const SampleResults sample = sample_results();
    write_cashflow_csv(path(), sample.plan.settings, std::span(sample.cashflow).first(2));
    EXPECT_EQ(text(), "segment,month,mean,q05,q97_5\nportfolio,1,1.25,1,1.5\nportfolio,2,2.25,2,2.5\n");
}

TEST_F(ResultsWriter, UpliftLeavesOutWhatIsNotOpenToACustomer) {
    SampleResults sample = sample_results();
    write_uplift(sample);
    const std::string all = text();
    EXPECT_TRUE(
        all.starts_with("customer_id,action,expected_profit,cost,expected_profit_se,expected_value,clv_q05,clv_cvar05,"
                        "roi,added_months\n"
                        "C1,none,0,0,0,10,10,-1,,0\nC1,call,1,3,0.5,11,11,-1,0.3333333333333333,0.25\n"
                        "C1,discount,2,4,0.5,12,12,-1,0.5,0.5\nC3,none,"))
        << all;
    EXPECT_NE(all.find("\"A,1\",none,0,0,0,20,20,-3,,0\n\"A,1\",discount,2,4,0.5,22,22,-3,0.5,1\nC2,none"),
              std::string::npos)
        << all;

    sample.plan.settings.quantiles = {0.5, 0.1};
    write_uplift(sample);
    EXPECT_NE(text().find(",clv_q10,clv_cvar05,roi,added_months\nC1,none,0,0,0,10,11,-1,,0\n"), std::string::npos)
        << text();
}

TEST_F(ResultsWriter, UpliftWithTheDistributionOfProfits) {
    SampleResults sample = sample_results();
    add_uplift_distribution(sample);
    for (UpliftFigures& action : sample.result.uplift) {
        action.added_months.clear();  // as of customers without a contract
    }
    write_uplift(sample);
    const std::string all = text();
    EXPECT_TRUE(all.starts_with(
        "customer_id,action,expected_profit,cost,expected_profit_se,expected_value,clv_q05,clv_cvar05,roi,profit_q05,"
        "profit_q97_5,profit_cvar05,prob_gain,payback_months\n"
        "C1,none,0,0,0,10,10,-1,,0,0,0,0,\nC1,call,1,3,0.5,11,11,-1,0.3333333333333333,-3,5,-3.5,0.25,2\n"
        "C1,discount,2,4,0.5,12,12,-1,0.5,-4,8,-5,1,1\nC3,none,"))
        << all;
    EXPECT_TRUE(all.ends_with("C2,discount,2,4,0.5,32.5,32.5,-6,0.5,-4,9,-5,0,\n")) << all;
}

TEST_F(ResultsWriter, Plan) {
    const SampleResults sample = sample_results();
    OptimizerSettings settings;
    settings.budget = 8.0;
    const ActionPlan plan = plan_actions(sample.uplift, settings);
    write_plan_csv(path(), sample.uplift, plan);
    const std::string all = text();
    EXPECT_TRUE(
        all.starts_with("customer_id,action,cost,expected_profit,expected_profit_se,recommended_action,reason\nC1,"))
        << all;
    std::size_t invested = 0;
    for (std::size_t at = all.find(",Invest,"); at != std::string::npos; at = all.find(",Invest,", at + 1)) {
        ++invested;
    }
    EXPECT_EQ(invested, plan.invested);
    EXPECT_GT(invested, 0U);
    EXPECT_NE(all.find(",none,0,0,0,Ignore,"), std::string::npos) << all;
}

TEST_F(ResultsWriter, Survival) {
    const std::vector<double> tenure{1, 2, 2, 2};
    const std::vector<std::uint8_t> churned{1, 1, 0, 1};
    const KaplanMeier estimate = fit_kaplan_meier(tenure, churned);
    const std::vector<SurvivalRows> rows{{"Basic", &estimate}};
    write_survival_csv(path(), rows);
    const std::string observed_columns =
        "segment,month,at_risk,churned,survival,survival_se,survival_low,survival_high,";
    const std::string hazard_columns = "hazard,hazard_se,hazard_low,hazard_high";
    EXPECT_TRUE(text().starts_with(observed_columns + hazard_columns + "\nBasic,1,4,1,0.75,")) << text();
    EXPECT_NE(text().find("\nBasic,2,3,2,0.25,"), std::string::npos) << text();
    EXPECT_NE(text().find(",0.25,0.21650635094610965,"), std::string::npos) << text();  // sqrt(.25 x .75 / 4)

    // A renewal every year, and a model that goes on where nobody was observed.
    write_survival_csv(path(), std::vector<SurvivalRows>{{"Basic", &estimate, 12, {0.5, 0.25, 0.2}}, rows[0]});
    const std::string both = text();
    EXPECT_TRUE(both.starts_with(observed_columns + "fitted_survival," + hazard_columns + ",fitted_hazard\nBasic,12,"))
        << both;
    EXPECT_NE(both.find("\nBasic,36,0,0,,,,,0.2,,,,,0.19999999999999996\n"), std::string::npos) << both;
    EXPECT_NE(both.find(",0.25,0.6666666666666666,"), std::string::npos) << both;
    EXPECT_TRUE(both.ends_with(",\n")) << both;  // nothing was fitted for the last
}

TEST_F(ResultsWriter, GeneratedWorld) {
    const SyntheticWorld world = make_subscription_world({.kind = "subscription", .customers = 50, .seed = 3});
    CustomersCsv csv(path());
    csv.append(world);
    csv.close();
    const std::string customers = text();
    EXPECT_EQ(std::ranges::count(customers, '\n'), 51);
    EXPECT_TRUE(customers.starts_with("customer_id,"));

    const std::vector<double> hazard(50, 0.25);
    const std::vector<double> mean(50, 12.5);
    const Truth truth{hazard, mean, {"call"}, {std::vector<double>(50, -1.5)}, {}};
    TruthCsv truth_csv(path());
    truth_csv.append(world.customers, truth);
    truth_csv.close();
    EXPECT_TRUE(text().starts_with("customer_id,segment,hazard_month_1,clv_mean,uplift_call\nC0000001,"));
    EXPECT_TRUE(text().ends_with(",0.25,12.5,-1.5\n"));
}

TEST_F(ResultsWriter, Rejects) {
    RejectsWriter rejects(path());
    rejects.write({.line = 7, .text = "C1,\"x\",3", .reason = "text_in_number (margin)"});
    rejects.close();
    EXPECT_EQ(text(), "line,reason,row\n7,text_in_number (margin),\"C1,\"\"x\"\",3\"\n");
}

TEST_F(ResultsWriter, ValidationJson) {
    ValidationReport report;
    report.file = "customers.csv";
    report.rows_read = 3;
    report.rows_accepted = 2;
    report.rows_rejected = 1;
    Fault fault;
    fault.kind = FaultKind::negative;
    fault.line = 5;
    fault.column = "margin";
    fault.value = "-3\xFF";  // must not stop the report
    report.add(fault);
    write_validation_json(path(), report);
    const auto json = nlohmann::json::parse(text());
    EXPECT_EQ(json["rows_read"], 3);
    EXPECT_EQ(json["fault_counts"], nlohmann::json({{"negative", 1}}));
    EXPECT_EQ(json["faults"][0]["line"], 5);
    EXPECT_EQ(json["faults"][0]["kind"], "negative");
    EXPECT_TRUE(json["structural_fault"].is_null());
    EXPECT_FALSE(json.contains("rules"));  // customers have none

    report.rules.push_back({"returns", "input.keep_returns", 7, true});
    write_validation_json(path(), report);
    const auto with_rules = nlohmann::json::parse(text());
    EXPECT_EQ(with_rules["rules"][0],
              nlohmann::json({{"rule", "returns"}, {"rows", 7}, {"left_out", true}, {"key", "input.keep_returns"}}));
    EXPECT_EQ(with_rules.size(), file_spec("validation.json").columns.size());
}

TEST_F(ResultsWriter, RefusesColumnsThatTheFileTableDoesNotHave) {
    const std::vector<std::string> texts{"a"};
    const std::vector<double> numbers{1.0};
    const std::vector<double> two{1.0, 2.0};
    const std::vector<CsvColumn> complete{
        {"customer_id", texts}, {"frequency", numbers}, {"recency", numbers}, {"T", numbers}};
    EXPECT_NO_THROW(write_csv_table(path(), "summary.csv", 1, complete));

    auto unknown = complete;
    unknown.push_back({"clv_median", numbers});
    EXPECT_THROW(write_csv_table(path(), "summary.csv", 1, unknown), std::logic_error);
    auto missing = complete;
    missing.pop_back();
    EXPECT_THROW(write_csv_table(path(), "summary.csv", 1, missing), std::logic_error);
    auto longer = complete;
    longer.back().cells = two;
    EXPECT_THROW(write_csv_table(path(), "summary.csv", 1, longer), std::logic_error);

    CsvTable table(path(), "summary.csv");
    table.append(1, complete);
    auto with_another = complete;
    with_another.push_back({"monetary_value", numbers});
    EXPECT_THROW(table.append(1, with_another), std::logic_error);
}

TEST_F(ResultsWriter, TheSameResultsGiveTheSameBytes) {
    const SampleResults sample = sample_results();
    write_clv(sample);
    const std::string first = text();
    write_clv(sample);
    EXPECT_EQ(text(), first);
}

}  // namespace
}  // namespace clv
