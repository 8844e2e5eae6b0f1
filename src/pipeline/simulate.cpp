// `clv simulate` and `clv run`: one job, with and without a world to generate and a plan to make.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "clv/core/errors.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/results_file.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/run_record.hpp"
#include "clv/pipeline/simulation_run.hpp"
#include "output_folder.hpp"
#include "summary.hpp"
#include "world.hpp"

namespace clv::commands {

namespace {

void write_results(const RunConfig& config, const Population& population, const SimulationRun& run,
                   OutputSet& outputs) {
    const SimulationSettings& settings = population.plan.settings;
    write_clv_csv(outputs.path("clv.csv"), population.customers, settings, run.result);
    write_portfolio_csv(outputs.path("portfolio.csv"), settings, run.portfolio);
    if (!run.cashflow.empty()) {
        write_cashflow_csv(outputs.path("cashflow.csv"), settings, run.cashflow);
    }
    if (run.uplift) {
        write_uplift_csv(outputs.path("uplift.csv"), settings, *run.uplift, run.result);
    }
    if (run.decision) {
        write_plan_csv(outputs.path("plan.csv"), *run.uplift, run.decision->plan);
    }
    std::vector<SurvivalRows> survival;
    for (const SurvivalTable& table : population.survival.tables) {
        survival.push_back({population.columns.segments.empty() ? std::string(portfolio_name) : table.segment,
                            &table.observed, table.period_months});
    }
    if (!survival.empty()) {
        write_survival_csv(outputs.path("survival.csv"), survival);
    }
    const ResultsOrigin origin{program_version(), settings.seed, config_hash(config),
                               input_hash(config, population.customers)};
    write_results_h5(outputs.path("results.h5"), origin,
                     {population.customers, population.plan, run.result, run.portfolio, run.totals, run.cashflow});
}

/// Parameters of fitted survival models, for run.json.
nlohmann::json survival_record(const SurvivalFit& survival) {
    nlohmann::json models = nlohmann::json::array();
    for (const SurvivalTable& table : survival.tables) {
        if (table.sbg) {
            models.push_back({{"segment", table.segment},
                              {"model", "sbg"},
                              {"parameters", {{"alpha", table.sbg->model.alpha}, {"beta", table.sbg->model.beta}}},
                              {"standard_errors", {{"alpha", table.sbg->alpha_se}, {"beta", table.sbg->beta_se}}},
                              {"log_likelihood", table.sbg->log_likelihood},
                              {"status", to_string(table.sbg->status)}});
        }
    }
    return models;
}

struct Job {
    const char* command;
    bool may_generate;
    bool makes_plan;
};

int value_customers(RunConfig config, const Job& job, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    const RunConfig as_given = config;
    const std::unique_ptr<Backend> backend = choose_backend(config.execution);
    OutputSet outputs(output_folder(config));
    if (job.may_generate && config.input.customers.empty() && !config.generate.kind.empty()) {
        config.input.customers = write_world(config, outputs, terminal).string();
    }

    std::optional<RejectsWriter> rejects;
    const auto reject = [&](const RejectedRow& row) {
        if (!rejects) {
            rejects.emplace(outputs.path("rejects.csv"));
        }
        rejects->write(row);
    };
    const bool keeps_rejects = config.input.on_fault == OnFault::reject_rows;
    const Population population = load_population(config, terminal, keeps_rejects ? RejectSink(reject) : RejectSink());
    if (rejects) {
        rejects->close();
        terminal.warning(fmt::format("{} rows were rejected: rejects.csv has them and their faults",
                                     with_thousands(static_cast<std::int64_t>(population.report.rows_rejected))));
    }
    for (const std::string& note : population.report.notes) {
        terminal.message("note: " + note);
    }
    for (const SurvivalTable& table : population.survival.tables) {
        if (table.sbg && table.sbg->status == FitStatus::converged) {
            terminal.message(
                fmt::format("sBG of {}: alpha {:.6g} (se {:.3g}), beta {:.6g} (se {:.3g}), log-likelihood {:.3f}, {}",
                            table.segment, table.sbg->model.alpha, table.sbg->alpha_se, table.sbg->model.beta,
                            table.sbg->beta_se, table.sbg->log_likelihood, to_string(table.sbg->status)));
        }
    }
    for (const std::string& warning : population.survival.warnings) {
        terminal.warning(warning);
    }
    for (const std::string& note : population.notes) {
        terminal.message("note: " + note);
    }
    const SimulationSettings& settings = config.simulation;
    const Capabilities device = backend->capabilities();
    terminal.message(fmt::format("simulating {} customers x {} paths x {} months, {} action{} on {} ({})",
                                 with_thousands(static_cast<std::int64_t>(population.customers.size())),
                                 with_thousands(settings.paths), settings.horizon_months, config.actions.size(),
                                 config.actions.size() == 1 ? "" : "s", device.name, device.description));

    const SimulationRun run = run_simulation(population, config.optimizer, *backend, job.makes_plan, terminal);
    write_results(config, population, run, outputs);

    nlohmann::json record = run_record(as_given, job.command, &device, started);
    add_input(record, config, population.report, population.customers);
    if (as_given.input.customers.empty()) {
        record["input"]["file"] = "customers.csv";
    }
    record["tail_share"] = population.tail_share;
    record["warnings"] = population.survival.warnings;
    if (const nlohmann::json models = survival_record(population.survival); !models.empty()) {
        record["survival"] = models;
    }
    if (run.decision) {
        record["plan"] = plan_record(*run.decision);
    }
    // Before the commit: where the results cannot be shown, there are no new ones either.
    print_summary(population, run, terminal);
    outputs.commit(record);
    const auto seconds = std::chrono::duration<double>(std::chrono::system_clock::now() - started).count();
    terminal.message(fmt::format("wrote {} in {}, peak memory {:.0f} MiB", outputs.out_dir().string(),
                                 duration_text(seconds), peak_memory_mib()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace

int simulate(const RunConfig& config, Terminal& terminal) {
    return value_customers(config, {"simulate", false, false}, terminal);
}

int run(const RunConfig& config, Terminal& terminal) {
    return value_customers(config, {"run", true, true}, terminal);
}

}  // namespace clv::commands
