#include "clv/output/documents/run_record.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <utility>

#include "build_info.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/input_text.hpp"
#include "clv/core/json_text.hpp"
#include "clv/output/files.hpp"
#include "output/inner_name.hpp"

namespace clv {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view run_again = "run the command that made it again";

json document_of(const RunExecution& execution) {
    json document{{"host", execution.host},
                  {"started", execution.started},
                  {"seconds", execution.seconds},
                  {"peak_memory_mib", execution.peak_memory_mib}};
    if (execution.backend) {
        document["backend"] = *execution.backend;
    }
    if (execution.device) {
        document["device"] = *execution.device;
    }
    return document;
}

json document_of(const RunInput& input) {
    json document{{"file", input.file}, {"hash", input.hash}};
    if (input.rows) {
        document["rows_read"] = input.rows->read;
        document["rows_accepted"] = input.rows->accepted;
        document["rows_rejected"] = input.rows->rejected;
    }
    return document;
}

json document_of(const RunStep& step) {
    json inputs = json::array();
    for (const StepInput& input : step.inputs) {
        json item{{"name", input.name}, {"hash", input.hash}};
        if (!input.file.empty()) {
            item["file"] = input.file;
        }
        inputs.push_back(std::move(item));
    }
    return {{"name", step.name},
            {"hash", step.hash},
            {"inputs", std::move(inputs)},
            {"outputs", step.outputs},
            {"reused", step.reused}};
}

json document_of(const KeptInput& input) {
    json document{
        {"key", input.key}, {"file", input.file}, {"sha256", input.digest.sha256}, {"bytes", input.digest.bytes}};
    if (input.is_result) {
        document["result"] = true;
    }
    return document;
}

json document_of(const FileDigest& digest) {
    return {{"sha256", digest.sha256}, {"bytes", digest.bytes}};
}

/// Reads the members of run.json and says which of them is not as it should be.
class RunReader {
  public:
    RunReader(json document, const fs::path& file) : document_(std::move(document)), file_(file.string()) {}

    RunRecord read();

  private:
    [[noreturn]] void refuse(std::string_view member) const {
        throw InputError(fmt::format("not the record of a run ({}: member \"{}\" is missing or of another type): {}",
                                     file_, member, run_again));
    }
    /// Takes a member out of the document; null where there is none.
    [[nodiscard]] json take(const char* member) {
        json value;
        if (const auto found = document_.find(member); found != document_.end()) {
            value = std::move(*found);
            document_.erase(found);
        }
        return value;
    }
    /// What `read` makes of a member, if it is there.
    template <class Read>
    void with(const char* member, Read read) {
        const json value = take(member);
        if (value.is_null()) {
            return;
        }
        try {
            read(value);
        } catch (const json::exception&) {
            refuse(member);
        }
    }
    void check_format();
    void read_files(RunRecord& record);
    void read_what_was_read(RunRecord& record);
    void read_kept(RunRecord& record);

