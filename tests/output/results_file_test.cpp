#include "clv/output/hdf5/results_file.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"
#include "clv/output/files.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "output/folders.hpp"
#include "output/sample_results.hpp"

namespace clv {
namespace {

TEST(ResultsFile, ReadsBackWhatItWrote) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    write_results(path, sample_results());
    const Hdf5File file = open_results_h5(path);
    const ResultsOrigin read = read_origin(file);
    EXPECT_EQ(read.program_version, "0.1.0");
    EXPECT_EQ(read.seed, 42U);
    EXPECT_EQ(read.config_hash, "c0ffee");
    EXPECT_EQ(read.input_hash, "beef");

    EXPECT_EQ(file.read_strings("action"), (std::vector<std::string>{"none", "call", "discount"}));
    EXPECT_EQ(file.read_strings("customer_id"), (std::vector<std::string>{"C1", "C3", "A,1", "C2"}));
    EXPECT_EQ(file.read_strings("segment"), (std::vector<std::string>{"portfolio", "Basic", "Plus"}));
    EXPECT_EQ(file.read_integers("customer_segment"), (std::vector<std::int64_t>{1, 2, 2, 1}));
    EXPECT_EQ(file.read_doubles("clv_mean"),
              (std::vector<double>{10, 30.5, 20, 30.5, 11, 31.5, 21, 31.5, 12, 32.5, 22, 32.5}));
    EXPECT_EQ(file.shape("clv_quantile"), (std::vector<std::uint64_t>{3, 2, 4}));
    EXPECT_EQ(file.read_doubles("clv_quantile")[23], 16);
    EXPECT_EQ(file.read_doubles("clv_quantile_se")[15], 1);
    const std::vector<double> cost = file.read_doubles("cost");
    EXPECT_EQ(cost[0], 0);
    EXPECT_EQ(cost[4], 3);
    EXPECT_TRUE(std::isnan(cost[6]));
    const std::vector<double> added = file.read_doubles("added_months");
    EXPECT_EQ(added[0], 0);
    EXPECT_EQ(added[5], 0.5);
    EXPECT_TRUE(std::isnan(added[6]));
    EXPECT_EQ(added[11], -0.1);
    EXPECT_EQ(file.read_doubles("portfolio_months"), (std::vector<double>{1.15, 0.8, 1.5}));
    EXPECT_EQ(file.read_integers("portfolio_customers"), (std::vector<std::int64_t>{4, 2, 2}));
    EXPECT_EQ(file.read_doubles("portfolio_mean"), (std::vector<double>{91, 40.5, 50.5}));
    EXPECT_EQ(file.read_doubles("portfolio_quantile"), (std::vector<double>{5, 6, 7, 8, 9, 10}));
    EXPECT_EQ(file.read_doubles("path_total"), (std::vector<double>{5.5, 11, 16.5, 0.5, 1, 1.5, 5, 10, 15}));
    EXPECT_EQ(file.read_doubles("cashflow_mean"), (std::vector<double>{1.25, 2.25, 1.25, 2.25, 1.25, 2.25}));
    EXPECT_EQ(file.shape("cashflow_quantile"), (std::vector<std::uint64_t>{3, 2, 2}));
}

TEST(ResultsFile, HasEveryDatasetOfTheFileTableButThoseOfASweep) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults sample = sample_results();
    add_uplift_distribution(sample);
    add_refined_uplift(sample);
    add_churned(sample);
    write_results(path, sample);
    const Hdf5File file = open_results_h5(path);
    for (const ColumnSpec& dataset : file_spec("results.h5").columns) {
        if (dataset.name.starts_with("scenario")) {
            EXPECT_FALSE(file.contains(dataset.name)) << dataset.name;
            continue;
        }
        ASSERT_TRUE(file.contains(dataset.name)) << dataset.name;
        EXPECT_EQ(file.text_attribute(dataset.name, "description"), dataset.meaning);
        std::vector<std::uint64_t> expected;
        std::string_view rest = dataset.dimensions;
        while (!rest.empty()) {
            const std::string_view dimension = rest.substr(0, rest.find(", "));
            expected.push_back(file.shape(dimension).at(0));
            rest.remove_prefix(std::min(rest.size(), dimension.size() + 2));
        }
        EXPECT_EQ(file.shape(dataset.name), expected) << dataset.name;
    }
    EXPECT_EQ(file.read_doubles("profit_quantile")[12], 5);
    EXPECT_EQ(file.read_doubles("prob_gain")[9], 1);
    EXPECT_EQ(file.read_doubles("payback_months")[4], 2);
    EXPECT_TRUE(std::isnan(file.read_doubles("payback_months")[0]));
}

