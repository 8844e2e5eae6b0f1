#pragma once
// What the process asks of the system before it works, and its last words.

#include <exception>

namespace clv::cli {

/// To be called first. Makes sure of descriptors 0 to 2, so that no result gets the number of a closed one and what is
/// meant for people ends in it; asks to be told of signals; and prepares for memory to run out.
void prepare_process();

/// Says on standard error what stopped the program, in one line; returns the exit code.
int report_failure(const std::exception_ptr& raised) noexcept;

}  // namespace clv::cli
