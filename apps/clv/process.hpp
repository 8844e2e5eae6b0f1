#pragma once
// What the process asks of the system before it works, and its last words.

#include <exception>

namespace clv::cli {

/// To be called first. Makes sure of descriptors 0 to 2, so that no result gets the number of a closed one and what is
/// meant for people ends in it; asks to be told of signals; and prepares for memory to run out, also where a library
/// ends the process.
void prepare_process();

/// Whether the process's own stack is smaller than the work may need.
[[nodiscard]] bool has_small_stack() noexcept;

/// Says on standard error what stopped the program, in one line; returns the exit code.
int report_failure(const std::exception_ptr& raised) noexcept;

/// For main() to return with: any other exit is an error. Returns the code.
int end(int code) noexcept;

}  // namespace clv::cli
