#pragma once
// A small run with invented figures: four customers in two segments, two actions, three paths, two months.

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/output/hdf5/results_file.hpp"

namespace clv {

struct SampleResults {
    CustomerTable customers;
    SimulationPlan plan;
    SimulationResult result;
    UpliftTable uplift;
    std::vector<PortfolioRow> portfolio;
    std::vector<PlanTotals> totals;
    std::vector<CashflowRow> cashflow;
};

/// Customers first .. first + count - 1 of the run's figures.
inline CustomerFigures part_of(const CustomerFigures& all, std::size_t first, std::size_t count) {
    const auto cut = [&](auto& values) {
        values = {values.begin() + static_cast<std::ptrdiff_t>(first),
                  values.begin() + static_cast<std::ptrdiff_t>(std::min(first + count, values.size()))};
    };
    CustomerFigures part = all;
    for (ClvFigures& action : part.actions) {
        for (auto* values : {&action.mean, &action.se, &action.sd, &action.cvar, &action.cvar_se, &action.prob_loss}) {
            cut(*values);
        }
        std::ranges::for_each(action.quantiles, cut);
        std::ranges::for_each(action.quantile_se, cut);
    }
    for (UpliftFigures& action : part.uplift) {
        cut(action.expected_profit);
        cut(action.expected_profit_se);
        cut(action.cost);
        std::ranges::for_each(action.profit_quantiles, cut);
        for (auto* values : {&action.added_months, &action.profit_cvar, &action.prob_gain, &action.payback_months}) {
            if (!values->empty()) {
                cut(*values);
            }
        }
    }
    cut(part.expected_lifetime_months);
    cut(part.paths_used);
    return part;
}

/// results.h5 of the run, so many customers at a time.
inline void write_results(const std::filesystem::path& path, const SampleResults& sample, std::size_t batch = 4) {
    const std::vector<std::string> plans{"none"};
    ResultsFile file(path, {"0.1.0", 42, "c0ffee", "beef"}, sample.customers, sample.plan, plans);
    for (std::size_t first = 0; first < sample.result.expected_lifetime_months.size(); first += batch) {
        file.take(first, part_of(sample.result, first, batch));
    }
    file.write_portfolio(sample.portfolio, sample.totals);
    if (!sample.cashflow.empty()) {
        file.write_cashflow(sample.cashflow);
    }
    file.write_refined(sample.uplift);
    file.close();
}

inline ClvFigures sample_figures(double shift) {
    const std::vector<double> base{10.0 + shift, 30.5 + shift, 20.0 + shift, 30.5 + shift};
    ClvFigures clv;
    clv.mean = base;
    clv.se = {0.1, 0.2, 0.3, 0.4};
    clv.sd = {1.0, 2.0, 3.0, 4.0};
    clv.quantiles = {base, {11, 12, 13, 14 + shift}};
    clv.quantile_se = {{0.5, 0.5, 0.5, 0.5}, {0.25, 0.25, 0.25, shift}};
    clv.cvar = {-1, -2, -3, -4 - shift};
    clv.cvar_se = {0, 0, 0, 1};
    clv.prob_loss = {0.25, 0, 0, 1};
    return clv;
}

/// With simulation.uplift_distribution.
inline void add_uplift_distribution(SampleResults& sample) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    sample.plan.settings.uplift_distribution = true;
    sample.result.uplift[0].profit_quantiles = {{-3, -3, nan, -3}, {5, 6, nan, 7}};
    sample.result.uplift[0].profit_cvar = {-3.5, -3.5, nan, -3.5};
    sample.result.uplift[0].prob_gain = {0.25, 0.5, nan, 0.75};
    sample.result.uplift[0].payback_months = {2, nan, nan, 1};
    sample.result.uplift[1].profit_quantiles = {{-4, -4, -4, -4}, {8, 8, 8, 9}};
    sample.result.uplift[1].profit_cvar = {-5, -5, -5, -5};
    sample.result.uplift[1].prob_gain = {1, 1, 1, 0};
    sample.result.uplift[1].payback_months = {1, 1, 2, nan};
}

