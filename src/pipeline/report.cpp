// `clv report`: results as a page and a workbook.

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "clv/config/keys.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/workbook/workbook.hpp"
#include "clv/pipeline/commands.hpp"
#include "pipeline/steps/steps.hpp"
#include "report.hpp"

namespace clv {

namespace {

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
    assumptions.push_back({shown_key, setting.is_string() ? setting.get<std::string>() : json_text(setting),
                           has_unit ? fmt::format("{} ({})", about->meaning, about->unit) : about->meaning});
}

}  // namespace

void add_reports(RunRecord run, const std::string& interpreter, PageFailure failure, OutputSet& outputs,
                 Terminal& terminal) {
    const auto begin = std::chrono::steady_clock::now();
    const std::string dir = outputs.out_dir().string();
    std::vector<Assumption> assumptions;
    add_assumptions(run.config, "", "", assumptions);
    write_workbook(dir, run, assumptions, outputs.path("report.xlsx"));
    bool has_page = !interpreter.empty();
    if (has_page && !write_report_page(interpreter, dir, outputs.path("report.html"))) {
        const std::string problem =
            fmt::format("the page was not drawn (report.html: {} failed): see its message above", interpreter);
        if (failure == PageFailure::is_an_error) {
            throw OutputError(problem);
        }
        terminal.warning(fmt::format("{}; the results stand without it, clv report {} draws it", problem, dir));
        outputs.leave_out("report.html");
        has_page = false;
    }
    add_report_step(run, outputs.names());
    outputs.commit(std::move(run), OutputSet::EarlierFiles::keep);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    terminal.message(fmt::format("wrote {0}/report.xlsx{1} in {2}", dir,
                                 has_page ? fmt::format(" and {}/report.html", dir) : "",
                                 duration_text(seconds.count())));
}

}  // namespace clv

namespace clv::commands {

int report(const std::string& results_dir, ReportParts parts, Terminal& terminal) {
    const std::string interpreter = parts == ReportParts::all ? python_interpreter() : "";
    if (const std::string obstacle = parts == ReportParts::all ? obstacle_to_page(interpreter) : "";
        !obstacle.empty()) {
        throw BackendError(fmt::format(
            "report.html needs the Python package clvsim, and {}; --workbook makes report.xlsx alone", obstacle));
    }
    FolderLock lock(results_dir);
    RunRecord run = verify_output_set(results_dir);
    std::vector<NamedFile> inputs = inputs_in(results_dir, run);  // safe from its reports too
    const std::vector<std::string> reports{"report.html", "report.xlsx"};
    refuse_overwriting(results_dir, reports, inputs);
    OutputSet outputs(results_dir, std::move(inputs), std::move(lock));
    outputs.refuse_somebodys(reports);
    add_reports(std::move(run), interpreter, PageFailure::is_an_error, outputs, terminal);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
