#pragma once
// Configurations as the tests write them: settings of the command line, or the text of a file.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/core/errors.hpp"
#include "support/temporary_folder.hpp"

namespace clv::test {

inline RunConfig with_settings(const std::vector<std::string>& settings, const std::string& file = "") {
    ConfigSources sources{file, {}};
    for (const std::string& setting : settings) {
        sources.overrides.push_back(parse_override(setting));
    }
    return load_config(sources);
}

/// The message of the ConfigError that `work` throws; empty if it throws none.
template <class Work>
std::string refusal(Work work) {
    try {
        work();
    } catch (const ConfigError& error) {
        EXPECT_EQ(error.exit_code(), ExitCode::usage);
        return error.what();
    }
    return "";
}

inline std::string refusal_of(const std::string& setting) {
    return refusal([&] { (void)with_settings({setting}); });
}

inline std::string refusal_of_file(const std::string& text) {
    const TemporaryFolder folder;
    const std::string file = folder.write("a.toml", text);
    return refusal([&] { (void)load_config({file, {}}); });
}

inline std::vector<std::string> names_of(const std::vector<Scenario>& scenarios) {
    std::vector<std::string> names;
    for (const Scenario& scenario : scenarios) {
        names.push_back(scenario.name);
    }
    return names;
}

}  // namespace clv::test
