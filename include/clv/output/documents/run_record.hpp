#pragma once
// run.json: how results were made, and which files belong to them. Everything about the execution stands here and
// nowhere else. One type holds the document; its writer and its reader stand side by side, and its members are those
// of run.json in the file table (files.hpp), which docs/data_dictionary.md shows.

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/named_file.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/output/documents/formats.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// The order-free hash of all rows that was taken when they were read.
using ContentHash = std::array<std::uint64_t, 2>;

inline constexpr std::string_view run_file = "run.json";

/// The program that made the results.
struct RunProgram {
    std::string name = "clv";
    std::string version;  ///< "0.1.0"
    std::string commit;   ///< "a1b2c3d"; "unknown" outside a repository
};

/// Where and how it was computed; nothing of it changes a result.
struct RunExecution {
    std::string host;
    std::string started;  ///< UTC, "2026-01-31T12:00:00Z"
    double seconds = 0.0;
    double peak_memory_mib = 0.0;
    std::optional<std::string> backend;  ///< absent where nothing was simulated
    std::optional<std::string> device;   ///< what the backend ran on; absent with it
};

/// Numbers of rows of what was read.
struct RunRows {
    std::uint64_t read = 0;
    std::uint64_t accepted = 0;
    std::uint64_t rejected = 0;
};

/// What was read: customers, purchases, cohorts or an uplift table.
struct RunInput {
    std::string file;             ///< as it was named; a generated world by its name in the set
    std::string hash;             ///< input_hash(), or the SHA-256 of an uplift table
    std::optional<RunRows> rows;  ///< absent for an uplift table
};

/// The days that histories of purchases cover.
struct RunObservation {
    std::string first_day;  ///< of the first purchase, "2010-12-01"
    std::string last_day;   ///< that is observed
};

/// What is true of a generated world of customers without a contract, beside truth.csv.
struct RunTruth {
    std::uint64_t transactions = 0;
    std::vector<double> calendar_log_factors;  ///< [week from generate.first_day]
};

/// What a step read.
struct StepInput {
    std::string name;  ///< the key of a file, or an earlier step
    std::string file;  ///< empty for a step
    std::string hash;  ///< of the file's content, or the step's; empty for a table in memory
    bool operator==(const StepInput&) const = default;
};

/// A step of the command. Equal hashes mean that the step would do the same again.
struct RunStep {
    std::string name;
    std::string hash;  ///< SHA-256 over all that decides what the step writes
    std::vector<StepInput> inputs;
    std::vector<std::string> outputs;  ///< names of the files of the set that it wrote
    bool reused = false;               ///< taken over from an earlier run in the folder
};

/// A file in the output folder that a key names: it was read, or could have been, and is no file of the set.
struct KeptInput {
    std::string key;   ///< "input.model"; "config" for the configuration
    std::string file;  ///< relative to the folder
    FileDigest digest;
    bool is_result = false;  ///< an earlier run in the folder wrote it, and it is as it was: it may be made again
};

/// All of run.json. Members that are JSON hold what other documents and tables lay down, in their layout.
struct RunRecord {
    int format = run_format;
    RunProgram program;
    std::string command;      ///< "simulate"
    nlohmann::json config;    ///< the resolved configuration, sections inside
    std::string config_hash;  ///< SHA-256 over its statistical keys
    RunExecution execution;
    std::optional<RunInput> input;                     ///< absent where nothing was read
    std::optional<RunObservation> observation;         ///< of models of purchases that were fitted on transactions
    std::optional<double> tail_share;                  ///< share of value from months beyond the survival data
    std::optional<std::vector<std::string>> warnings;  ///< about the hazards
    nlohmann::json churned;                            ///< customers marked as churned; null: there are none
    nlohmann::json model;                              ///< of customers without a contract: model.json; null otherwise
    nlohmann::json survival;                           ///< list of sBG models fitted on the way; null: none
    nlohmann::json plan;                               ///< figures of the plan; null: none was made
    nlohmann::json plans;    ///< list of the plans of a sweep's scenarios; null: none was made
    nlohmann::json sources;  ///< list: rows of sources.csv; null without simulation.attribution
    std::optional<RunTruth> truth;
    nlohmann::json validation;      ///< of `clv validate` in a folder with results: its own record; null: none
    std::vector<RunStep> steps;     ///< in the order in which they ran
    std::vector<KeptInput> inputs;  ///< in the order of their files
    std::map<std::string, FileDigest> files;       ///< of the set, run.json left out
    std::map<std::string, nlohmann::json> others;  ///< members of a later version, kept as they were
};

/// The members that every command fills. `config` is the JSON text of the configuration; `backend` is null where
/// nothing was simulated.
[[nodiscard]] RunRecord new_run_record(std::string command, std::string_view config, std::string config_hash,
                                       const Capabilities* backend, std::chrono::system_clock::time_point started);

/// The files in the record's folder that its member `inputs` lists, but for those that runs there have written.
[[nodiscard]] std::vector<NamedFile> inputs_in(const std::filesystem::path& folder, const RunRecord& record);

/// What was read, for RunRecord::input.
[[nodiscard]] RunInput run_input(const ValidationReport& report, std::string hash);

/// The document; run_text() is what stands in the file.
[[nodiscard]] nlohmann::json run_document(const RunRecord& record);
[[nodiscard]] std::string run_text(const RunRecord& record);

/// The run.json in `folder`. Throws InputError if there is none, or it is not the record of a run in a format that this
/// version reads.
[[nodiscard]] RunRecord read_run_record(const std::filesystem::path& folder);

/// The same, or nothing where that throws.
[[nodiscard]] std::optional<RunRecord> find_run_record(const std::filesystem::path& folder);

/// The run.json that stands in `folder`, or nothing where there is none or it is no such record. Throws OutputError if
/// it cannot be read.
[[nodiscard]] std::optional<RunRecord> standing_run_record(const std::filesystem::path& folder);

/// Hash of the input: of the rows' content (32 hexadecimal digits) and, for a file of curves and for a model, a dash
/// and that file's SHA-256.
[[nodiscard]] std::string input_hash(const InputSettings& input, const SurvivalSettings& survival,
                                     const ContentHash& content);

/// Version and commit of this program, e.g. "0.1.0" and "a1b2c3d" ("unknown" outside a repository).
[[nodiscard]] std::string program_version();
[[nodiscard]] std::string program_commit();
/// SHA-256 of the sources that this program was built from: other sources, perhaps other results.
[[nodiscard]] std::string program_sources();

/// Largest resident memory of this process so far, in MiB.
[[nodiscard]] double peak_memory_mib();

}  // namespace clv
