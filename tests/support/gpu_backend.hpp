#pragma once
// The CUDA backend, where this build and this machine have it.

#include <algorithm>
#include <memory>
#include <string>

#include "clv/pipeline/backends.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::test {

struct GpuBackend {
    std::unique_ptr<Backend> backend;  ///< null where there is none
    std::string why_not;
};

inline GpuBackend gpu_backend() {
    const auto capabilities = backend_capabilities({});
    const auto cuda = std::ranges::find(capabilities, "cuda", &Capabilities::name);
    if (cuda == capabilities.end() || !cuda->available) {
        return {nullptr, cuda == capabilities.end() ? "this build has no CUDA backend" : cuda->description};
    }
    ExecutionSettings settings;
    settings.backend = "cuda";
    return {choose_backend(settings), ""};
}

}  // namespace clv::test
