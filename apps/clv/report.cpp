#include "cli.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::cli {

void add_report(CLI::App& app, Job& job) {
    struct Options {
        std::string results_dir;
        bool quiet = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App* sub = app.add_subcommand("report", "A folder of results as a workbook for finance, report.xlsx");
    sub->add_option("results", options->results_dir, "folder of results, which the report joins")
        ->type_name("DIR")
        ->required();
    sub->add_flag("--quiet", options->quiet, "print only errors");
    sub->callback([options, &job] {
        job = [options] {
            Terminal terminal(detect_terminal(options->quiet, false));
            return commands::report(options->results_dir, terminal);
        };
    });
}

}  // namespace clv::cli