TEST(ResultsFile, SumsUpWhoHasLeftApart) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults sample = sample_results();
    write_results(path, sample);
    const std::vector<double> before = open_results_h5(path).read_doubles("path_total");
    add_churned(sample);
    write_results(path, sample);
    const Hdf5File file = open_results_h5(path);
    EXPECT_EQ(file.read_strings("segment"), (std::vector<std::string>{"portfolio", "Basic", "Plus", "churned"}));
    EXPECT_EQ(file.read_integers("portfolio_customers"), (std::vector<std::int64_t>{3, 1, 2, 1}));
    std::vector<double> totals = file.read_doubles("path_total");
    const std::vector<double> apart(totals.end() - 3, totals.end());
    totals.resize(9);
    EXPECT_EQ(totals, before) << "the portfolio is still the sum of its segments";
    EXPECT_EQ(apart, (std::vector<double>{100 * sample.totals[0].totals.unit, 200 * sample.totals[0].totals.unit,
                                          300 * sample.totals[0].totals.unit}));
    EXPECT_EQ(read_segments(file), (std::vector<std::string>{"Basic", "Plus"}));
    const UpliftTable table = read_uplift_table(file);
    EXPECT_EQ(table.segments, (std::vector<std::string>{"Basic", "Plus"}));
    EXPECT_EQ(table.segment, (std::vector<std::uint32_t>{0, 1, 1, 0}));
    EXPECT_TRUE(table.has_left(3));
    EXPECT_FALSE(table.has_left(0));
}

TEST(ResultsFile, KeepsWhatAPlanWasMadeFromBesideTheRunsFigures) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults sample = sample_results();
    write_results(path, sample);
    EXPECT_FALSE(has_refined_uplift(open_results_h5(path)));
    EXPECT_EQ(read_planned_uplift(open_results_h5(path)).expected_profit[11], 2.0);
    EXPECT_TRUE(read_planned_uplift(open_results_h5(path)).paths.empty());
    add_refined_uplift(sample);
    write_results(path, sample);
    const Hdf5File file = open_results_h5(path);
    const UpliftTable of_run = read_uplift_table(file);
    EXPECT_EQ(of_run.expected_profit[11], 2.0);
    EXPECT_EQ(of_run.cost[11], 4.0);
    EXPECT_TRUE(of_run.paths.empty());
    EXPECT_TRUE(of_run.clv_cvar.empty());
    const UpliftTable planned = read_planned_uplift(file, true);
    EXPECT_EQ(planned.expected_profit[11], 2.25);
    EXPECT_EQ(planned.expected_profit_se[11], 0.125);
    EXPECT_EQ(planned.cost[11], 4.5);
    EXPECT_EQ(planned.paths, sample.uplift.paths);
    EXPECT_EQ(planned.clv_cvar[3], -4.0);
    EXPECT_EQ(planned.clv_cvar[11], -6.0);
    EXPECT_EQ(planned.cvar_level, 0.05);
}

