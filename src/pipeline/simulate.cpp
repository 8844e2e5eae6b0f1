// `clv simulate` and `clv run`: the steps from an input, or a world to generate, to values and a plan.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/output/documents/certificate_file.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/documents/model_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/documents/value_learner_file.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/hdf5/results_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/retention_writer.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/current_policy.hpp"
#include "clv/steps/learn_values.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/steps/rules_files.hpp"
#include "clv/steps/segment_files.hpp"
#include "clv/steps/valuation.hpp"
#include "clv/terminal/learning_tables.hpp"
#include "clv/terminal/rules_tables.hpp"
#include "clv/terminal/run_tables.hpp"
#include "clv/terminal/segment_tables.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/settings.hpp"
#include "report.hpp"

namespace clv::commands {

namespace {

namespace fs = std::filesystem;

/// What is to be done.
struct Task {
    PopulationSettings customers;
    OptimizerSettings optimizer;
    SegmentSettings segment;
    std::optional<WorldSettings> world;  ///< to generate first
    bool makes_plan = false;
    bool learns_values = false;
    RulesSettings rules{};
};

/// What its steps share.
struct Work {
    Task task;
    CommandRun run;
    std::unique_ptr<Backend> backend;
    Terminal& terminal;
};

/// The file of a generated world, new or as an earlier run left it.
void generate_step(const WorldSettings& world, Work& work) {
    OutputSet& outputs = work.run.outputs();
    fs::path folder = outputs.out_dir();
    if (!work.run.ledger().reuses("generate")) {
        const fs::path file = world.generate.kind == "retail"
                                  ? write_retail_world(world, outputs, work.terminal).transactions_file
                                  : write_world(world, outputs, work.terminal);
        folder = file.parent_path();
    }
    use_world(folder, world.generate, work.task.customers.input);
}

/// Customers valued and, where asked for, a plan.
struct Valued {
    SimulationRun run;
    Hdf5File results;
    bool refined_before = false;
};

/// What customers without a contract will spend: learned, and what follows from it.
void value_learning_steps(Work& work) {
    OutputSet& outputs = work.run.outputs();
    const Ledger& ledger = work.run.ledger();
    const PopulationSettings& settings = work.task.customers;
    if (!work.task.learns_values || ledger.reuses("rank")) {
        return;
    }
    ValueLearner learner;
    if (!settings.input.learner.empty()) {
        learner = read_value_learner(settings.input.learner);
    } else if (ledger.reuses("learn")) {
        learner = read_value_learner(outputs.out_dir() / "learner.json");
    } else {
        PurchasesRead read;
        ValueLearning learning =
            learn_values(settings, written_elsewhere(settings.input), read, outputs, work.terminal);
        show_learning(learning, work.terminal);
        learner = std::move(learning.learner);
    }
    rank_values(settings, learner, work.task.segment, outputs, work.terminal);
}

bool makes_segments(const Work& work) {
    return work.task.segment.method && !work.run.ledger().reuses("segment");
}

/// Segments of customers, once they are valued.
void segment_step(Work& work, const Population& population, const NumberColumns& of_input, const Valued& valued) {
    if (!makes_segments(work)) {
        return;
    }
    const SegmentsTable table = segments_of_run(work.task.customers, work.task.segment, population, of_input,
                                                valued.run, valued.results, work.terminal);
    write_segment_files(table, work.run.outputs());
    show_segments(table.segments, work.terminal);
}

/// What rules say of customers who are valued as well.
void rules_step(Work& work) {
    if (work.task.rules.file.empty() || work.run.ledger().reuses("rules")) {
        return;
    }
    const PopulationSettings& settings = work.task.customers;
    const RuledInput input =
        judge_by_rules(settings, work.task.rules, written_elsewhere(settings.input), work.run.outputs(), work.terminal);
    work.terminal.message(fmt::format("judged {} customers by rules (lifecycle.csv)",
                                      with_thousands(static_cast<std::int64_t>(input.customers.size()))));
}

/// Reads the customers, and fits what is to be fitted.
Population population_step(Work& work) {
    OutputSet& outputs = work.run.outputs();
    std::optional<FittedModel> fitted_before;
    if (work.run.ledger().reuses("fit")) {
        fitted_before = read_model(outputs.out_dir() / "model.json");
    }
    std::optional<Learner> learned_before;
    if (work.run.ledger().reuses("learn") && !work.task.learns_values) {
        learned_before = read_learner(outputs.out_dir() / "learner.json");
    }
    return prepare_population(work.task.customers, outputs, work.terminal, FitFiles::written,
                              {fitted_before ? &*fitted_before : nullptr, learned_before ? &*learned_before : nullptr});
}

void say_what_is_simulated(const Population& population, const Work& work) {
    const SimulationSettings& settings = population.plan.settings;
    const std::size_t actions = population.plan.actions.size();
    const Capabilities device = work.backend->capabilities();
    work.terminal.message(fmt::format("simulating {} customers x {} paths x {} months, {} action{} on {} ({})",
                                      with_thousands(static_cast<std::int64_t>(population.customers.size())),
                                      with_thousands(settings.paths), settings.horizon_months, actions,
                                      actions == 1 ? "" : "s", device.name, device.description));
}

/// Values customers and, where asked for, plans.
Valued value_and_plan_steps(Work& work, Population& population, const std::string& input_hash,
                            const std::vector<std::uint8_t>& current) {
    const Task& task = work.task;
    OutputSet& outputs = work.run.outputs();
    const bool plans = task.makes_plan && !population.plan.actions.empty();
    const std::optional<double> cvar_level = customer_cvar_level(task.optimizer, population.plan.settings);
    const auto plan = [&](SimulationRun& run) {
        if (plans) {
            plan_population(population, task.optimizer, current, *work.backend, run, work.terminal);
        }
    };
    if (!work.run.ledger().reuses("value")) {
        say_what_is_simulated(population, work);
        ResultsUnderWay file(work.run.origin(input_hash), population, task.makes_plan, outputs);
        SimulationRun run = file.value(*work.backend, cvar_level.has_value(), work.terminal);
        plan(run);
        Hdf5File results = file.finish(run);
        return {std::move(run), std::move(results), false};
    }
    Hdf5File earlier = open_results_h5(outputs.out_dir() / "results.h5");
    SimulationRun run = read_valuation(earlier, outputs.out_dir(), population, cvar_level);
    if (!plans) {
        const std::string config_hash = work.run.origin(input_hash).config_hash;
        if (config_hash != work.run.ledger().earlier().config_hash) {
            const fs::path path = outputs.path("results.h5");
            copy_results_h5(outputs.out_dir() / "results.h5", path, config_hash);
            earlier = reopen_results_h5(path);
        }
        return {std::move(run), std::move(earlier), false};
    }
    require_configuration(earlier, work.run.ledger().earlier().config_hash);
    plan(run);
    ResultsUnderWay file(work.run.origin(input_hash), population, true, outputs);
    file.copy_customers(earlier);
    Hdf5File results = file.finish(run);
    return {std::move(run), std::move(results), has_refined_uplift(earlier)};
}

/// What reused steps wrote stays in the set.
void keep_reused(CommandRun& run) {
    for (const RunStep& step : run.ledger().earlier().steps) {
        if (run.ledger().reuses(step.name)) {
            for (const std::string& file : step.outputs) {
                run.outputs().keep(file);
            }
        }
    }
}

RunRecord record_of(const Work& work, const Population& population, const std::string& input_hash,
                    const Valued& valued) {
    const Capabilities device = work.backend->capabilities();
    RunRecord record = work.run.record(&device);
    record.input = run_input(population.report, input_hash);
    if (work.task.world) {
        record.input->file = world_file(work.task.world->generate);
    }
    add_population(record, population, valued.run.portfolio);
    if (valued.run.decision) {
        record.plan = plan_record(*valued.run.decision);
    }
    if (!valued.run.sources.empty()) {
        record.sources = sources_record(valued.run.sources);
    }
    return record;
}

/// Returns what run.json is to say.
RunRecord value_customers(Work& work) {
    const OptimizerSettings& optimizer = work.task.optimizer;
    const Ledger& ledger = work.run.ledger();
    OutputSet& outputs = work.run.outputs();
    if (const auto reused = std::ranges::count_if(ledger.entries(), &LedgerEntry::reused); reused > 0) {
        const bool is_one = reused == 1;
        work.terminal.message(fmt::format("reused: {} (nothing that {} on has changed; --fresh makes {} anew)",
                                          ledger.reused_names(), is_one ? "it depends" : "they depend",
                                          is_one ? "it" : "them"));
        keep_reused(work.run);
    }
    if (work.task.world) {
        generate_step(*work.task.world, work);
    }
    value_learning_steps(work);
    Population population = population_step(work);
    const NumberColumns grouped =  // before hours of simulation, should a column be missing
        makes_segments(work)
            ? segment_columns_of_input(work.task.customers, work.task.segment, population, work.terminal)
            : NumberColumns{};
    const std::vector<std::string> actions = action_names(population.plan);
    if (work.task.makes_plan && !population.plan.actions.empty()) {
        check_request(optimizer, population.plan.settings, actions, population.customers.segments);
    }
    const std::vector<std::uint8_t> current = current_policy(work.task.makes_plan ? optimizer.current : std::string(),
                                                             population.customers.customer_id, actions, work.terminal);
    const std::string input =
        input_hash(work.task.customers.input, work.task.customers.survival, population.customers.content_hash);
    Valued valued = value_and_plan_steps(work, population, input, current);
    const bool stands = ledger.reuses("value");
    if (stands && !ledger.earlier().sources.is_null()) {
        valued.run.sources = sources_of_record(ledger.earlier().sources);
    }
    const std::vector<std::uint32_t> rank = ranks_by_mean(valued.results, population.customers);
    write_run_tables(population, valued.run, valued.results, rank, stands ? EarlierTables::stand : EarlierTables::none,
                     valued.refined_before, outputs);
    if (valued.run.decision) {
        write_plan_files(*valued.run.uplift, optimizer, *valued.run.decision,
                         {"results.h5", digest_file(outputs.path("results.h5")).sha256}, outputs);
        write_retention(population, valued.results, *valued.run.uplift, *valued.run.decision, outputs);
    }
    segment_step(work, population, grouped, valued);
    rules_step(work);
    RunRecord record = record_of(work, population, input, valued);
    // Before they are published: where the results cannot be shown, there are no new ones either.
    print_summary(population, valued.run, valued.results, rank, work.terminal);
    return record;
}

/// Chooses what executes, looks what has to run, and opens the set of files.
Work begin(const RunConfig& config, std::string command, const StepNames& steps, Task task, Terminal& terminal) {
    const bool is_retail = has_purchases(config);
    if (config.simulation.attribution && !is_retail) {
        throw ConfigError(
            "simulation.attribution is for customers without a contract: leave it out, or name input.summary or "
            "input.transactions");
    }
    const PathLaw law = is_retail ? PathLaw::retail : PathLaw::subscription;
    auto backend = choose_backend(config.execution, with_draws(task.customers, is_retail), law,
                                  task.makes_plan && config.optimizer.objective == Objective::mean_cvar);
    if (!config.scenarios.empty()) {
        terminal.message("note: [[scenarios]] are left out; clv sweep compares them");
    }
    return {std::move(task), CommandRun(config, std::move(command), steps), std::move(backend), terminal};
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
        terminal.data(json_text(nlohmann::json{{"steps", std::move(steps)}}, 2) + "\n");
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

/// Publishes the files of a run, and the reports that are made of them.
void publish_with_reports(RunRecord made, CommandRun& run, Terminal& terminal) {
    OutputSet& outputs = run.outputs();
    RunRecord record = outputs.publish(std::move(made));
    const std::string interpreter = python_interpreter();
    const std::string obstacle = obstacle_to_page(interpreter);
    if (!obstacle.empty()) {
        terminal.message(
            fmt::format("note: report.html is left out, it needs the Python package clvsim, and {}", obstacle));
    }
    try {
        add_reports(std::move(record), obstacle.empty() ? interpreter : "", PageFailure::is_a_warning, outputs,
                    terminal);
    } catch (...) {
        outputs.take_back_after_problem();
        throw;
    }
    say_written(outputs, run.started(), terminal);
}

/// Customers judged by rules and not valued.
int run_rules(const RunConfig& config, const RunOptions& options, const StepNames& steps, Terminal& terminal) {
    const PopulationSettings settings = population_settings(config);
    CommandRun run(config, "run", steps);
    if (!options.fresh) {
        run.ledger().reuse_from(output_folder(config));
    }
    OutputSet& outputs = run.outputs();
    RunRecord record;
    if (run.ledger().reuses("rules")) {
        keep_reused(run);
        terminal.message("reused: rules (nothing that it depends on has changed; --fresh makes it anew)");
        record = run.record(nullptr);
        record.input = run.ledger().earlier().input;
        record.warnings = run.ledger().earlier().warnings;
    } else {
        Rejects rejects(settings.input.fault_rule(), outputs);
        const RuledInput input = judge_by_rules(settings, config.rules, rejects.sink(), outputs, terminal);
        rejects.finish(input.report, terminal);
        show_rules(input.rules, input.ruled, terminal);
        record = run.record(nullptr);
        record.input =
            run_input(input.report, input_hash(settings.input, settings.survival, input.customers.content_hash));
        record.warnings = input.report.warnings;
    }
    publish_with_reports(std::move(record), run, terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace

int simulate(const RunConfig& config, Terminal& terminal) {
    require_input(config);
    require_plannable(config);
    StepNames steps;
    if (has_purchases(config) && config.input.model.empty()) {
        steps.emplace_back("fit");
    }
    if (learns(config)) {
        steps.emplace_back("learn");
    }
    steps.emplace_back("value");
    Work work = begin(config, "simulate", steps, {population_settings(config), config.optimizer, {}, {}, false, false},
                      terminal);
    work.run.outputs().commit(value_customers(work));
    say_written(work.run.outputs(), work.run.started(), terminal);
    return static_cast<int>(ExitCode::done);
}

int run(const RunConfig& config, Terminal& terminal) {
    return run(config, RunOptions{}, terminal);
}

int run(const RunConfig& config, const RunOptions& options, Terminal& terminal) {
    const StepNames steps = steps_of_run(config);
    if (!world_to_generate(config)) {
        require_input(config);
    }
    require_plannable(config);
    require_agreement(config);
    if (options.dry_run) {
        static_cast<void>(require_safe_inputs(config, steps));
        refuse_somebodys(output_folder(config), written_files(config, steps));
        Ledger ledger(config_values(config), steps);
        if (options.fresh) {
            ledger.run_all("--fresh asks for it");
        } else {
            ledger.reuse_from(output_folder(config));
        }
        return list_steps(ledger, terminal);
    }
    if (rules_alone(config)) {
        return run_rules(config, options, steps, terminal);
    }
    Work work = begin(config, "run", steps,
                      {population_settings(config), config.optimizer, config.segment, world_to_generate(config), true,
                       learns_values(config), config.rules},
                      terminal);
    if (!options.fresh) {
        work.run.ledger().reuse_from(output_folder(config));
    }
    publish_with_reports(value_customers(work), work.run, terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
