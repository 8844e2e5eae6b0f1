// `clv report`: results as a page and a workbook.

#include <fmt/format.h>

#include <chrono>
#include <new>
#include <nlohmann/json.hpp>
#include <utility>

#include "clv/config/keys.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/workbook/workbook.hpp"
#include "clv/pipeline/commands.hpp"
#include "pipeline/steps/steps.hpp"
#include "report.hpp"

namespace clv {

namespace {

const std::vector<std::string> reports{"report.html", "report.xlsx"};

/// Every setting that can change a result, by its key; the n-th of several tables as "actions[n].cost".
void add_assumptions(const nlohmann::json& setting, const std::string& key, const std::string& shown_key,
                     std::vector<Assumption>& assumptions) {
    if (setting.is_object() && !setting.contains("median")) {
        for (const auto& [name, value] : setting.items()) {
            add_assumptions(value, key.empty() ? name : key + "." + name,
                            shown_key.empty() ? name : shown_key + "." + name, assumptions);
        }
        return;
    }
    if (setting.is_array() && !setting.empty() && setting.front().is_object()) {
        for (std::size_t k = 0; k < setting.size(); ++k) {
            add_assumptions(setting[k], key, fmt::format("{}[{}]", shown_key, k + 1), assumptions);
        }
        return;
    }
    auto about = std::ranges::find(config_keys(), key, &ConfigKey::name);
    if (about == config_keys().end()) {  // one of a table that is a key as a whole, such as input.defaults
        about = std::ranges::find(config_keys(), key.substr(0, key.rfind('.')), &ConfigKey::name);
    }
    if (about == config_keys().end() || !about->statistical) {
        return;
    }
    const bool has_unit = !about->unit.empty() && about->unit != "currency";
    assumptions.push_back({shown_key, setting.is_string() ? setting.get<std::string>() : setting.dump(),
                           has_unit ? fmt::format("{} ({})", about->meaning, about->unit) : about->meaning});
}

/// Joins them to the set in the folder.
void add_reports(const std::string& results_dir, RunRecord run, const std::string& interpreter, Terminal& terminal) {
    const auto begin = std::chrono::steady_clock::now();
    std::vector<Assumption> assumptions;
    add_assumptions(run.config, "", "", assumptions);
    std::vector<NamedFile> inputs;  // those of the run that lie here are safe from its reports too
    for (const KeptInput& input : run.inputs) {
        inputs.push_back({input.key, std::filesystem::path(results_dir) / input.file});
    }
    refuse_overwriting(results_dir, reports, inputs);
    OutputSet outputs(results_dir, std::move(inputs));
    write_workbook(results_dir, run, assumptions, outputs.path("report.xlsx"));
    if (!interpreter.empty()) {
        write_report_page(interpreter, results_dir, outputs.path("report.html"));
    }
    add_report_step(run, outputs.names());
    outputs.commit(std::move(run), OutputSet::EarlierFiles::keep);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    terminal.message(fmt::format("wrote {0}/report.xlsx{1} in {2}", results_dir,
                                 interpreter.empty() ? "" : fmt::format(" and {}/report.html", results_dir),
                                 duration_text(seconds.count())));
}

}  // namespace

void write_report(const std::string& results_dir, RunRecord run, const std::string& interpreter, Terminal& terminal) {
    const auto warn = [&](const char* why) {
        terminal.warning(
            fmt::format("the results are published ({0}), but not their reports; clv report {0} draws "
                        "them: {1}",
                        results_dir, why));
    };
    try {
        add_reports(results_dir, std::move(run), interpreter, terminal);
    } catch (const Interrupted&) {
        throw Error(ExitCode::interrupted,
                    fmt::format("interrupted while the reports were drawn: the results are published ({0}), clv report "
                                "{0} draws them",
                                results_dir));
    } catch (const Error& error) {
        warn(error.what());
    } catch (const std::bad_alloc&) {
        warn(out_of_memory_message);
    }
}

}  // namespace clv

namespace clv::commands {

int report(const std::string& results_dir, ReportParts parts, Terminal& terminal) {
    const std::string interpreter = parts == ReportParts::all ? python_interpreter() : "";
    if (parts == ReportParts::all && !has_report_package(interpreter)) {
        throw BackendError(fmt::format(
            "report.html needs the Python package clvsim ({} has none): install it (pip install .), name an "
            "interpreter that has it in CLV_PYTHON, or ask for --workbook alone",
            interpreter));
    }
    add_reports(results_dir, verify_output_set(results_dir), interpreter, terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
