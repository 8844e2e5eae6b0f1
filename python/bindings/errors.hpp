#pragma once

#include <nanobind/nanobind.h>

namespace clv::python {

/// From then on errors of the library are raised as the classes of clvsim.errors.
void translate_errors();

}  // namespace clv::python