/// With optimizer.added_paths: customer C2 has more paths.
inline void add_refined_uplift(SampleResults& sample) {
    UpliftTable& uplift = sample.uplift;
    uplift.paths = {3, 3, 3, 10};
    uplift.expected_profit[uplift.cell(3, 2)] = 2.25;
    uplift.expected_profit_se[uplift.cell(3, 2)] = 0.125;
    uplift.cost[uplift.cell(3, 2)] = 4.5;
}

inline SampleResults sample_results() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    SampleResults sample;
    for (const char* id : {"C1", "C3", "A,1", "C2"}) {
        sample.customers.customer_id.push_back(id);
    }
    sample.customers.segment = {0, 1, 1, 0};
    sample.customers.segments = {"Basic", "Plus"};
    sample.plan.settings.paths = 3;
    sample.plan.settings.horizon_months = 2;
    sample.plan.settings.quantiles = {0.05, 0.975};
    sample.plan.actions.resize(2);
    sample.plan.actions[0].name = "call";
    sample.plan.actions[1].name = "discount";
    sample.plan.eligible = {0b11, 0b11, 0b10, 0b11};
    sample.result.actions = {sample_figures(0), sample_figures(1), sample_figures(2)};
    sample.result.uplift = {{{1, 1, nan, 1}, {0.5, 0.5, nan, 0.5}, {3, 3, nan, 3}},
                            {{2, 2, 2, 2}, {0.5, 0.5, 0.5, 0.5}, {4, 4, 4, 4}}};
    sample.result.uplift[0].added_months = {0.25, 0.5, nan, 0};
    sample.result.uplift[1].added_months = {0.5, 0, 1, -0.1};
    sample.result.expected_lifetime_months = {1.5, 2, 1, 0.1};
    sample.result.paths_used = {3, 3, 67, 3};
    sample.result.totals = {3, 2, 0.5, {1, 2, 3, 10, 20, 30}};

    sample.uplift.customer_id = sample.customers.customer_id;
    sample.uplift.actions = {"none", "call", "discount"};
    for (std::vector<double>* column : {&sample.uplift.expected_profit, &sample.uplift.expected_profit_se,
                                        &sample.uplift.cost, &sample.uplift.added_months}) {
        column->assign(4, 0.0);
    }
    for (const UpliftFigures& action : sample.result.uplift) {
        const auto append = [](std::vector<double>& column, const std::vector<double>& figures) {
            column.insert(column.end(), figures.begin(), figures.end());
        };
        append(sample.uplift.expected_profit, action.expected_profit);
        append(sample.uplift.expected_profit_se, action.expected_profit_se);
        append(sample.uplift.cost, action.cost);
        append(sample.uplift.added_months, action.added_months);
    }
    sample.uplift.lifetime_months = sample.result.expected_lifetime_months;
    sample.portfolio = {{"portfolio", "none", 4, 91, 1, 2, {5, 6}, 4, 0.25, 86, 1.15},
                        {"Basic", "none", 2, 40.5, 1, 2, {7, 8}, 4, 0, 33.5, 0.8},
                        {"Plus", "none", 2, 50.5, 1, 2, {9, 10}, 4, 0, 41.5, 1.5}};
    sample.totals = {{"none", sample.result.totals}};
    for (const char* segment : {"portfolio", "Basic", "Plus"}) {
        sample.cashflow.push_back({segment, 1, 1.25, {1, 1.5}});
        sample.cashflow.push_back({segment, 2, 2.25, {2, 2.5}});
    }
    return sample;
}

/// The last customer has left, and is in sums of its own.
inline void add_churned(SampleResults& sample) {
    sample.customers.churned = {0, 0, 0, 1};
    sample.customers.churned_apart = true;
    PathTotals& totals = sample.totals.front().totals;
    totals.segments += 1;
    totals.apart = 1;
    for (std::uint64_t path = 0; path < totals.paths; ++path) {
        totals.values.push_back(static_cast<std::int64_t>(100 * (path + 1)));
    }
}

}  // namespace clv
