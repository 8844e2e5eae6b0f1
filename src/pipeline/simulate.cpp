// `clv simulate` and `clv run`: the steps from an input, or a world to generate, to values and a plan.

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/model_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/pipeline/steps.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/output_folder.hpp"
#include "pipeline/steps/prepare_population.hpp"
#include "pipeline/steps/valuation.hpp"
#include "pipeline/steps/world_settings.hpp"
#include "report.hpp"

namespace clv::commands {

namespace {

namespace fs = std::filesystem;

/// What the steps of one command share.
struct Work {
    std::string command;
    RunConfig as_given;
    RunConfig config;  ///< as_given, whose input is the world that was generated
    bool generates;    ///< a world
    bool makes_plan;
    std::unique_ptr<Backend> backend;
    OutputSet outputs;
    Ledger ledger;
    Terminal& terminal;
    std::chrono::system_clock::time_point started;
};

PathLaw law_of(const RunConfig& config, bool generates) {
    const bool generates_retail = generates && config.generate.kind == "retail";
    return config.input.has_purchases() || generates_retail ? PathLaw::retail : PathLaw::subscription;
}

/// The file of a generated world, new or as an earlier run left it.
void generate_step(Work& work) {
    RunConfig& config = work.config;
    const bool is_retail = config.generate.kind == "retail";
    std::string file;
    if (work.ledger.reuses("generate")) {
        file = (work.outputs.out_dir() / (is_retail ? "transactions.csv" : "customers.csv")).string();
    } else if (is_retail) {
        file = write_retail_world(world_settings(config), work.outputs, work.terminal).transactions_file.string();
    } else {
        file = write_world(world_settings(config), work.outputs, work.terminal).string();
    }
    if (is_retail) {
        config.input.transactions = {file};
    } else {
        config.input.customers = file;
    }
}

/// Reads the customers, and fits what is to be fitted.
Population population_step(Work& work) {
    std::optional<FittedModel> fitted_before;
    if (work.ledger.reuses("fit")) {
        fitted_before = read_model(work.outputs.out_dir() / "model.json");
    }
    return prepare_population(work.config, work.outputs, work.terminal, FitFiles::written,
                              fitted_before ? &*fitted_before : nullptr);
}

void say_what_is_simulated(const Population& population, const Work& work) {
    const SimulationSettings& settings = work.config.simulation;
    const std::size_t actions = work.config.actions.size();
    const Capabilities device = work.backend->capabilities();
    work.terminal.message(fmt::format("simulating {} customers x {} paths x {} months, {} action{} on {} ({})",
                                      with_thousands(static_cast<std::int64_t>(population.customers.size())),
                                      with_thousands(settings.paths), settings.horizon_months, actions,
                                      actions == 1 ? "" : "s", device.name, device.description));
}

/// Values customers and, where asked for, plans.
struct Valued {
    SimulationRun run;
    Hdf5File results;
    bool refined_before = false;
};

Valued value_and_plan_steps(Work& work, Population& population, const std::string& input_hash,
                            const std::vector<std::uint8_t>& current) {
    const bool plans = work.makes_plan && !population.plan.actions.empty();
    const auto plan = [&](SimulationRun& run) {
        if (plans) {
            plan_population(population, work.config.optimizer, current, *work.backend, run, work.terminal);
        }
    };
    if (!work.ledger.reuses("value")) {
        say_what_is_simulated(population, work);
        ResultsUnderWay file(work.config, input_hash, population, work.makes_plan, work.outputs);
        SimulationRun run = file.value(*work.backend, work.terminal);
        plan(run);
        Hdf5File results = file.finish(run);
        return {std::move(run), std::move(results), false};
    }
    Hdf5File earlier = open_results_h5(work.outputs.out_dir() / "results.h5");
    SimulationRun run = read_valuation(earlier, work.outputs.out_dir(), population, customer_cvar_level(work.config));
    if (!plans) {
        return {std::move(run), std::move(earlier), false};
    }
    plan(run);
    ResultsUnderWay file(work.config, input_hash, population, true, work.outputs);
    file.copy_customers(earlier);
    Hdf5File results = file.finish(run);
    return {std::move(run), std::move(results), has_refined_uplift(earlier)};
}

/// What reused steps wrote stays in the set.
void keep_reused(Work& work) {
    for (const RunStep& step : work.ledger.earlier().steps) {
        if (work.ledger.reuses(step.name)) {
            for (const std::string& file : step.outputs) {
                work.outputs.keep(file);
            }
        }
    }
}

RunRecord record_of(const Work& work, const Population& population, const Valued& valued) {
    const Capabilities device = work.backend->capabilities();
    RunRecord record = run_record(work.as_given, work.command, &device, work.started);
    add_input(record, work.config, population.report, population.customers.content_hash);
    if (work.generates) {
        record.input->file = work.as_given.generate.kind == "retail" ? "transactions.csv" : "customers.csv";
    }
    add_population(record, population);
    if (valued.run.decision) {
        record.plan = plan_record(*valued.run.decision);
    }
    if (!valued.run.sources.empty()) {
        record.sources = sources_record(valued.run.sources);
    }
    record.steps = work.ledger.record(work.outputs.names());
    return record;
}

/// Returns its run.json, as it was published.
RunRecord value_customers(Work& work) {
    const RunConfig& config = work.config;
    const RunRecord& earlier = work.ledger.earlier();
    if (work.ledger.reuses_any()) {
        work.terminal.message(
            fmt::format("reused: {} (nothing that they depend on has changed; --fresh makes them anew)",
                        work.ledger.reused_names()));
        keep_reused(work);
    }
    if (work.generates) {
        generate_step(work);
    }
    Population population = population_step(work);
    const std::vector<std::string> actions = action_names(population.plan);
    if (work.makes_plan && !population.plan.actions.empty()) {
        check_request(config.optimizer, config.simulation, actions, population.customers.segments);
    }
    const std::vector<std::uint8_t> current = current_policy(work.makes_plan ? config.optimizer.current : std::string(),
                                                             population.customers.customer_id, actions, work.terminal);
    if (!config.scenarios.empty()) {
        work.terminal.message("note: [[scenarios]] are left out; clv sweep compares them");
    }
    Valued valued = value_and_plan_steps(
        work, population, input_hash(config.input, config.survival, population.customers.content_hash), current);
    if (work.ledger.reuses("value") && !earlier.sources.is_null()) {
        valued.run.sources = sources_of_record(earlier.sources);
    }
    const std::vector<std::uint32_t> rank = ranks_by_mean(valued.results, population.customers.customer_id);
    const bool stand = work.ledger.reuses("value");
    write_run_tables(population, valued.run, valued.results, rank, stand ? EarlierTables::stand : EarlierTables::none,
                     valued.refined_before, work.outputs);
    if (valued.run.decision) {
        write_plan_files(*valued.run.uplift, config.optimizer, *valued.run.decision,
                         {"results.h5", digest_file(work.outputs.path("results.h5")).sha256}, work.outputs);
    }
    RunRecord record = record_of(work, population, valued);
    // Before the commit: where the results cannot be shown, there are no new ones either.
    print_summary(population, valued.run, valued.results, rank, work.terminal);
    RunRecord published = work.outputs.commit(std::move(record));
    say_written(work.outputs, work.started, work.terminal);
    return published;
}

/// The steps as they stand before anything runs.
Ledger ledger_of(const RunConfig& config, const std::vector<std::string_view>& steps, bool fresh) {
    Ledger ledger(config, steps);
    if (!fresh) {
        ledger.reuse_from(output_folder(config));
    }
    return ledger;
}

struct Job {
    const char* command;
    bool may_generate;
    bool makes_plan;
};

/// Chooses what executes, looks what has to run, and opens the set of files.
Work begin(const RunConfig& config, const Job& job, const std::vector<std::string_view>& steps, bool fresh,
           Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    const bool generates = job.may_generate && generates_world(config);
    const PathLaw law = law_of(config, generates);
    if (config.simulation.attribution && law != PathLaw::retail) {
        throw ConfigError(
            "simulation.attribution is for customers without a contract: leave it out, or name input.summary or "
            "input.transactions");
    }
    auto backend = choose_backend(config.execution, config.simulation, law,
                                  job.makes_plan && config.optimizer.objective == Objective::mean_cvar);
    return {job.command,
            config,
            config,
            generates,
            job.makes_plan,
            std::move(backend),
            open_output(config, job.command),
            ledger_of(config, steps, fresh),
            terminal,
            started};
}

/// What would run, and why.
int list_steps(const Ledger& ledger, Terminal& terminal) {
    for (const LedgerEntry& entry : ledger.entries()) {
        for (const StepInput& input : entry.inputs) {
            if (input.hash.empty() && !is_in_memory(input.file)) {
                static_cast<void>(digest_file(input.file));  // says why it cannot be read
            }
        }
    }
    if (terminal.wants_json()) {
        nlohmann::json steps = nlohmann::json::array();
        for (const LedgerEntry& entry : ledger.entries()) {
            steps.push_back({{"name", entry.name}, {"hash", entry.hash}, {"reused", entry.reused}, {"why", entry.why}});
        }
        terminal.data(nlohmann::json{{"steps", std::move(steps)}}.dump(2) + "\n");
        return static_cast<int>(ExitCode::done);
    }
    Table table({{"step", Table::Align::left}, {"", Table::Align::left}, {"because", Table::Align::left}});
    for (const LedgerEntry& entry : ledger.entries()) {
        table.add_row({entry.name, entry.reused ? "is reused" : "runs",
                       entry.reused ? "nothing that it depends on has changed" : entry.why});
    }
    terminal.data(table);
    return static_cast<int>(ExitCode::done);
}

}  // namespace

int simulate(const RunConfig& config, Terminal& terminal) {
    std::vector<std::string_view> steps;
    if (config.input.has_purchases() && config.input.model.empty()) {
        steps.emplace_back("fit");
    }
    steps.emplace_back("value");
    Work work = begin(config, {"simulate", false, false}, steps, true, terminal);
    value_customers(work);
    return static_cast<int>(ExitCode::done);
}

int run(const RunConfig& config, Terminal& terminal) {
    return run(config, RunOptions{}, terminal);
}

int run(const RunConfig& config, const RunOptions& options, Terminal& terminal) {
    if (options.dry_run) {
        return list_steps(ledger_of(config, steps_of_run(config), options.fresh), terminal);
    }
    Work work = begin(config, {"run", true, true}, steps_of_run(config), options.fresh, terminal);
    const RunRecord record = value_customers(work);
    const std::string interpreter = python_interpreter();
    const bool has_page = has_report_package(interpreter);
    if (!has_page) {
        terminal.message("note: report.html is left out, it needs the Python package clvsim (pip install .)");
    }
    write_report(output_folder(config), record, has_page ? interpreter : "", terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
