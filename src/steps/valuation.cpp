#include "clv/steps/valuation.hpp"

#include <fmt/format.h>

#include <new>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/hdf5/totals_file.hpp"
#include "clv/output/tables/customer_writer.hpp"
#include "clv/output/tables/portfolio_writer.hpp"
#include "clv/output/tables/survival_writer.hpp"
#include "clv/output/tables/uplift_writer.hpp"
#include "clv/planning/plan_simulator.hpp"

namespace clv {

namespace {

void require_same_customers(const Hdf5File& results, const Population& population) {
    const std::vector<std::string> ids = results.read_strings("customer_id");
    bool agrees = ids.size() == population.customers.size() &&
                  results.read_strings("action") == action_names(population.plan) &&
                  results.read_strings("segment") == row_names(population.customers);
    for (std::size_t i = 0; agrees && i < ids.size(); ++i) {
        agrees = population.customers.customer_id[i] == ids[i];
    }
    if (!agrees) {
        throw InputError(
            fmt::format("the results have other customers, segments or actions than the data, or another order of them "
                        "({}): run clv "
                        "simulate again",
                        population.report.file));
    }
}

/// The survival estimates behind the hazards, by segment.
std::vector<SurvivalRows> survival_rows(const Population& population) {
    std::vector<SurvivalRows> rows;
    for (const SurvivalTable& table : population.survival.tables) {
        rows.push_back({population.customers.segments.empty() ? std::string(portfolio_name) : table.segment,
                        &table.observed,
                        table.period_months,
                        {}});
        for (int period = 1; table.sbg && period <= static_cast<int>(table.observed.months()); ++period) {
            rows.back().fitted.push_back(table.sbg->model.survival(period));
        }
    }
    return rows;
}

/// Tables that no plan changes.
void write_valuation_tables(const Population& population, const SimulationRun& run, const Hdf5File& results,
                            std::span<const std::uint32_t> rank, OutputSet& outputs) {
    const SimulationSettings& settings = population.plan.settings;
    write_clv_csv(outputs.path("clv.csv"), population.customers, settings, results, rank);
    if (!run.cashflow.empty()) {
        write_cashflow_csv(outputs.path("cashflow.csv"), settings, run.cashflow);
    }
    if (!run.sources.empty()) {
        write_sources_csv(outputs.path("sources.csv"), run.sources);
    }
    if (const auto& purchases = population.purchases) {
        const PurchaseSummary& summary = purchases->summary;
        write_predictions_csv(outputs.path("predictions.csv"), population.customers,
                              {summary.frequency, summary.recency, summary.age, summary.monetary_value,
                               purchases->p_alive, purchases->expected_purchases, purchases->expected_spend},
                              settings, results, rank);
    }
    if (const std::vector<SurvivalRows> survival = survival_rows(population); !survival.empty()) {
        write_survival_csv(outputs.path("survival.csv"), survival);
    }
}

}  // namespace

std::optional<double> customer_cvar_level(const OptimizerSettings& optimizer, const SimulationSettings& simulation) {
    return optimizer.customer_risk_weight > 0.0 ? std::optional(simulation.cvar_level) : std::nullopt;
}

SimulationRun read_valuation(const Hdf5File& results, const std::filesystem::path& folder, const Population& population,
                             std::optional<double> cvar_level) {
    require_same_customers(results, population);
    require_cvar_level(results, population.plan.settings.cvar_level);
    SimulationRun run;
    run.portfolio = read_portfolio(results);
    if (const std::filesystem::path totals = folder / "totals.h5"; std::filesystem::exists(totals)) {
        run.totals.push_back({"none", read_totals_h5(totals, results)});
    }
    run.cashflow = read_cashflow(results);
    if (!population.plan.actions.empty()) {
        run.uplift = read_uplift_table(results, cvar_level.has_value());
    }
    return run;
}

ResultsUnderWay::ResultsUnderWay(const ResultsOrigin& origin, const Population& population, bool with_plan,
                                 OutputSet& outputs) try
    : population_(population),
      path_(outputs.path("results.h5")),
      file_(path_, origin, population.customers, population.plan, plan_names(population.plan, with_plan)) {
} catch (const std::bad_alloc&) {
    throw_out_of_memory(population.plan, population.customers.segments.size());
}

SimulationRun ResultsUnderWay::value(const Backend& backend, bool with_customer_cvar, Progress& progress) {
    return value_population(population_, backend, with_customer_cvar, file_, progress);
}

void ResultsUnderWay::copy_customers(const Hdf5File& earlier) {
    replay_figures(earlier, population_.plan, file_);
}

Hdf5File ResultsUnderWay::finish(const SimulationRun& run) {
    file_.write_portfolio(run.portfolio, run.totals);
    if (!run.cashflow.empty()) {
        file_.write_cashflow(run.cashflow);
    }
    if (run.uplift) {
        file_.write_refined(*run.uplift);
    }
    file_.close();
    return reopen_results_h5(path_);
}

void write_run_tables(const Population& population, const SimulationRun& run, const Hdf5File& results,
                      std::span<const std::uint32_t> rank, EarlierTables earlier, bool refined_before,
                      OutputSet& outputs) {
    if (earlier == EarlierTables::none) {
        write_valuation_tables(population, run, results, rank, outputs);
    }
    write_portfolio_csv(outputs.path("portfolio.csv"), population.plan.settings, run.portfolio);
    const bool is_as_before =
        earlier == EarlierTables::stand && !refined_before && (!run.uplift || run.uplift->paths.empty());
    if (run.uplift && !is_as_before) {
        write_uplift_csv(outputs.path("uplift.csv"), population.customers.customer_id, population.plan, results);
    }
    if (run.uplift && earlier == EarlierTables::none) {
        std::vector<std::string> names = row_names(population.customers);
        if (!population.customers.segments.empty()) {
            names.erase(names.begin());  // the portfolio is their sum
        }
        write_totals_h5(outputs.path("totals.h5"), run.totals.front().totals, names);
    }
}

std::vector<std::uint32_t> ranks_by_mean(const Hdf5File& results, const CustomerTable& customers) {
    std::vector<double> mean(customers.size());
    results.read_part("clv_mean", 0, 0, mean);
    return rank_by_value(
        mean, customers.customer_id,
        customers.churned_apart ? std::span<const std::uint8_t>(customers.churned) : std::span<const std::uint8_t>());
}

}  // namespace clv
