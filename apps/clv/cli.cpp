#include "cli.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clv/config/keys.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/nearest_name.hpp"

namespace clv::cli {

namespace {

const ConfigKey& find_key(const std::string& name) {
    const auto keys = config_keys();
    const auto found = std::ranges::find(keys, name, &ConfigKey::name);
    if (found == keys.end()) {
        throw Error(ExitCode::internal, fmt::format("a flag is short for {}, which is no key: correct apps/clv", name));
    }
    return *found;
}

/// What stands for the value in the help: PATH, N, or the choices.
std::string value_name(const ConfigKey& key) {
    if (key.type == "path") {
        return "PATH";
    }
    if (key.type == "integer") {
        return "N";
    }
    std::string choices = key.range;
    for (std::size_t comma = choices.find(", "); comma != std::string::npos; comma = choices.find(", ")) {
        choices.replace(comma, 2, "|");
    }
    return choices;
}

std::vector<std::string> option_names(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            names.push_back("--" + name);
        }
    }
    return names;
}

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); })) {
        names.push_back(command->get_name());
    }
    return names;
}

}  // namespace

ConfigSources Flags::sources() const {
    if (!file_by_flag.empty() && !file_by_position.empty()) {
        throw ConfigError(
            fmt::format("two configurations ({} and --config {}): name one", file_by_position, file_by_flag));
    }
    ConfigSources sources{file_by_flag.empty() ? file_by_position : file_by_flag, {}};
    for (const std::string& setting : settings) {
        sources.overrides.push_back(parse_override(setting));
    }
    sources.overrides.insert(sources.overrides.end(), overrides.begin(), overrides.end());
    return sources;
}

void add_key_flag(CLI::App& command, const std::shared_ptr<Flags>& flags, const std::string& flag,
                  const std::string& key) {
    const ConfigKey& about = find_key(key);
    const auto remember = [flags, flag, key](const std::string& value) {
        flags->overrides.push_back({key, value, fmt::format("{} {}", flag, value)});
    };
    command.add_option_function<std::string>(flag, remember, fmt::format("{} ({})", about.meaning, key))
        ->type_name(value_name(about));
}

CLI::App* add_command(CLI::App& app, Job& job, const std::string& name, const std::string& description,
                      const Command& command, const std::string& seed_key, const std::shared_ptr<Flags>& flags) {
    CLI::App* sub = app.add_subcommand(name, description);
    sub->add_option("file", flags->file_by_position, "configuration (TOML), or the run.json of an earlier run")
        ->type_name("FILE");
    sub->add_option("--config", flags->file_by_flag, "the same as FILE")->type_name("FILE");
    sub->add_option("--set", flags->settings, "set any configuration key; may be repeated, wins over FILE")
        ->type_name("SECTION.KEY=VALUE")
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->allow_extra_args(false);
    add_key_flag(*sub, flags, "--out", "output.dir");
    add_key_flag(*sub, flags, "--seed", seed_key);
    add_key_flag(*sub, flags, "--threads", "execution.threads");
    add_key_flag(*sub, flags, "--backend", "execution.backend");
    sub->add_flag("--json", flags->json, "print JSON instead of tables");
    sub->add_flag("--quiet", flags->quiet, "print only results and errors");
    sub->callback([flags, command, &job] {
        job = [flags, command] {
            const RunConfig config = load_config(flags->sources());
            StreamTerminal terminal(detect_terminal(flags->quiet, flags->json));
            return commands::carry_out(command, config, terminal);
        };
    });
    return sub;
}

std::string suggestion(const CLI::App& app) {
    const auto chosen = app.get_subcommands();
    const std::vector<std::string> unexpected = app.remaining(true);
    if (unexpected.empty()) {
        return "";
    }
    const std::string& first = unexpected.front();
    if (first.starts_with("-")) {
        const std::string flag = first.substr(0, first.find('='));
        const auto nearest = nearest_name(flag, option_names(chosen.empty() ? app : *chosen.front()));
        return nearest ? fmt::format("did you mean {}?", *nearest) : "";
    }
    if (chosen.empty()) {
        const std::vector<std::string> names = command_names(app);
        const auto nearest = nearest_name(first, names);
        return nearest ? fmt::format("did you mean clv {}?", *nearest)
                       : fmt::format("the commands are {}", fmt::join(names, ", "));
    }
    return "";
}

}  // namespace clv::cli
