// The program `clv`: parses the command line, runs one command, turns errors into messages and exit codes.

#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "cli.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace {

using namespace clv;

int fail(ExitCode code, const std::string& message) {
    std::fputs(fmt::format("clv: {}\n", message).c_str(), stderr);
    return static_cast<int>(code);
}

/// The first signal asks the work to stop; the handler is then gone, so that a second one kills.
void handle_signals() {
    struct sigaction action = {};
    action.sa_handler = [](int) { request_interruption(); };
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    // A reader of stdout that goes away must not stop a run whose results go to files.
    std::signal(SIGPIPE, SIG_IGN);
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
        return app.exit(request);
    } catch (const CLI::ParseError& error) {
        const std::string remedy = cli::suggestion(app);
        return fail(ExitCode::usage,
                    fmt::format("{} (command line): {}", error.what(), remedy.empty() ? "see clv --help" : remedy));
    }
    if (!job) {
        std::fputs(app.help().c_str(), stdout);
        return static_cast<int>(ExitCode::done);
    }
    return job();
}

}  // namespace

int main(int argc, char** argv) {
    handle_signals();
    try {
        return run_program(argc, argv);
    } catch (const Error& error) {
        return fail(error.exit_code(), error.what());
    } catch (const std::bad_alloc&) {
        return fail(ExitCode::internal, "out of memory: use fewer paths or customers, or a machine with more memory");
    } catch (const std::exception& error) {
        return fail(ExitCode::internal,
                    fmt::format("internal error ({}): please report it with the command line", error.what()));
    } catch (...) {
        return fail(ExitCode::internal, "internal error (unknown): please report it with the command line");
    }
}
