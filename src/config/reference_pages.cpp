#include "clv/config/reference_pages.hpp"

#include <fmt/format.h>

#include <string_view>

#include "clv/config/keys.hpp"
#include "key_binding.hpp"

namespace clv {

namespace {

constexpr std::string_view generated_note =
    "<!-- Written by `clv docs`; change the table in the code, not this page. -->\n";

/// The page breaks its lines where this text does.
constexpr std::string_view introduction = R"(
The configuration is a TOML file, given as `clv COMMAND FILE` or `--config FILE`. Every key can also be set on the command line,
`--set section.key=value`, which wins over the file; a command needs no file if everything is set there. A value is TOML or a
bare string; a list of tables is `--set 'actions=[{name="call", cost=5, hazard_multiplier=0.8}]'`.

Relative paths in the file are relative to the file, those on the command line to the working directory. An unknown key, a wrong
type or a value out of range stops the command (exit 2) with every fault and its place. `clv run run.json` repeats a run from its
run.json.

A key marked with * is statistical: it can change a result, and counts for the config hash.
)";

/// The section, or the list of tables, that a key stands in: the one with the longest name that fits.
SectionHeading heading_of(const std::string& key) {
    SectionHeading best;
    for (const SectionHeading& heading : section_headings()) {
        const bool fits = key.starts_with(std::string(heading.name) + ".");
        if (fits && heading.name.size() > best.name.size()) {
            best = heading;
        }
    }
    return best;
}

std::string code(const std::string& text) {
    return text.empty() ? "" : fmt::format("`{}`", markdown_cell(text));
}

}  // namespace

std::string markdown_cell(std::string text) {
    std::string escaped;
    for (const char c : text) {
        escaped += c == '|' ? "\\|" : c == '\n' ? " " : std::string(1, c);
    }
    return escaped;
}

std::string configuration_page() {
    std::string page = "# Configuration\n\n";
    page += generated_note;
    page += introduction;
    std::string_view section;
    for (const ConfigKey& key : config_keys()) {
        const SectionHeading heading = heading_of(key.name);
        if (heading.name != section) {
            section = heading.name;
            const std::string title = heading.is_list ? fmt::format("[[{}]]", section) : fmt::format("[{}]", section);
            page += fmt::format("\n## {}\n\n{}\n\n", title, heading.meaning);
            page += "| key | type | unit | default | range | meaning |\n| --- | --- | --- | --- | --- | --- |\n";
        }
        page += fmt::format("| {}{} | {} | {} | {} | {} | {} |\n", code(key.name.substr(section.size() + 1)),
                            key.statistical ? " *" : "", markdown_cell(key.type), markdown_cell(key.unit),
                            code(key.default_value), markdown_cell(key.range), markdown_cell(key.meaning));
    }
    return page;
}

}  // namespace clv
