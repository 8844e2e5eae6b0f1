#pragma once
// What stops a command. A message says the problem, where it is, and what to do about it.
// Non-convergence and infeasibility are statuses of a result, not exceptions.

#include <stdexcept>
#include <string>

namespace clv {

enum class ExitCode : int {
    done = 0,
    usage = 2,
    input = 3,
    model = 4,
    backend = 5,
    infeasible = 6,
    output = 7,
    certificate = 8,
    memory = 9,
    drift = 10,
    internal = 70,
    interrupted = 130,
};

class Error : public std::runtime_error {
  public:
    Error(ExitCode exit_code, const std::string& message) : std::runtime_error(message), exit_code_(exit_code) {}
    [[nodiscard]] ExitCode exit_code() const noexcept { return exit_code_; }

  private:
    ExitCode exit_code_;
};

/// The command line or a configuration key is wrong.
class ConfigError : public Error {
  public:
    explicit ConfigError(const std::string& message) : Error(ExitCode::usage, message) {}
};

/// An input file is missing, unreadable or refused.
class InputError : public Error {
  public:
    explicit InputError(const std::string& message) : Error(ExitCode::input, message) {}
};

/// The inputs are sound but the model they ask for cannot be simulated.
class ModelError : public Error {
  public:
    explicit ModelError(const std::string& message) : Error(ExitCode::model, message) {}
};

/// The backend asked for is not in this build or not on this machine.
class BackendError : public Error {
  public:
    explicit BackendError(const std::string& message) : Error(ExitCode::backend, message) {}
};

/// A result could not be written; earlier results are as they were.
class OutputError : public Error {
  public:
    explicit OutputError(const std::string& message) : Error(ExitCode::output, message) {}
};

/// Memory has run out, or what else a process may have only so much of (threads). A std::bad_alloc says the same where
/// nobody knows what asked for too much.
class MemoryError : public Error {
  public:
    explicit MemoryError(const std::string& message) : Error(ExitCode::memory, message) {}
};

/// The user pressed Ctrl-C (or sent SIGTERM or SIGHUP).
class Interrupted : public Error {
  public:
    Interrupted()
        : Error(ExitCode::interrupted, "interrupted: nothing was written, earlier results are as they were") {}
};

}  // namespace clv