    json document_;
    std::string file_;
};

void RunReader::check_format() {
    const json format = take("format");
    if (format != run_format) {
        throw InputError(
            fmt::format("the record of a run in an unknown format ({}: format {}, this version reads {}): "
                        "use the version of clv that wrote it, or {}",
                        file_, json_text(format), run_format, run_again));
    }
}

void RunReader::read_files(RunRecord& record) {
    const json files = take("files");
    if (!files.is_object()) {
        refuse("files");
    }
    for (const auto& [name, entry] : files.items()) {
        const bool sound = is_inner_name(name) && entry.is_object() && entry.contains("sha256") &&
                           entry["sha256"].is_string() && entry.contains("bytes") &&
                           entry["bytes"].is_number_unsigned();
        if (!sound) {
            throw InputError(fmt::format("not the record of a run ({}: entry {} of \"files\"): {}", file_,
                                         json_text(json(name)), run_again));
        }
        record.files[name] = {entry["sha256"].get<std::string>(), entry["bytes"].get<std::uint64_t>()};
    }
}

void RunReader::read_what_was_read(RunRecord& record) {
    with("input", [&](const json& input) {
        record.input = RunInput{input.at("file").get<std::string>(), input.at("hash").get<std::string>(), {}};
        if (input.contains("rows_read")) {
            record.input->rows = {input.at("rows_read").get<std::uint64_t>(),
                                  input.at("rows_accepted").get<std::uint64_t>(),
                                  input.at("rows_rejected").get<std::uint64_t>()};
        }
    });
    with("observation", [&](const json& days) {
        record.observation = {days.at("first_day").get<std::string>(), days.at("last_day").get<std::string>()};
    });
    with("truth", [&](const json& truth) {
        record.truth = {truth.at("transactions").get<std::uint64_t>(),
                        truth.at("calendar_log_factors").get<std::vector<double>>()};
    });
    with("tail_share", [&](const json& share) { record.tail_share = share.get<double>(); });
    with("warnings", [&](const json& list) { record.warnings = list.get<std::vector<std::string>>(); });
    with("churned", [&](const json& churned) { record.churned = churned; });
}

void RunReader::read_kept(RunRecord& record) {
    with("steps", [&](const json& steps) {
        for (const json& step : steps) {
            RunStep& read = record.steps.emplace_back();
            read.name = step.at("name").get<std::string>();
            read.hash = step.at("hash").get<std::string>();
            read.outputs = step.at("outputs").get<std::vector<std::string>>();
            read.reused = step.at("reused").get<bool>();
            for (const json& input : step.at("inputs")) {
                read.inputs.push_back({input.at("name").get<std::string>(), input.value("file", ""),
                                       input.at("hash").get<std::string>()});
            }
        }
    });
    with("inputs", [&](const json& inputs) {
        for (const json& input : inputs) {
            record.inputs.push_back({input.at("key").get<std::string>(),
                                     input.at("file").get<std::string>(),
                                     {input.at("sha256").get<std::string>(), input.at("bytes").get<std::uint64_t>()},
                                     input.value("result", false)});
        }
    });
}

RunRecord RunReader::read() {
    if (!document_.is_object()) {
        refuse("files");
    }
    check_format();
    RunRecord record;
    read_files(record);
    with("program", [&](const json& program) {
        record.program = {program.at("name").get<std::string>(), program.at("version").get<std::string>(),
                          program.at("commit").get<std::string>()};
    });
    with("command", [&](const json& command) { record.command = command.get<std::string>(); });
    record.config = take("config");
    with("config_hash", [&](const json& hash) { record.config_hash = hash.get<std::string>(); });
    with("execution", [&](const json& execution) {
        RunExecution& read = record.execution;
        read.host = execution.at("host").get<std::string>();
        read.started = execution.at("started").get<std::string>();
        read.seconds = execution.at("seconds").get<double>();
        read.peak_memory_mib = execution.at("peak_memory_mib").get<double>();
        if (execution.contains("backend")) {
            read.backend = execution.at("backend").get<std::string>();
            read.device = execution.at("device").get<std::string>();
        }
    });
    read_what_was_read(record);
    read_kept(record);
    for (const auto& [member, part] :
         {std::pair{"model", &RunRecord::model}, std::pair{"survival", &RunRecord::survival},
          std::pair{"plan", &RunRecord::plan}, std::pair{"plans", &RunRecord::plans},
          std::pair{"sources", &RunRecord::sources}, std::pair{"validation", &RunRecord::validation}}) {
        record.*part = take(member);
    }
    if (!std::ranges::all_of(record.sources, [](const json& share) { return share.is_object(); })) {
        refuse("sources");
    }
    for (const auto& [member, value] : document_.items()) {
        record.others[member] = value;
    }
    return record;
}

}  // namespace

nlohmann::json run_document(const RunRecord& record) {
    json document = record.others;
    if (document.is_null()) {
        document = json::object();
    }
    const auto add = [&, file = file_spec(run_file)](std::string_view member, json value) {
        document[std::string(column_spec(file, member).name)] = std::move(value);
    };
    const auto add_if_there = [&](std::string_view member, const json& value) {
        if (!value.is_null()) {
            add(member, value);
        }
    };
    const auto list = [](const auto& entries) {
        json all = json::array();
        for (const auto& entry : entries) {
            all.push_back(document_of(entry));
        }
        return all;
    };
    add("format", record.format);
    add("program",
        {{"name", record.program.name}, {"version", record.program.version}, {"commit", record.program.commit}});
    add("command", record.command);
    add("config", record.config);
    add("config_hash", record.config_hash);
    add("execution", document_of(record.execution));
    add_if_there("input", record.input ? document_of(*record.input) : json());
    if (const auto& days = record.observation) {
        add("observation", {{"first_day", days->first_day}, {"last_day", days->last_day}});
    }
    add_if_there("tail_share", record.tail_share ? json(*record.tail_share) : json());
    add_if_there("warnings", record.warnings ? json(*record.warnings) : json());
    add_if_there("churned", record.churned);
    add_if_there("model", record.model);
    add_if_there("survival", record.survival);
    add_if_there("plan", record.plan);
    add_if_there("plans", record.plans);
    add_if_there("sources", record.sources);
    if (const auto& truth = record.truth) {
        add("truth", {{"transactions", truth->transactions}, {"calendar_log_factors", truth->calendar_log_factors}});
    }
    add_if_there("validation", record.validation);
    add("steps", list(record.steps));
    add("inputs", list(record.inputs));
    json files = json::object();
    for (const auto& [name, digest] : record.files) {
        files[name] = document_of(digest);
    }
    add("files", std::move(files));
    return document;
}

