#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/pipeline/backends.hpp"
#include "clv/pipeline/commands.hpp"

namespace clv::commands {

namespace {

std::string compiler() {
#if defined(__clang__)
    return "clang " __clang_version__;
#elif defined(__GNUC__)
    return "gcc " __VERSION__;
#else
    return "unknown";
#endif
}

constexpr bool has_cuda =
#ifdef CLV_HAVE_CUDA
    true;
#else
    false;
#endif

/// Vector instruction sets of this processor that the engine can make use of, narrowest first.
std::vector<std::string> instruction_sets() {
    std::vector<std::string> names;
#if defined(__x86_64__)
    __builtin_cpu_init();
    names.emplace_back("sse2");
    if (__builtin_cpu_supports("avx2")) {
        names.emplace_back("avx2");
    }
    if (__builtin_cpu_supports("fma")) {
        names.emplace_back("fma");
    }
    if (__builtin_cpu_supports("avx512f")) {
        names.emplace_back("avx512f");
    }
#elif defined(__aarch64__)
    names.emplace_back("neon");
#endif
    return names;
}

double memory_gib() {
    return static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE)) / 0x1p30;
}

}  // namespace

int doctor(const RunConfig& config, Terminal& terminal) {
    const std::vector<Capabilities> backends = backend_capabilities(config.execution);
    const unsigned threads = std::thread::hardware_concurrency();

    if (terminal.wants_json()) {
        nlohmann::json report{{"version", program_version()},       {"compiler", compiler()},
                              {"cuda_compiled", has_cuda},          {"threads", threads},
                              {"memory_gib", memory_gib()},         {"instruction_sets", instruction_sets()},
                              {"backends", nlohmann::json::array()}};
        for (const Capabilities& backend : backends) {
            report["backends"].push_back(
                {{"name", backend.name}, {"available", backend.available}, {"description", backend.description}});
        }
        terminal.data(json_text(report, 2) + "\n");
        return static_cast<int>(ExitCode::done);
    }

    Table machine({{"this program and machine", Table::Align::left}, {"", Table::Align::left}});
    machine.add_row({"version", program_version()});
    machine.add_row({"compiler", compiler()});
    machine.add_row({"CUDA", has_cuda ? "compiled in" : "not compiled in"});
    machine.add_row({"threads", std::to_string(threads)});
    machine.add_row({"memory", fmt::format("{:.1f} GiB", memory_gib())});
    machine.add_row({"instruction sets", fmt::format("{}", fmt::join(instruction_sets(), " "))});
    terminal.data(machine);
    terminal.data("\n");

    Table list({{"backend", Table::Align::left}, {"available", Table::Align::left}, {"", Table::Align::left}});
    for (const Capabilities& backend : backends) {
        list.add_row({backend.name, backend.available ? "yes" : "no", backend.description});
    }
    terminal.data(list);
    return static_cast<int>(ExitCode::done);
}

}  // namespace clv::commands
