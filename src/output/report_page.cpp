#include "clv/output/report_page.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "clv/core/absolute_path.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv {

namespace {

namespace fs = std::filesystem;

/// Those of a list such as PATH that are the same wherever one stands. The others would be places in the working
/// directory, which may be anybody's.
std::vector<std::string> absolute_entries(std::string_view list) {
    std::vector<std::string> entries;
    for (std::size_t begin = 0; begin <= list.size();) {
        const std::size_t end = std::min(list.find(':', begin), list.size());
        if (list.substr(begin).starts_with('/')) {
            entries.emplace_back(list.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return entries;
}

/// The variables of this process, with PYTHONPATH as above and no folder of a script before it.
std::vector<std::string> environment_of_page() {
    constexpr std::string_view path_name = "PYTHONPATH=";
    std::vector<std::string> variables{"PYTHONSAFEPATH=1"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (text.starts_with(path_name)) {
            const std::vector<std::string> entries = absolute_entries(text.substr(path_name.size()));
            variables.push_back(fmt::format("{}{}", path_name, fmt::join(entries, ":")));
        } else if (!text.starts_with("PYTHONSAFEPATH=")) {
            variables.emplace_back(text);
        }
    }
    return variables;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (std::string& text : texts) {
        list.push_back(text.data());
    }
    list.push_back(nullptr);
    return list;
}

/// The exit code of a child, which is stopped where the user asks to stop: it and all that it has started, at first
/// asked and half a second later made to.
int wait_for(pid_t child) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds patience{5};
    constexpr std::chrono::milliseconds time_to_end{500};
    constexpr int signalled = 128;
    int status = 0;
    std::optional<Clock::time_point> told;
    for (;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        if (ended == child) {
            break;
        }
        if (ended < 0 && errno != EINTR) {
            return signalled;
        }
        if (interruption_requested() && !told) {
            told = Clock::now();
            kill(-child, SIGTERM);
        } else if (told && Clock::now() - *told > time_to_end) {
            kill(-child, SIGKILL);
        }
        std::this_thread::sleep_for(patience);
    }
    throw_if_interrupted();
    return WIFEXITED(status) ? WEXITSTATUS(status) : signalled + WTERMSIG(status);
}

/// Runs this code in an interpreter and returns its exit code; 127 if it cannot be started, as a shell would say.
/// Modules come from where the interpreter has them, and never from the working directory.
int run_python(const std::string& interpreter, std::string_view code, const std::vector<std::string>& arguments,
               bool quiet) {
    constexpr int not_started = 127;
    // as PYTHONSAFEPATH, which is of Python 3.11
    constexpr std::string_view preface = "import sys; sys.path[:] = [p for p in sys.path if p[:1] == '/']; ";
    std::vector<std::string> command{interpreter, "-c", fmt::format("{}{}", preface, code)};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::vector<std::string> variables = environment_of_page();
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    // standard output carries this program's data alone
    if (quiet) {
        posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    } else {
        posix_spawn_file_actions_adddup2(&streams, STDERR_FILENO, STDOUT_FILENO);
    }
    posix_spawnattr_t group;  // of its own, with all that it starts
    posix_spawnattr_init(&group);
    posix_spawnattr_setflags(&group, POSIX_SPAWN_SETPGROUP);
    pid_t child = 0;
    const int error = posix_spawn(&child, interpreter.c_str(), &streams, &group, pointers(command).data(),
                                  pointers(variables).data());
    posix_spawnattr_destroy(&group);
    posix_spawn_file_actions_destroy(&streams);
    return error != 0 ? not_started : wait_for(child);
}

bool is_program(const fs::path& file) {
    std::error_code ignored;
    return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::string python_interpreter() {
    const char* named = std::getenv("CLV_PYTHON");
    const std::string name = named != nullptr && *named != '\0' ? named : "python3";
    if (name.find('/') != std::string::npos) {
        return absolute_path(name).string();  // links stay: they say which environment is meant
    }
    const char* path = std::getenv("PATH");
    for (const std::string& folder : absolute_entries(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin")) {
        if (const fs::path file = fs::path(folder) / name; is_program(file)) {
            return file.string();
        }
    }
    return name;
}

std::string obstacle_to_page(const std::string& interpreter) {
    // it and what it needs, looked for and not loaded, which would take a second
    constexpr std::string_view look =
        "import importlib.util as u; sys.exit(0 if all(map(u.find_spec, sys.argv[1:])) else 3)";
    constexpr int is_missing = 3;
    if (!fs::path(interpreter).is_absolute()) {
        return fmt::format("there is no {}: install Python, or name an interpreter in CLV_PYTHON", interpreter);
    }
    const int code = run_python(interpreter, look,
                                {"clvsim", "h5netcdf", "h5py", "jinja2", "numpy", "pandas", "plotly", "xarray"}, true);
    if (code == 0) {
        return {};
    }
    return code == is_missing
               ? fmt::format(
                     "{} does not have it, or not all that it needs: install it (pip install .), or name an "
                     "interpreter that has it in CLV_PYTHON",
                     interpreter)
               : fmt::format(
                     "nobody can tell whether {} has it, which failed with exit code {}: try {} -c 'import "
                     "clvsim', and see the limits of files, memory and stack (ulimit -a)",
                     interpreter, code, interpreter);
}

bool write_report_page(const std::string& interpreter, const fs::path& dir, const fs::path& file) {
    // absolute: a name may begin with a dash
    const int code = run_python(interpreter, "from clvsim.report import main; sys.exit(main())",
                                {absolute_path(dir).string(), "--out", absolute_path(file).string()}, false);
    if (code == static_cast<int>(ExitCode::output)) {
        throw OutputError(
            fmt::format("the page was not written ({}): see the message above", file.filename().string()));
    }
    return code == 0;
}

}  // namespace clv