TEST(ResultsFile, SaysWhatPlansDoToTheMonthsWhereThatIsKnown) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults sample = sample_results();
    write_results(path, sample);
    const std::vector<std::uint8_t> action{1, 0, 2, 2};
    const UpliftTable known = read_uplift_table(open_results_h5(path));
    EXPECT_EQ(months_under(known, action), (std::vector<double>{1.75, 2, 2, 0}));
    EXPECT_EQ(months_under(known, std::vector<std::uint8_t>(4, 0)), known.lifetime_months);
    for (UpliftFigures& uplift : sample.result.uplift) {
        uplift.added_months.clear();
    }
    write_results(path, sample);
    EXPECT_FALSE(open_results_h5(path).contains("added_months"));
    const UpliftTable unknown = read_uplift_table(open_results_h5(path));
    EXPECT_EQ(unknown.lifetime_months, sample.result.expected_lifetime_months);
    EXPECT_TRUE(months_under(unknown, action).empty());
}

TEST(ResultsFile, WhatNoRunFindsIsRefused) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    const auto refuses = [&](auto change, auto read) {
        SampleResults sample = sample_results();
        add_refined_uplift(sample);
        change(sample);
        write_results(path, sample);
        EXPECT_THROW(read(open_results_h5(path), sample), InputError);
    };
    const auto table = [](const Hdf5File& file, const SampleResults& /*sample*/) { (void)read_uplift_table(file); };
    const auto planned = [](const Hdf5File& file, const SampleResults& /*sample*/) { (void)read_planned_uplift(file); };
    const auto portfolio = [](const Hdf5File& file, const SampleResults& /*sample*/) { (void)read_portfolio(file); };
    const auto figures = [](const Hdf5File& file, const SampleResults& sample) {
        UpliftTableBuilder sink(sample.customers.customer_id, sample.plan);
        replay_figures(file, sample.plan, sink);
    };
    refuses([](SampleResults& of) { of.result.uplift[1].expected_profit_se[0] = -0.5; }, table);
    refuses([](SampleResults& of) { of.result.uplift[1].expected_profit[0] = HUGE_VAL; }, table);
    refuses([](SampleResults& of) { of.result.uplift[1].cost[0] = std::nan(""); }, table);
    refuses([](SampleResults& of) { of.result.uplift[1].added_months[0] = 1.0e6; }, table);
    for (const double months : {-1.0, 1.0e6, std::nan("")}) {
        refuses([&](SampleResults& of) { of.result.expected_lifetime_months[2] = months; }, table);
    }
    refuses([](SampleResults& of) { of.result.paths_used[1] = 0; }, table);
    refuses([](SampleResults& of) { of.uplift.expected_profit[0] = 1.0; }, planned);  // of doing nothing
    refuses([](SampleResults& of) { of.uplift.paths[0] = 0; }, planned);
    refuses([](SampleResults& of) { of.result.actions[0].sd[1] = -1.0; }, figures);
    refuses([](SampleResults& of) { of.result.actions[0].prob_loss[1] = 1.5; }, figures);
    refuses([](SampleResults& of) { of.portfolio[0].se = -1.0; }, portfolio);
    refuses([](SampleResults& of) { of.plan.settings.cvar_level = 1.5; },
            [](const Hdf5File& file, const SampleResults& /*sample*/) { (void)read_cvar_level(file); });
    write_results(path, sample_results());
    EXPECT_NO_THROW(require_configuration(open_results_h5(path), "c0ffee"));
    EXPECT_THROW(require_configuration(open_results_h5(path), "beef"), InputError);
    EXPECT_NO_THROW(require_cvar_level(open_results_h5(path), 0.05));
    EXPECT_THROW(require_cvar_level(open_results_h5(path), 0.1), InputError);
}

TEST(ResultsFile, WithoutSegmentsActionsAndCashflow) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults sample = sample_results();
    sample.customers.segment.clear();
    sample.customers.segments.clear();
    sample.plan.actions.clear();
    sample.result.actions.resize(1);
    sample.result.uplift.clear();
    sample.result.totals = {3, 1, 2.0, {1, 2, 3}};
    sample.totals = {{"none", sample.result.totals}};
    sample.portfolio.resize(1);
    sample.cashflow.clear();
    write_results(path, sample);
    const Hdf5File file = open_results_h5(path);
    EXPECT_EQ(file.read_doubles("path_total"), (std::vector<double>{2, 4, 6}));
    EXPECT_EQ(file.read_integers("customer_segment"), (std::vector<std::int64_t>{0, 0, 0, 0}));
    EXPECT_EQ(file.shape("clv_mean"), (std::vector<std::uint64_t>{1, 4}));
    EXPECT_FALSE(file.contains("cost"));
    EXPECT_FALSE(file.contains("cashflow_mean"));
}

