#include "clv/pipeline/backends.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

struct BackendEntry {
    std::string name;
    std::function<std::unique_ptr<Backend>()> make;  ///< empty: not in this build
};

/// Fastest first. A new backend is one line here.
std::vector<BackendEntry> backend_list(const ExecutionSettings& settings) {
    return {
#ifdef CLV_HAVE_CUDA
        {"cuda", [] { return make_cuda_backend(); }},
#else
        {"cuda", nullptr},
#endif
        {"cpu", [&settings] { return make_cpu_backend(settings.threads); }},
    };
}

Capabilities capabilities_of(const BackendEntry& entry, const Backend* backend) {
    if (backend == nullptr) {
        return {entry.name, false,
                "not in this build: install the CUDA toolkit (nvcc) and build again, or use --backend cpu"};
    }
    return backend->capabilities();
}

}  // namespace

std::vector<Capabilities> backend_capabilities(const ExecutionSettings& settings) {
    std::vector<Capabilities> all;
    for (const BackendEntry& entry : backend_list(settings)) {
        const std::unique_ptr<Backend> backend = entry.make ? entry.make() : nullptr;
        all.push_back(capabilities_of(entry, backend.get()));
    }
    return all;
}

std::unique_ptr<Backend> choose_backend(const ExecutionSettings& settings, const SimulationSettings& run, PathLaw law,
                                        bool path_weights) {
    const RunNeeds needs{law, run, path_weights};
    for (const BackendEntry& entry : backend_list(settings)) {
        if (settings.backend != "auto" && settings.backend != entry.name) {
            continue;
        }
        std::unique_ptr<Backend> backend = entry.make ? entry.make() : nullptr;
        const Capabilities capabilities = capabilities_of(entry, backend.get());
        const std::string lacking = capabilities.available ? backend->lacks(needs) : "";
        if (capabilities.available && lacking.empty()) {
            return backend;
        }
        if (settings.backend == entry.name) {
            throw BackendError(
                lacking.empty() ? fmt::format("backend {} is not available: {}", entry.name, capabilities.description)
                                : fmt::format("backend {}: {}", entry.name, lacking));
        }
    }
    if (settings.backend == "auto") {
        throw BackendError("no backend is available: see clv doctor");
    }
    throw ConfigError(fmt::format("unknown backend {}: give auto, cpu or cuda", settings.backend));
}

}  // namespace clv
