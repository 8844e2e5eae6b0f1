#include "clv/output/hdf5/sweep_writer.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "clv/output/files.hpp"
#include "clv/output/tables/portfolio_writer.hpp"
#include "output/folders.hpp"

namespace clv {
namespace {

/// An invented sweep: two segments beside the portfolio, the base and one scenario, two paths.
struct SampleSweep {
    SampleSweep() {
        settings.paths = 2;
        settings.quantiles = {0.025, 0.5};
        settings.discount_rate = {0.25};
        scenarios[0].name = "base";
        scenarios[1] = {"a, b", 1.5, 0.75, 1.25, AnnualRate{0.125}, -2.0};
        double figure = 1.0;
        for (const Scenario& scenario : scenarios) {
            for (const std::string& segment : segments) {
                const PortfolioRow row{
                    segment,      "none", 7,           figure, figure + 0.1, figure + 0.2, {figure + 0.3, figure + 0.4},
                    figure + 0.5, 0.5,    figure + 0.6};
                rows.push_back({scenario.name, row, figure - 1.0, 0.25});
                figure += 1.0;
            }
            path_totals.push_back({figure, 2, 3, 4, 5, 6});
        }
    }
    [[nodiscard]] SweepContent content() const { return {settings, segments, scenarios, rows, path_totals}; }

    SimulationSettings settings;
    std::vector<std::string> segments{"portfolio", "x", "y"};
    std::vector<Scenario> scenarios{2};
    std::vector<ScenarioRow> rows;
    std::vector<std::vector<double>> path_totals;
};

TEST(SweepWriter, CsvHasTheColumnsOfThePortfolioBetweenItsOwn) {
    const TemporaryFolder folder;
    const SampleSweep sample;
    write_sweep_csv(folder.path() / "sweep.csv", sample.settings, sample.rows);
    std::vector<PortfolioRow> portfolio;
    for (const ScenarioRow& row : sample.rows) {
        portfolio.push_back(row.figures);
    }
    write_portfolio_csv(folder.path() / "portfolio.csv", sample.settings, portfolio);
    std::istringstream sweep(read_text(folder.path() / "sweep.csv"));
    std::istringstream expected(read_text(folder.path() / "portfolio.csv"));
    std::string line;
    std::string middle;
    for (const char* pattern : {"scenario,{},difference_to_base,difference_se", "base,{},0,0.25", "base,{},1,0.25",
                                "base,{},2,0.25", "\"a, b\",{},3,0.25", "\"a, b\",{},4,0.25", "\"a, b\",{},5,0.25"}) {
        ASSERT_TRUE(std::getline(sweep, line) && std::getline(expected, middle));
        const std::string_view text = pattern;
        EXPECT_EQ(line, std::string(text.substr(0, text.find("{}"))) + middle +
                            std::string(text.substr(text.find("{}") + 2)));
    }
    EXPECT_FALSE(std::getline(sweep, line));
}

TEST(SweepWriter, Hdf5HasEveryDatasetOfASweep) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    const SampleSweep sample;
    write_sweep_h5(path, {"1.0", 5, "config", "input"}, sample.content());
    const Hdf5File file = open_results_h5(path);
    EXPECT_EQ(read_origin(file).config_hash, "config");
    EXPECT_EQ(file.read_strings("scenario"), (std::vector<std::string>{"base", "a, b"}));
    EXPECT_EQ(file.read_strings("segment"), sample.segments);
    EXPECT_EQ(file.read_doubles("scenario_discount_rate"), (std::vector<double>{0.25, 0.125}));
    EXPECT_EQ(file.read_doubles("scenario_market_shift"), (std::vector<double>{0, -2}));
    EXPECT_EQ(file.read_doubles("scenario_hazard_multiplier"), (std::vector<double>{1, 1.5}));
    EXPECT_EQ(file.read_doubles("scenario_revenue_multiplier"), (std::vector<double>{1, 0.75}));
    EXPECT_EQ(file.read_doubles("scenario_price_multiplier"), (std::vector<double>{1, 1.25}));
    EXPECT_EQ(file.read_doubles("scenario_mean"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(file.read_doubles("scenario_difference"), (std::vector<double>{0, 1, 2, 3, 4, 5}));
    EXPECT_EQ(file.read_doubles("scenario_quantile")[11], 6.4);
    EXPECT_EQ(file.read_doubles("scenario_path_total"), (std::vector<double>{4, 2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6}));
    for (const ColumnSpec& dataset : file_spec("results.h5").columns) {
        if (!dataset.name.starts_with("scenario")) {
            continue;
        }
        ASSERT_TRUE(file.contains(dataset.name)) << dataset.name;
        EXPECT_EQ(file.text_attribute(dataset.name, "description"), dataset.meaning);
        EXPECT_EQ(file.shape(dataset.name).size(),
                  1 + static_cast<std::size_t>(std::ranges::count(dataset.dimensions, ',')));
    }
}

TEST(SweepWriter, RefusesPartsThatDoNotBelongTogether) {
    const TemporaryFolder folder;
    SampleSweep sample;
    sample.path_totals[1].pop_back();
    EXPECT_THROW(write_sweep_h5(folder.path() / "results.h5", {}, sample.content()), std::logic_error);
    sample = SampleSweep();
    sample.rows.pop_back();
    EXPECT_THROW(write_sweep_h5(folder.path() / "results.h5", {}, sample.content()), std::logic_error);
}

}  // namespace
}  // namespace clv
