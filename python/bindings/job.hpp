#pragma once
// Work of the engine behind a Python call: on a thread of its own and without the interpreter's lock, while the calling
// thread tells a listener how far it is and looks out for Ctrl-C.

#include <nanobind/nanobind.h>

#include <functional>
#include <string>

#include "clv/terminal/terminal.hpp"

namespace clv::python {

struct JobOutcome {
    int exit_code = 0;
    std::string text;  ///< what the command line would print
};

/// Runs `work`. `listener` is None or is called, on the calling thread, as listener(kind, text, number):
///   ("message", text, 0), ("begin", stage, units in all), ("advance", "", units done), ("end", "", 0).
/// Whatever the listener or a signal raises stops the work, and is raised once that has stopped; nothing was written
/// then. Only one piece of work runs at a time in a process: others wait.
[[nodiscard]] JobOutcome run_job(const std::function<int(Terminal&)>& work, bool json,
                                 const nanobind::object& listener);

}  // namespace clv::python
