#include "errors.hpp"

#include <exception>

#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"

namespace nb = nanobind;

namespace clv::python {
namespace {

const char* class_name(ExitCode code) {
    switch (code) {
        case ExitCode::usage:
            return "ConfigError";
        case ExitCode::input:
            return "InputError";
        case ExitCode::model:
            return "ModelError";
        case ExitCode::backend:
            return "BackendError";
        case ExitCode::infeasible:
            return "InfeasibleError";
        case ExitCode::output:
            return "OutputError";
        default:
            return "Error";
    }
}

}  // namespace

void translate_errors() {
    nb::register_exception_translator([](const std::exception_ptr& raised, void* /*unused*/) {
        try {
            std::rethrow_exception(raised);
        } catch (const Interrupted&) {
            PyErr_SetNone(PyExc_KeyboardInterrupt);
        } catch (const MemoryError& error) {
            PyErr_SetString(PyExc_MemoryError, error.what());
        } catch (const Error& error) {
            const nb::object type = nb::module_::import_("clvsim.errors").attr(class_name(error.exit_code()));
            PyErr_SetString(type.ptr(), error.what());
        } catch (const std::exception&) {
            if (!is_out_of_memory(raised)) {
                throw;  // one of nanobind's own
            }
            PyErr_SetString(PyExc_MemoryError, out_of_memory_message);
        }
    });
}

}  // namespace clv::python
