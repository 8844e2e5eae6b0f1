#pragma once
// The resolved configuration of a command, and how it is read. Every key, its type, unit, default, range and meaning
// stands in one table (src/config/keys.cpp), from which parsing, --set, help and the reference page are made.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/named_file.hpp"
#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/worlds/generate_settings.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

struct ExecutionSettings {
    std::string backend = "auto";  ///< auto, cpu or cuda
    int threads = 0;               ///< 0: all
};

struct OutputSettings {
    std::string dir;  ///< --out
};

struct RunConfig {
    GenerateSettings generate;
    InputSettings input;
    TransactionSettings transactions;
    ObservationSettings observation;
    FitSettings fit;
    SurvivalSettings survival;
    SimulationSettings simulation;
    Market market;
    std::vector<Action> actions;      ///< without `none`; names are distinct
    std::vector<Scenario> scenarios;  ///< grids written out; names are distinct
    OptimizerSettings optimizer;
    ExecutionSettings execution;
    OutputSettings output;
    std::vector<NamedFile>
        sources{};  ///< the files that all of this was read from: the configuration's and its actions'
};

/// One key set on the command line.
struct Override {
    std::string key;     ///< "simulation.paths"
    std::string value;   ///< a TOML value, or a bare string where it is none
    std::string origin;  ///< what the user typed, for messages: "--set simulation.paths=0"
};

/// The argument of --set: `section.key=value`. Throws ConfigError if it has no `=`, or nothing before it.
[[nodiscard]] Override parse_override(std::string_view argument);

/// A configuration that is not in a file; relative paths in it are relative to the working directory.
struct ConfigText {
    std::string text;
    std::string name;      ///< for messages
    bool is_json = false;  ///< an object of sections, or else TOML
};

struct ConfigSources {
    std::string file;                  ///< a TOML file, or the run.json of an earlier run; empty: defaults only
    std::vector<Override> overrides;   ///< later ones win, and all of them win over the file
    std::optional<ConfigText> text{};  ///< in the place of a file
};

/// Reads, merges and checks. Relative paths of a file are relative to it (run.json holds absolute ones), those of
/// overrides to the working directory.
/// Throws ConfigError with every fault found, each with its place (file:line:column, or what the user typed).
[[nodiscard]] RunConfig load_config(const ConfigSources& sources);

}  // namespace clv
