#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "cli.hpp"
#include "clv/config/reference_pages.hpp"
#include "clv/core/errors.hpp"
#include "clv/output/files.hpp"

namespace clv::cli {

namespace {

struct ExitCodeMeaning {
    ExitCode code;
    std::string_view meaning;
};

constexpr std::array exit_codes{
    ExitCodeMeaning{ExitCode::done, "done"},
    ExitCodeMeaning{ExitCode::usage, "the command line or the configuration is wrong"},
    ExitCodeMeaning{ExitCode::input, "an input is missing or refused"},
    ExitCodeMeaning{ExitCode::model, "the model cannot be simulated"},
    ExitCodeMeaning{ExitCode::backend, "the backend is not available"},
    ExitCodeMeaning{ExitCode::infeasible, "no plan keeps the limits that are set; nothing was written"},
    ExitCodeMeaning{ExitCode::output, "the output cannot be written; earlier results are as they were"},
    ExitCodeMeaning{ExitCode::certificate, "a certificate does not verify"},
    ExitCodeMeaning{ExitCode::memory, "out of memory; nothing was written"},
    ExitCodeMeaning{ExitCode::drift, "reserved: drift was found"},
    ExitCodeMeaning{ExitCode::internal, "internal error: a fault of the program, whatever the input"},
    ExitCodeMeaning{ExitCode::interrupted, "interrupted (Ctrl-C, SIGTERM, SIGHUP); nothing was written"},
};

std::string command_section(const CLI::App& command) {
    std::string text = fmt::format("\n## clv {}\n\n{}.\n\n", command.get_name(), command.get_description());
    text += "| flag | value | meaning |\n| --- | --- | --- |\n";
    for (const CLI::Option* option : command.get_options()) {
        const bool is_flag = option->get_type_size() == 0;
        const std::string name = "`" + (option->get_positional() ? option->get_type_name() : option->get_name()) + "`";
        text += fmt::format("| {} | {} | {} |\n", name,
                            is_flag || option->get_positional() ? "" : markdown_cell(option->get_type_name()),
                            markdown_cell(option->get_description()));
    }
    return text;
}

/// docs/cli.md, from the parser itself.
std::string command_page(const CLI::App& app) {
    std::string page = "# The command line\n\n<!-- Written by `clv docs`; change apps/clv, not this page. -->\n\n";
    page +=
        "`clv COMMAND [FILE] [flags]`. Data goes to files or to standard output, messages and progress to standard "
        "error. A flag that is\nshort for a configuration key names it in brackets; every other key of "
        "[configuration.md](configuration.md) is `--set section.key=value`.\n`clv --version` prints the version, `clv "
        "--help` the commands.\n\n| command | what it does |\n| --- | --- |\n";
    const auto commands = app.get_subcommands([](const CLI::App* c) { return !c->get_group().empty(); });
    for (const CLI::App* command : commands) {
        page += fmt::format("| [`clv {0}`](#clv-{0}) | {1} |\n", command->get_name(), command->get_description());
    }
    for (const CLI::App* command : commands) {
        page += command_section(*command);
    }
    page += "\n## Exit codes\n\n| code | meaning |\n| --- | --- |\n";
    for (const ExitCodeMeaning& entry : exit_codes) {
        page += fmt::format("| {} | {} |\n", static_cast<int>(entry.code), entry.meaning);
    }
    return page;
}

void write_page(const std::filesystem::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (!stream) {
        throw OutputError(fmt::format("cannot write a page ({}): check the folder and the disk", file.string()));
    }
}

}  // namespace

void add_docs(CLI::App& app, Job& job) {
    const auto folder = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("docs", "Write what comes from the program's tables");
    command->group("");
    command->add_option("folder", *folder, "where to write all of it; docs/ and python/clvsim/ if absent");
    command->callback([&app, &job, folder] {
        job = [&app, folder] {
            const bool in_place = folder->empty();
            const std::filesystem::path path = in_place ? "docs" : *folder;
            const std::filesystem::path package = in_place ? "python/clvsim" : *folder;
            write_page(path / "configuration.md", configuration_page());
            write_page(path / "cli.md", command_page(app));
            write_page(path / "data_dictionary.md", data_dictionary_page());
            write_page(package / "files.json", file_table_text());
            return static_cast<int>(ExitCode::done);
        };
    });
}

}  // namespace clv::cli