TEST(ResultsFile, TheSameResultsGiveTheSameBytes) {
    const TemporaryFolder folder;
    write_results(folder.path() / "a.h5", sample_results());
    SampleResults other = sample_results();
    other.result.actions[2].mean[3] += 1;
    write_results(folder.path() / "other.h5", other);
    write_results(folder.path() / "b.h5", sample_results());
    EXPECT_EQ(read_text(folder.path() / "a.h5"), read_text(folder.path() / "b.h5"));
    EXPECT_NE(read_text(folder.path() / "a.h5"), read_text(folder.path() / "other.h5"));
}

TEST(ResultsFile, RefusesAnUnknownVersion) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    {
        Hdf5File file = Hdf5File::create(path);
        file.write_attribute("format", "clvsim results");
        file.write_attribute("format_version", results_format_version + 1);
        file.close();
    }
    EXPECT_THROW(static_cast<void>(open_results_h5(path)), InputError);
    {
        Hdf5File file = Hdf5File::create(path);
        file.write_attribute("title", "something else");
        file.close();
    }
    EXPECT_THROW(static_cast<void>(open_results_h5(path)), InputError);
}

TEST(ResultsFile, RefusesPartsThatDoNotBelongTogether) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "results.h5";
    SampleResults fewer_actions = sample_results();
    fewer_actions.result.actions.pop_back();
    EXPECT_THROW(write_results(path, fewer_actions), std::logic_error);
    SampleResults other_plan = sample_results();
    other_plan.portfolio[0].plan = "chosen";
    EXPECT_THROW(write_results(path, other_plan), std::logic_error);
    SampleResults fewer_totals = sample_results();
    fewer_totals.totals[0].totals = {3, 1, 0.5, {1, 2, 3}};
    EXPECT_THROW(write_results(path, fewer_totals), std::logic_error);
    SampleResults fewer_customers = sample_results();
    fewer_customers.result = {part_of(fewer_customers.result, 0, 3), {}};
    EXPECT_THROW(write_results(path, fewer_customers), std::logic_error);
    SampleResults ragged = sample_results();
    ragged.result.actions[1].cvar.pop_back();
    EXPECT_THROW(write_results(path, ragged), std::logic_error);
}

TEST(ResultsFile, TakesBatchesInOrder) {
    const TemporaryFolder folder;
    const SampleResults sample = sample_results();
    const std::vector<std::string> plans{"none"};
    ResultsFile file(folder.path() / "results.h5", {}, sample.customers, sample.plan, plans);
    file.take(0, part_of(sample.result, 0, 2));
    EXPECT_THROW(file.take(3, part_of(sample.result, 3, 1)), std::logic_error);
    EXPECT_THROW(file.take(2, sample.result), std::logic_error);
}

TEST(ResultsFile, BatchesDoNotShow) {
    const TemporaryFolder folder;
    for (const std::size_t batch : {1U, 3U, 4U}) {
        write_results(folder.path() / std::to_string(batch), sample_results(), batch);
    }
    EXPECT_EQ(read_text(folder.path() / "1"), read_text(folder.path() / "4"));
    EXPECT_EQ(read_text(folder.path() / "3"), read_text(folder.path() / "4"));
}

TEST(ResultsFile, StopsWhenInterrupted) {
    const TemporaryFolder folder;
    request_interruption();
    EXPECT_THROW(write_results(folder.path() / "results.h5", sample_results()), Interrupted);
    clear_interruption();
}

}  // namespace
}  // namespace clv
