#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "clv/config/named_files.hpp"
#include "clv/core/errors.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/steps.hpp"
#include "clv/population/population.hpp"
#include "pipeline/steps/make_population.hpp"
#include "pipeline/steps/output_folder.hpp"

namespace clv::commands {

namespace {

constexpr std::size_t faults_shown = 20;

void show(const ValidationReport& report, Terminal& terminal) {
    Table counts({{"rows", Table::Align::left}, {"count"}});
    counts.add_row({"read", with_thousands(static_cast<std::int64_t>(report.rows_read))});
    counts.add_row({"accepted", with_thousands(static_cast<std::int64_t>(report.rows_accepted))});
    counts.add_row({"with faults", with_thousands(static_cast<std::int64_t>(report.rows_rejected))});
    terminal.data(counts);
    if (!report.rules.empty()) {
        Table rules({{"rule", Table::Align::left}, {"rows"}, {"are", Table::Align::left}, {"key", Table::Align::left}});
        for (const RuleCount& rule : report.rules) {
            rules.add_row({std::string(rule.rule), with_thousands(static_cast<std::int64_t>(rule.rows)),
                           rule.left_out ? "left out" : "kept", std::string(rule.key)});
        }
        terminal.data("\n");
        terminal.data(rules);
    }
    if (report.fault_count() > 0) {
        Table kinds({{"fault", Table::Align::left}, {"count"}});
        for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
            if (report.counts[kind] > 0) {
                kinds.add_row({std::string(name(static_cast<FaultKind>(kind))),
                               with_thousands(static_cast<std::int64_t>(report.counts[kind]))});
            }
        }
        terminal.data("\n");
        terminal.data(kinds);
        terminal.data("\n");
    }
    if (report.structural) {
        terminal.data(to_string(*report.structural) + "\n");
    }
    for (std::size_t i = 0; i < std::min(report.faults.size(), faults_shown); ++i) {
        terminal.data(to_string(report.faults[i]) + "\n");
    }
    if (report.fault_count() > faults_shown) {
        terminal.data(fmt::format(".. and {} more: --out DIR writes them to validation.json and rejects.csv\n",
                                  with_thousands(static_cast<std::int64_t>(report.fault_count() - faults_shown))));
    }
    for (const std::string& note : report.notes) {
        terminal.message("note: " + note);
    }
}

/// What the run.json of other results says of this command: its record, but for what the folder has of its own.
nlohmann::json validation_document(const RunRecord& own) {
    nlohmann::json document = run_document(own);
    for (const char* of_the_folder : {"files", "inputs", "steps"}) {
        document.erase(of_the_folder);
    }
    return document;
}

/// run.json of earlier results.
std::optional<RunRecord> earlier_record(const std::filesystem::path& folder) {
    std::optional<RunRecord> record = find_run_record(folder);
    return record && record->command != "validate" ? record : std::nullopt;
}

}  // namespace

namespace {

/// What was read, and what would happen to it.
struct Checked {
    ValidationReport report;
    ContentHash content{};
    std::function<void()> check;  ///< throws InputError or ConfigError for what simulating it would refuse
};

void check_purchases(const RunConfig& config, const PurchasesRead& read) {
    require_purchases(read, config.input.fault_rule());
    check_segment_names(read.history.summary.segments, read.report.file);
    static_cast<void>(
        eligible_actions(customers_of(read.history.summary, read.features, config.actions), config.actions));
}

Checked read_input(const RunConfig& config, Terminal& terminal, const RejectSink& sink) {
    if (config.input.has_purchases()) {
        auto read = std::make_shared<PurchasesRead>(
            read_purchases(purchase_sources(config, FeaturesFor::filters), terminal, sink));
        return {read->report, read->history.summary.content_hash, [&config, read] { check_purchases(config, *read); }};
    }
    auto survival = std::make_shared<SurvivalSources>(survival_sources(config));
    auto read = std::make_shared<CustomersRead>(
        read_customers(config.input, customer_requirements(survival->settings), terminal, sink));
    return {read->report, read->table.content_hash,
            [&config, survival, read] { check_subscribers(*read, *survival, simulation_plan(config)); }};
}

nlohmann::json as_json(const ValidationReport& report) {
    nlohmann::json counts = nlohmann::json::object();
    for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
        if (report.counts[kind] > 0) {
            counts[std::string(name(static_cast<FaultKind>(kind)))] = report.counts[kind];
        }
    }
    nlohmann::json summary{{"file", report.file},
                           {"rows_read", report.rows_read},
                           {"rows_accepted", report.rows_accepted},
                           {"rows_rejected", report.rows_rejected},
                           {"faults", counts}};
    for (const RuleCount& rule : report.rules) {
        summary["rules"][std::string(rule.rule)] = {{"rows", rule.rows}, {"left_out", rule.left_out}};
    }
    return summary;
}

}  // namespace

int validate(const RunConfig& config, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    if (config.input.customers.empty() && !config.input.has_purchases()) {
        throw ConfigError(
            "no input is named: give input.customers, input.transactions or input.summary in the configuration or by "
            "--set, such as --set input.customers=FILE");
    }
    std::optional<OutputSet> outputs;
    std::optional<RejectsWriter> rejects;
    RejectSink sink;
    if (!config.output.dir.empty()) {
        const std::vector<NamedFile> inputs = named_files(config);
        refuse_overwriting(config.output.dir, written_files(config, "validate"), inputs);
        outputs.emplace(config.output.dir, inputs);
        rejects.emplace(outputs->path("rejects.csv"));
        sink = [&](const RejectedRow& row) { rejects->write(row); };
    }
    const Checked read = read_input(config, terminal, sink);
    if (outputs) {
        rejects->close();
        write_validation_json(outputs->path("validation.json"), read.report);
        RunRecord own = run_record(config, "validate", nullptr, started);
        add_input(own, config, read.report, read.content);
        own.steps = step_record(config, "validate", outputs->names());
        // In a folder with results run.json goes on saying how those were made.
        if (std::optional<RunRecord> record = earlier_record(outputs->out_dir())) {
            record->validation = validation_document(own);
            outputs->commit(std::move(*record), OutputSet::EarlierFiles::keep);
        } else {
            outputs->commit(std::move(own), OutputSet::EarlierFiles::keep);
        }
    }
    if (terminal.wants_json()) {
        terminal.data(as_json(read.report).dump(2) + "\n");
    } else {
        show(read.report, terminal);
    }
    bool rows_are_sound = false;
    try {
        require_accepted(read.report, config.input.fault_rule());
        rows_are_sound = true;
        read.check();
    } catch (const InputError& error) {
        // Faults of rows stand above; what else is wrong does not.
        terminal.message(rows_are_sound ? fmt::format("{} would be refused: {}", read.report.file, error.what())
                                        : fmt::format("{} would be refused", read.report.file));
        return static_cast<int>(ExitCode::input);
    }
    terminal.message(fmt::format("{} would be accepted", read.report.file));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
