#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>

#include "clv/config/rules_file.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "clv/decisions/rules/rule_check.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/population/population.hpp"
#include "clv/steps/make_population.hpp"
#include "clv/steps/prepare_population.hpp"
#include "clv/terminal/run_tables.hpp"
#include "fit_contracts.hpp"
#include "pipeline/steps/command_run.hpp"

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
    for (const std::string& warning : report.warnings) {
        terminal.warning(warning);
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
    std::optional<RunRecord> record = standing_run_record(folder);
    return record && record->command != "validate" ? record : std::nullopt;
}

}  // namespace

namespace {

/// What was read, and what would happen to it.
struct Checked {
    ValidationReport report;
    ContentHash content{};
    std::function<void()> check;  ///< throws InputError or ConfigError for what a later step would refuse
};

/// Whether `clv fit` would fit a model of contracts, which no simulation reads here.
bool fits_contracts(const PopulationSettings& settings) {
    return settings.fit.contract && settings.input.model.empty() && !settings.survival.source;
}

/// `settings` must outlive what is returned.
Checked read_histories(const PopulationSettings& settings, Terminal& terminal, const RejectSink& sink) {
    const PurchaseSources sources = purchase_sources(settings, FeaturesFor::filters);
    auto read = std::make_shared<PurchasesRead>(read_purchases(sources, terminal, sink));
    const PurchaseSummary& summary = read->history.summary;
    const auto stands_for_one = [&](std::size_t i) { return summary.weight[i] == 1.0; };
    if (settings.input.model.empty() &&
        !std::ranges::all_of(std::views::iota(std::size_t{0}, summary.weight.size()), stands_for_one)) {
        read->report.notes.emplace_back(
            "rows stand for other numbers of customers than 1: models can be fitted on them, but to simulate give "
            "every customer a row");
    }
    return {
        read->report, summary.content_hash, [&settings, read, time = sources.time] {
            require_purchases(*read, settings.input, time);
            check_purchases(settings, *read);
            const std::vector<Action>& actions = settings.plan.actions;
            static_cast<void>(eligible_actions(customers_of(read->history.summary, read->features, actions), actions));
        }};
}

/// `settings` must outlive what is returned.
Checked read_input(const PopulationSettings& settings, Terminal& terminal, const RejectSink& sink) {
    if (fits_contracts(settings)) {
        const int period_months = settings.survival.period_months;
        auto read = std::make_shared<RenewalsRead>(
            read_renewals(settings.input, settings.fit.covariates, period_months, terminal, sink));
        return {read->cohorts.report, read->cohorts.content_hash, [&settings, read, period_months] {
                    static_cast<void>(fit_renewals(*read, settings.fit, period_months, settings.threads));
                }};
    }
    if (settings.input.has_purchases()) {
        return read_histories(settings, terminal, sink);
    }
    auto survival = std::make_shared<SurvivalSources>(survival_sources(settings));
    auto read = std::make_shared<CustomersRead>(
        read_customers(settings.input, customer_requirements(survival->settings), terminal, sink));
    warn_of_unused_sources(*read, *survival);
    return {read->report, read->table.content_hash, [&settings, survival, read] {
                check_subscribers(*read, *survival, settings.plan, settings.customers.churned);
            }};
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
    if (!report.hint.empty()) {
        summary["hint"] = report.hint;
    }
    for (const RuleCount& rule : report.rules) {
        summary["rules"][std::string(rule.rule)] = {{"rows", rule.rows}, {"left_out", rule.left_out}};
    }
    return summary;
}

}  // namespace

namespace {

/// What stages leave open or claim twice, whatever customers come.
void question_rules(const std::string& file, Terminal& terminal) {
    std::vector<std::string> may_be_missing{"gap_mean", "gap_sd", "gap_cv", "since_last_in_gaps"};
    for (const PurchaseFeature& feature : purchase_features()) {
        if (feature.pattern.find("trend") != std::string_view::npos) {
            may_be_missing.push_back(feature.name);
        }
    }
    for (const RuleFault& fault : check_stages(read_rules(file), may_be_missing)) {
        switch (fault.kind) {
            case RuleFaultKind::overlap:
                terminal.warning(fmt::format("stages {} and {} both hold where {} ({})", fault.rules[0], fault.rules[1],
                                             fault.example, file));
                break;
            case RuleFaultKind::gap:
                terminal.warning(fmt::format("no stage holds where {} ({})", fault.example, file));
                break;
            case RuleFaultKind::unreachable:
                terminal.warning(fmt::format("stage {} can never hold ({})", fault.rules[0], file));
                break;
        }
    }
}

}  // namespace

int validate(const RunConfig& config, Terminal& terminal) {
    if (!config.rules.file.empty()) {
        question_rules(config.rules.file, terminal);
    }
    require_input(config);
    require_plannable(config);
    const PopulationSettings settings = population_settings(config);
    std::optional<CommandRun> run;
    std::optional<RejectsWriter> rejects;
    RejectSink sink;
    if (!config.output.dir.empty()) {
        run.emplace(config, "validate", StepNames{"validate"});
        rejects.emplace(run->outputs().path("rejects.csv"));
        sink = [&](const RejectedRow& row) { rejects->write(row); };
    }
    const Checked read = read_input(settings, terminal, sink);
    std::string refusal;  // the first line of it: what else is wrong stands in the report
    try {
        require_accepted(read.report, config.input.fault_rule(), config.input.max_rejected);
        read.check();
    } catch (const InputError& error) {
        refusal = error.what();
        refusal = refusal.substr(0, refusal.find('\n'));
        refusal.resize(refusal.ends_with(':') ? refusal.size() - 1 : refusal.size());
    }
    const bool is_accepted = refusal.empty();
    if (run) {
        OutputSet& outputs = run->outputs();
        rejects->close();
        write_validation_json(outputs.path("validation.json"), read.report);
        RunRecord own = run->record(nullptr);
        own.input = run_input(read.report, input_hash(settings.input, settings.survival, read.content));
        // In a folder with results run.json goes on saying how those were made.
        if (std::optional<RunRecord> record = earlier_record(outputs.out_dir())) {
            record->validation = validation_document(own);
            outputs.commit(std::move(*record), OutputSet::EarlierFiles::keep);
        } else {
            outputs.commit(std::move(own), OutputSet::EarlierFiles::keep);
        }
    }
    if (run) {
        say_earlier_files(run->outputs(), terminal);
    }
    if (terminal.wants_json()) {
        terminal.data(json_text(as_json(read.report), 2) + "\n");
    } else {
        show(read.report, terminal);
    }
    for (const std::string& warning : questioned_rates(config.simulation, config.scenarios)) {
        terminal.warning(warning);
    }
    if (!is_accepted) {
        const std::string file = read.report.file + ": ";
        terminal.message(fmt::format("{} would be refused: {}", read.report.file,
                                     refusal.starts_with(file) ? refusal.substr(file.size()) : refusal));
        return static_cast<int>(ExitCode::input);
    }
    terminal.message(fmt::format("{} would be accepted", read.report.file));
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
