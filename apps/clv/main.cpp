// The program `clv`: parses the command line, runs one command, turns errors into messages and exit codes.

#include <fmt/format.h>

#include <exception>
#include <sstream>

#include "cli.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "process.hpp"

namespace {

using namespace clv;

/// What people asked to read is data: it is an error if it cannot be written.
int show(const std::string& text) {
    StreamTerminal(detect_terminal(false, false)).data(text);
    return static_cast<int>(ExitCode::done);
}

int run_program(int argc, char** argv) {
    CLI::App app("Monte Carlo engine for customer lifetime value", "clv");
    app.set_version_flag("--version", std::string("clv ") + CLV_VERSION, "print the version");
    app.footer("clv COMMAND --help shows the flags of a command.");
    app.require_subcommand(0, 1);

    cli::Job job;
    cli::add_generate(app, job);
    cli::add_validate(app, job);
    cli::add_fit(app, job);
    cli::add_learn(app, job);
    cli::add_segment(app, job);
    cli::add_simulate(app, job);
    cli::add_sweep(app, job);
    cli::add_optimize(app, job);
    cli::add_run(app, job);
    cli::add_report(app, job);
    cli::add_doctor(app, job);
    cli::add_docs(app, job);

    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& request) {  // --help, --version
        std::ostringstream text;
        app.exit(request, text, text);
        return show(text.str());
    } catch (const CLI::ParseError& error) {
        const std::string remedy = cli::suggestion(app);
        throw ConfigError(
            fmt::format("{} (command line): {}", error.what(), remedy.empty() ? "see clv --help" : remedy));
    }
    return job ? job() : show(app.help());
}

}  // namespace

int main(int argc, char** argv) {
    cli::prepare_process();
    try {
        int code = 0;
        if (cli::has_small_stack()) {
            on_own_stack([&] { code = run_program(argc, argv); });
        } else {
            code = run_program(argc, argv);
        }
        return cli::end(code);
    } catch (...) {
        return cli::end(cli::report_failure(std::current_exception()));
    }
}
