#include "config.hpp"

#include <fmt/format.h>
#include <nanobind/stl/string.h>

#include "arrow_table.hpp"
#include "clv/core/errors.hpp"

namespace nb = nanobind;

namespace clv::python {

RunConfig config_of(const std::string& file, const std::string& text, bool is_json,
                    const std::vector<OverrideTuple>& overrides) {
    ConfigSources sources;
    sources.file = file;
    if (file.empty()) {
        sources.text = ConfigText{text, "config", is_json};
    }
    for (const auto& [key, value, origin] : overrides) {
        sources.overrides.push_back({key, value, origin});
    }
    return load_config(sources);
}

std::shared_ptr<const MemoryTable> table_of(const nb::object& source, const std::string& name) {
    if (!nb::hasattr(source, "__arrow_c_stream__")) {
        throw InputError(
            fmt::format("not a table ({}): hand over a data frame of pandas 2.2 or later, polars, DuckDB or Arrow, "
                        "anything with __arrow_c_stream__, or a path",
                        name));
    }
    const nb::object capsule = source.attr("__arrow_c_stream__")();
    auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
    if (stream == nullptr) {
        throw nb::python_error();
    }
    // Whoever makes the rows as they are asked for may need the lock on threads of its own.
    const nb::gil_scoped_release released;
    return std::make_shared<ArrowTable>(*stream, name);
}

void hand_over(const nb::dict& tables, RunConfig& config) {
    for (const auto& [key, source] : tables) {
        const auto kind = nb::cast<std::string>(key);
        const std::string name = std::string(in_memory) + kind;
        config.input.tables[name] = table_of(nb::borrow(source), kind);
        if (kind == "customers") {
            config.input.customers = name;
        } else if (kind == "transactions") {
            config.input.transactions = {name};
        } else if (kind == "summary") {
            config.input.summary = name;
        } else {
            config.optimizer.uplift = name;
        }
    }
}

}  // namespace clv::python