std::string run_text(const RunRecord& record) {
    return json_text(run_document(record), 2) + "\n";
}

std::vector<NamedFile> inputs_in(const std::filesystem::path& folder, const RunRecord& record) {
    std::vector<NamedFile> inputs;
    for (const KeptInput& input : record.inputs) {
        if (!input.is_result) {
            inputs.push_back({input.key, folder / input.file, true});
        }
    }
    return inputs;
}

namespace {

json document_in(const std::string& text, const fs::path& file) {
    try {
        return parse_document(text);
    } catch (const InputError& fault) {
        throw InputError(fmt::format("not the record of a run ({}: {}): {}", file.string(), fault.what(), run_again));
    }
}

RunRecord record_of(const std::string& text, const fs::path& file) {
    return RunReader(document_in(text, file), file).read();
}

}  // namespace

RunRecord read_run_record(const std::filesystem::path& folder) {
    const fs::path file = folder / run_file;
    std::string text;
    try {
        text = text_of_input(file);
    } catch (const UnreadableInput& fault) {
        throw InputError(
            fmt::format("no complete results ({}: cannot be read, it {}): name the --out folder of a "
                        "finished run",
                        file.string(), fault.reason()));
    }
    return record_of(text, file);
}

std::optional<RunRecord> standing_run_record(const std::filesystem::path& folder) {
    const fs::path file = folder / run_file;
    std::error_code error;
    if (fs::symlink_status(file, error).type() == fs::file_type::not_found) {
        return std::nullopt;
    }
    try {
        return record_of(text_of_input(file), file);
    } catch (const UnreadableInput& fault) {
        throw OutputError(
            fmt::format("what an earlier run has left cannot be told ({}: it {}): check the file and its "
                        "disk, or choose another --out",
                        file.string(), fault.reason()));
    } catch (const InputError&) {
        return std::nullopt;
    }
}

std::optional<RunRecord> find_run_record(const std::filesystem::path& folder) {
    try {
        return read_run_record(folder);
    } catch (const InputError&) {
        return std::nullopt;
    }
}

RunRecord new_run_record(std::string command, std::string_view config, std::string config_hash,
                         const Capabilities* backend, std::chrono::system_clock::time_point started) {
    const auto finished = std::chrono::system_clock::now();
    std::array<char, 256> host{};
    gethostname(host.data(), host.size() - 1);
    RunRecord record;
    record.program = {"clv", program_version(), program_commit()};
    record.command = std::move(command);
    record.config = json::parse(config);
    record.config_hash = std::move(config_hash);
    RunExecution& execution = record.execution;
    execution.host = host.data();
    execution.started =
        fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(started)));
    execution.seconds = std::chrono::duration<double>(finished - started).count();
    execution.peak_memory_mib = peak_memory_mib();
    if (backend != nullptr) {
        execution.backend = backend->name;
        execution.device = backend->description;
    }
    return record;
}

RunInput run_input(const ValidationReport& report, std::string hash) {
    return {report.file, std::move(hash), RunRows{report.rows_read, report.rows_accepted, report.rows_rejected}};
}

std::string input_hash(const InputSettings& input, const SurvivalSettings& survival, const ContentHash& content) {
    std::string hash = fmt::format("{:016x}{:016x}", content[0], content[1]);
    if (!survival.curves.empty()) {
        hash += "-" + digest_file(survival.curves).sha256;
    }
    if (!input.model.empty()) {
        hash += "-" + digest_file(input.model).sha256;
    }
    if (!input.learner.empty()) {
        hash += "-" + digest_file(input.learner).sha256;
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

}  // namespace clv
