#pragma once
// What the subcommands share: their flags, and how flags become a configuration. Almost every flag is short for a
// configuration key, whose table gives its meaning.

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/pipeline/commands.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::cli {

/// What to do once the command line is parsed; returns the exit code.
using Job = std::function<int()>;

using commands::Command;

/// Flags of one subcommand as the user gave them.
struct Flags {
    std::string file_by_flag;
    std::string file_by_position;
    std::vector<std::string> settings;  ///< arguments of --set
    std::vector<Override> overrides;    ///< flags that are short for a key; they win over --set
    bool json = false;
    bool quiet = false;

    /// Throws ConfigError if the file is named twice or a --set is malformed.
    [[nodiscard]] ConfigSources sources() const;
};

/// Adds a subcommand with the flags of all; `seed_key` is what its --seed means.
CLI::App* add_command(CLI::App& app, Job& job, const std::string& name, const std::string& description,
                      const Command& command, const std::string& seed_key, const std::shared_ptr<Flags>& flags);

/// Adds a flag that is short for a key.
void add_key_flag(CLI::App& command, const std::shared_ptr<Flags>& flags, const std::string& flag,
                  const std::string& key);

void add_generate(CLI::App& app, Job& job);
void add_validate(CLI::App& app, Job& job);
void add_fit(CLI::App& app, Job& job);
void add_learn(CLI::App& app, Job& job);
void add_segment(CLI::App& app, Job& job);
void add_simulate(CLI::App& app, Job& job);
void add_sweep(CLI::App& app, Job& job);
void add_optimize(CLI::App& app, Job& job);
void add_run(CLI::App& app, Job& job);
void add_report(CLI::App& app, Job& job);
void add_doctor(CLI::App& app, Job& job);
/// Not shown in the help: writes the generated pages of docs/.
void add_docs(CLI::App& app, Job& job);

/// The remedy for an argument that nobody expected, or an empty text.
[[nodiscard]] std::string suggestion(const CLI::App& app);

}  // namespace clv::cli
