// `clv simulate` and `clv run`: one job, with and without a world to generate and a plan to make.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <span>

#include "clv/core/errors.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/results_writer.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/terminal/run_tables.hpp"
#include "output_folder.hpp"
#include "read_population.hpp"
#include "report.hpp"
#include "world_settings.hpp"

namespace clv::commands {

namespace {

/// Everything but results.h5, which holds the figures of the customers by now.
void write_tables(const Population& population, const SimulationRun& run, const Hdf5File& results,
                  std::span<const std::uint32_t> rank, OutputSet& outputs) {
    const SimulationSettings& settings = population.plan.settings;
    write_clv_csv(outputs.path("clv.csv"), population.customers, settings, results, rank);
    write_portfolio_csv(outputs.path("portfolio.csv"), settings, run.portfolio);
    if (!run.cashflow.empty()) {
        write_cashflow_csv(outputs.path("cashflow.csv"), settings, run.cashflow);
    }
    if (!run.sources.empty()) {
        write_sources_csv(outputs.path("sources.csv"), run.sources);
    }
    if (run.uplift) {
        write_uplift_csv(outputs.path("uplift.csv"), population.customers.customer_id, population.plan, results);
    }
    if (const auto& purchases = population.purchases) {
        const PurchaseSummary& summary = purchases->summary;
        write_predictions_csv(outputs.path("predictions.csv"), population.customers,
                              {summary.frequency, summary.recency, summary.age, summary.monetary_value,
                               purchases->p_alive, purchases->expected_purchases, purchases->expected_spend},
                              settings, results, rank);
    }
    std::vector<SurvivalRows> survival;
    for (const SurvivalTable& table : population.survival.tables) {
        survival.push_back({population.customers.segments.empty() ? std::string(portfolio_name) : table.segment,
                            &table.observed,
                            table.period_months,
                            {}});
        for (int period = 1; table.sbg && period <= static_cast<int>(table.observed.months()); ++period) {
            survival.back().fitted.push_back(table.sbg->model.survival(period));
        }
    }
    if (!survival.empty()) {
        write_survival_csv(outputs.path("survival.csv"), survival);
    }
}

std::vector<std::uint32_t> ranks(const Hdf5File& results, const IdColumn& customer_id) {
    std::vector<double> mean(customer_id.size());
    results.read_part("clv_mean", 0, 0, mean);
    return rank_by_value(mean, customer_id);
}

struct Job {
    const char* command;
    bool may_generate;
    bool makes_plan;
};

/// Returns its run.json, as it was published.
nlohmann::json value_customers(RunConfig config, const Job& job, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    const RunConfig as_given = config;
    const bool generates = job.may_generate && generates_world(config);
    const bool generates_retail = generates && config.generate.kind == "retail";
    const PathLaw law = config.input.has_purchases() || generates_retail ? PathLaw::retail : PathLaw::subscription;
    if (config.simulation.attribution && law != PathLaw::retail) {
        throw ConfigError(
            "simulation.attribution is for customers without a contract: leave it out, or name input.summary or "
            "input.transactions");
    }
    const std::unique_ptr<Backend> backend = choose_backend(
        config.execution, config.simulation, law, job.makes_plan && config.optimizer.objective == Objective::mean_cvar);
    OutputSet outputs(output_folder(config));
    if (generates_retail) {
        config.input.transactions = {
            write_retail_world(world_settings(config), outputs, terminal).transactions_file.string()};
    } else if (generates) {
        config.input.customers = write_world(world_settings(config), outputs, terminal).string();
    }

    Population population = read_population(config, outputs, terminal, FitFiles::written);
    const SimulationSettings& settings = config.simulation;
    if (job.makes_plan && !population.plan.actions.empty()) {
        check_request(config.optimizer, settings, action_names(population.plan), population.customers.segments);
    }
    const std::vector<std::uint8_t> current =
        current_policy(job.makes_plan ? config.optimizer.current : std::string(), population.customers.customer_id,
                       action_names(population.plan), terminal);
    if (!config.scenarios.empty()) {
        terminal.message("note: [[scenarios]] are left out; clv sweep compares them");
    }
    const Capabilities device = backend->capabilities();
    terminal.message(fmt::format("simulating {} customers x {} paths x {} months, {} action{} on {} ({})",
                                 with_thousands(static_cast<std::int64_t>(population.customers.size())),
                                 with_thousands(settings.paths), settings.horizon_months, config.actions.size(),
                                 config.actions.size() == 1 ? "" : "s", device.name, device.description));

    const std::filesystem::path results_file = outputs.path("results.h5");
    const ResultsOrigin origin{program_version(), settings.seed, config_hash(config),
                               input_hash(config, population.customers.content_hash)};
    ResultsFile file(results_file, origin, population.customers, population.plan,
                     plan_names(population.plan, job.makes_plan));
    const SimulationRun run =
        run_simulation(population, config.optimizer, current, *backend, job.makes_plan, file, terminal);
    file.write_portfolio(run.portfolio, run.totals);
    if (!run.cashflow.empty()) {
        file.write_cashflow(run.cashflow);
    }
    if (run.uplift) {
        file.write_refined(*run.uplift);
    }
    file.close();
    const Hdf5File results = open_results_h5(results_file);
    const std::vector<std::uint32_t> rank = ranks(results, population.customers.customer_id);
    write_tables(population, run, results, rank, outputs);
    if (run.decision) {
        write_plan_files(*run.uplift, config.optimizer, *run.decision,
                         {results_file.filename().string(), digest_file(results_file).sha256}, outputs);
    }

    nlohmann::json record = run_record(as_given, job.command, &device, started);
    add_input(record, config, population.report, population.customers.content_hash);
    if (generates) {
        record["input"]["file"] = generates_retail ? "transactions.csv" : "customers.csv";
    }
    add_population(record, population);
    if (run.decision) {
        record["plan"] = plan_record(*run.decision);
    }
    if (!run.sources.empty()) {
        record["sources"] = sources_record(run.sources);
    }
    // Before the commit: where the results cannot be shown, there are no new ones either.
    print_summary(population, run, results, rank, terminal);
    record = outputs.commit(record);
    say_written(outputs, started, terminal);
    return record;
}

}  // namespace

int simulate(const RunConfig& config, Terminal& terminal) {
    value_customers(config, {"simulate", false, false}, terminal);
    return static_cast<int>(ExitCode::done);
}

int run(const RunConfig& config, Terminal& terminal) {
    const nlohmann::json record = value_customers(config, {"run", true, true}, terminal);
    const std::string interpreter = python_interpreter();
    const bool has_page = has_report_package(interpreter);
    if (!has_page) {
        terminal.message("note: report.html is left out, it needs the Python package clvsim (pip install .)");
    }
    write_report(output_folder(config), record, has_page ? interpreter : "", terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
