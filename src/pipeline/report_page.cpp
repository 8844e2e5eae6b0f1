#include "report.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

/// Runs a program and returns its exit code; 127 if it cannot be started, as a shell would say.
int run_program(std::vector<std::string> arguments, bool quiet) {
    constexpr int not_started = 127;
    std::vector<char*> argv;
    for (std::string& argument : arguments) {
        argv.push_back(argument.data());
    }
    argv.push_back(nullptr);
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    // standard output carries this program's data alone
    if (quiet) {
        posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    } else {
        posix_spawn_file_actions_adddup2(&streams, STDERR_FILENO, STDOUT_FILENO);
    }
    pid_t child = 0;
    const int error = posix_spawnp(&child, argv.front(), &streams, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&streams);
    if (error != 0) {
        return not_started;
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : not_started;
}

}  // namespace

std::string python_interpreter() {
    const char* named = std::getenv("CLV_PYTHON");
    return named != nullptr && *named != '\0' ? named : "python3";
}

bool has_report_package(const std::string& interpreter) {
    // it and what it needs, looked for and not loaded, which would take a second
    constexpr const char* look = "import sys, importlib.util as u; sys.exit(not all(map(u.find_spec, sys.argv[1:])))";
    return run_program(
               {interpreter, "-c", look, "clvsim", "h5netcdf", "h5py", "jinja2", "numpy", "pandas", "plotly", "xarray"},
               true) == 0;
}

void write_report_page(const std::string& interpreter, const std::filesystem::path& dir,
                       const std::filesystem::path& file) {
    // absolute, so that no folder looks like a flag
    const int code = run_program({interpreter, "-m", "clvsim.report", std::filesystem::absolute(dir).string(), "--out",
                                  std::filesystem::absolute(file).string()},
                                 false);
    if (code != 0) {
        throw OutputError(fmt::format("the page was not drawn ({}: {} ended with {}): see its message above",
                                      file.filename().string(), interpreter, code));
    }
}

}  // namespace clv
