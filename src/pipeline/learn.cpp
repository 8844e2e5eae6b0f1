// `clv learn`: from attributes or purchases, and what came of them, to what they say of others.

#include <fmt/format.h>

#include "clv/core/errors.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/documents/value_learner_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/steps/learn_files.hpp"
#include "clv/steps/learn_values.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/terminal/learning_tables.hpp"
#include "clv/terminal/run_tables.hpp"
#include "pipeline/steps/command_run.hpp"
#include "pipeline/steps/settings.hpp"

namespace clv::commands {

namespace {

/// Values of transactions.
int learn_of_transactions(const RunConfig& config, Terminal& terminal) {
    if (config.input.transactions.empty()) {
        throw ConfigError(
            "clv learn --target value reads transactions: name them in input.transactions, and no customers or "
            "summary");
    }
    const PopulationSettings settings = population_settings(config);
    CommandRun run(config, "learn", {"learn"});
    OutputSet& outputs = run.outputs();
    Rejects rejects(settings.input.fault_rule(), outputs);
    PurchasesRead read;
    std::optional<ValueLearning> learning;
    if (settings.input.learner.empty()) {
        learning = learn_values(settings, rejects.sink(), read, outputs, terminal);
    } else {
        const ValueLearner learner = read_value_learner(settings.input.learner);
        score_values(settings, learner, rejects.sink(), read, outputs, terminal);
    }
    rejects.finish(read.report, terminal);
    RunRecord record = run.record(nullptr);
    record.input =
        run_input(read.report, input_hash(settings.input, settings.survival, read.history.summary.content_hash));
    record.warnings = read.report.warnings;
    if (learning) {
        record.warnings->insert(record.warnings->end(), learning->warnings.begin(), learning->warnings.end());
        show_learning(*learning, terminal);
        print_learning(*learning, terminal);
    } else {
        terminal.message(fmt::format("scored {} customers (scores.csv)",
                                     with_thousands(static_cast<std::int64_t>(read.history.summary.size()))));
    }
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace

int learn(const RunConfig& config, Terminal& terminal) {
    if (config.learn.target == LearnTarget::value) {
        return learn_of_transactions(config, terminal);
    }
    if (config.input.has_purchases()) {
        throw ConfigError(
            "clv learn --target churn reads customers: name them in input.customers, and no transactions or summary; "
            "of transactions clv learn --target value learns what customers will spend");
    }
    const PopulationSettings settings = population_settings(config);
    CommandRun run(config, "learn", {"learn"});
    OutputSet& outputs = run.outputs();
    Rejects rejects(settings.input.fault_rule(), outputs);
    CustomerRequirements requirements;
    requirements.monthly_revenue = false;
    CustomersRead read = read_customers(settings.input, requirements, terminal, rejects.sink());
    require_accepted(read.report, settings.input.fault_rule(), settings.input.max_rejected);
    rejects.finish(read.report, terminal);
    const bool is_taught = !settings.input.learner.empty();
    const ChurnLearning learning = is_taught
                                       ? score_churn(read_learner(settings.input.learner), read.table, settings.threads)
                                       : learn_churn(read.table, settings.learn, settings.threads, terminal);
    write_learn_files(read.table, learning, settings.learn.contributions, outputs);
    RunRecord record = run.record(nullptr);
    record.input = run_input(read.report, input_hash(settings.input, settings.survival, read.table.content_hash));
    record.warnings = learning.warnings;
    record.warnings->insert(record.warnings->end(), read.report.warnings.begin(), read.report.warnings.end());
    if (is_taught) {
        terminal.message(fmt::format("scored {} customers (scores.csv)",
                                     with_thousands(static_cast<std::int64_t>(read.table.size()))));
    } else {
        show_learning(learning, terminal);
        print_learning(learning, terminal);
    }
    outputs.commit(record);
    say_earlier_files(outputs, terminal);
    terminal.message(fmt::format("wrote {}", outputs.out_dir().string()));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
