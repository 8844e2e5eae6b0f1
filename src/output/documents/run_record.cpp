#include "clv/output/documents/run_record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "build_info.hpp"
#include "clv/config/values.hpp"
#include "clv/output/file_digest.hpp"

namespace clv {

std::string input_hash(const RunConfig& config, const ContentHash& content) {
    std::string hash = fmt::format("{:016x}{:016x}", content[0], content[1]);
    if (!config.survival.curves.empty()) {
        hash += "-" + digest_file(config.survival.curves).sha256;
    }
    if (!config.input.model.empty()) {
        hash += "-" + digest_file(config.input.model).sha256;
    }
    return hash;
}

std::string program_version() {
    return CLV_VERSION;
}

std::string program_commit() {
    return CLV_COMMIT;
}

std::string program_sources() {
    return CLV_SOURCES;
}

double peak_memory_mib() {
    // getrusage() would count the process that started this one too.
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kib = 0.0;
        if (word == "VmHWM:" && status >> kib) {
            return kib / 1024.0;
        }
    }
    return 0.0;
}

nlohmann::json run_record(const RunConfig& config, const std::string& command, const Capabilities* backend,
                          std::chrono::system_clock::time_point started) {
    const auto finished = std::chrono::system_clock::now();
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    nlohmann::json record;
    record["format"] = 1;
    record["program"] = {{"name", "clv"}, {"version", program_version()}, {"commit", program_commit()}};
    record["command"] = command;
    record["config"] = nlohmann::json::parse(config_as_json(config));
    record["config_hash"] = config_hash(config);
    nlohmann::json& execution = record["execution"];
    execution["host"] = host.data();
    execution["started"] =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(started)));
    execution["seconds"] = std::chrono::duration<double>(finished - started).count();
    execution["peak_memory_mib"] = peak_memory_mib();
    if (backend != nullptr) {
        execution["backend"] = backend->name;
        execution["device"] = backend->description;
    }
    return record;
}

void add_input(nlohmann::json& record, const RunConfig& config, const ValidationReport& report,
               const ContentHash& content) {
    record["input"] = {{"file", report.file},
                       {"hash", input_hash(config, content)},
                       {"rows_read", report.rows_read},
                       {"rows_accepted", report.rows_accepted},
                       {"rows_rejected", report.rows_rejected}};
}

}  // namespace clv
