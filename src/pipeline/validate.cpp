#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "clv/core/errors.hpp"
#include "clv/data/customers_reader.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/pipeline/run_record.hpp"

namespace clv::commands {

namespace {

constexpr std::size_t faults_shown = 20;

void show(const ValidationReport& report, Terminal& terminal) {
    Table counts({{"rows", Table::Align::left}, {"count"}});
    counts.add_row({"read", with_thousands(static_cast<std::int64_t>(report.rows_read))});
    counts.add_row({"accepted", with_thousands(static_cast<std::int64_t>(report.rows_accepted))});
    counts.add_row({"with faults", with_thousands(static_cast<std::int64_t>(report.rows_rejected))});
    terminal.data(counts);
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

/// run.json of earlier results, or null.
nlohmann::json earlier_record(const std::filesystem::path& folder) {
    std::ifstream file(folder / "run.json");
    nlohmann::json record = file ? nlohmann::json::parse(file, nullptr, false) : nlohmann::json();
    return record.is_object() && record.value("command", "") != "validate" ? record : nlohmann::json();
}

}  // namespace

int validate(const RunConfig& config, Terminal& terminal) {
    const auto started = std::chrono::system_clock::now();
    if (config.input.customers.empty()) {
        throw ConfigError("no input is named: give input.customers in the configuration or --set input.customers=FILE");
    }
    std::optional<OutputSet> outputs;
    std::optional<RejectsWriter> rejects;
    RejectSink sink;
    if (!config.output.dir.empty()) {
        outputs.emplace(config.output.dir);
        rejects.emplace(outputs->path("rejects.csv"));
        sink = [&](const RejectedRow& row) { rejects->write(row); };
    }
    const CustomersRead read =
        read_customers(config.input, customer_requirements(survival_settings(config)), terminal, sink);
    if (outputs) {
        rejects->close();
        write_validation_json(outputs->path("validation.json"), read.report);
        nlohmann::json own = run_record(config, "validate", nullptr, started);
        add_input(own, config, read.report, read.table.content_hash);
        // In a folder with results run.json goes on saying how those were made.
        nlohmann::json record = earlier_record(outputs->out_dir());
        if (record.is_object()) {
            record["validation"] = own;
        } else {
            record = own;
        }
        outputs->commit(record, OutputSet::EarlierFiles::keep);
    }
    if (terminal.wants_json()) {
        nlohmann::json counts = nlohmann::json::object();
        for (std::size_t kind = 0; kind < fault_kinds; ++kind) {
            if (read.report.counts[kind] > 0) {
                counts[std::string(name(static_cast<FaultKind>(kind)))] = read.report.counts[kind];
            }
        }
        const nlohmann::json summary{{"file", read.report.file},
                                     {"rows_read", read.report.rows_read},
                                     {"rows_accepted", read.report.rows_accepted},
                                     {"rows_rejected", read.report.rows_rejected},
                                     {"faults", counts}};
        terminal.data(summary.dump(2) + "\n");
    } else {
        show(read.report, terminal);
    }
    bool rows_are_sound = false;
    try {
        require_accepted(read.report, config.input.fault_rule());
        rows_are_sound = true;
        check_population(config, read.table);
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
