#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_report(CLI::App& app, Job& job) {
    struct Options {
        std::string results_dir;
        bool workbook = false;
        bool quiet = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* sub =
        app.add_subcommand("report", "A folder of results as a page and a workbook, report.html and report.xlsx");
    sub->add_option("results", options->results_dir, "folder of results, which the report joins")
        ->type_name("DIR")
        ->required();
    sub->add_flag("--workbook", options->workbook, "report.xlsx alone, which needs no Python");
    sub->add_flag("--quiet", options->quiet, "print only errors");
    sub->callback([options, &job] {
        job = [options] {
            StreamTerminal terminal(detect_terminal(options->quiet, false));
            return commands::report(options->results_dir,
                                    options->workbook ? commands::ReportParts::workbook : commands::ReportParts::all,
                                    terminal);
        };
    });
}

}  // namespace clv::cli
