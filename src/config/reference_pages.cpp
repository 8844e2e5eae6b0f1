#include "clv/config/reference_pages.hpp"

#include <fmt/format.h>

#include <string_view>

#include "clv/config/keys.hpp"

namespace clv {

namespace {

constexpr std::string_view generated_note =
    "<!-- Written by `clv docs`; change the table in the code, not this page. -->\n";

std::string_view section_meaning(std::string_view section) {
    if (section == "generate") {
        return "A synthetic world of customers with known truth.";
    }
    if (section == "input") {
        return "Where the customers come from, and how the file's columns become ours.";
    }
    if (section == "survival") {
        return "Where the hazard of churn comes from.";
    }
    if (section == "simulation") {
        return "What is simulated and reported.";
    }
    if (section == "market") {
        return "The market factor that all customers share.";
    }
    if (section == "optimizer") {
        return "How the plan is chosen.";
    }
    if (section == "execution") {
        return "How it is computed. Nothing here changes a result.";
    }
    if (section == "output") {
        return "Where results go.";
    }
    if (section == "actions") {
        return "What may be done for a customer, at most eight besides `none`; one table for each.";
    }
    if (section == "optimizer.limits") {
        return "Limits on the plan beside the budget; one table for each.";
    }
    if (section == "scenarios") {
        return "States of the world that `clv sweep` compares with the run as it is; one table for each, or for a grid "
               "of them: where keys have lists,\nevery combination is a scenario, called like "
               "`grid hazard_multiplier=1.3 discount_rate=0.12`.";
    }
    return "";
}

/// The table that a key stands in.
std::string page_section(const std::string& key) {
    constexpr std::string_view limits = "optimizer.limits";
    return key.starts_with(std::string(limits) + ".") ? std::string(limits) : key.substr(0, key.find('.'));
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
    page +=
        "\nThe configuration is a TOML file, given as `clv COMMAND FILE` or `--config FILE`. Every key can also be set "
        "on "
        "the command line,\n`--set section.key=value`, which wins over the file; a command needs no file if everything "
        "is "
        "set there. A value is TOML or a\nbare string; a list of tables is "
        "`--set 'actions=[{name=\"call\", cost=5, hazard_multiplier=0.8}]'`.\n\n"
        "Relative paths in the file are relative to the file, those on the command line to the working directory. An "
        "unknown key, a wrong\ntype or a value out of range stops the command (exit 2) with every fault and its place. "
        "`clv run run.json` repeats a run from its\nrun.json.\n\n"
        "A key marked with * is statistical: it can change a result, and counts for the config hash.\n";
    std::string section;
    for (const ConfigKey& key : config_keys()) {
        const std::string owner = page_section(key.name);
        if (owner != section) {
            section = owner;
            const bool is_list = section == "actions" || section == "scenarios" || section == "optimizer.limits";
            page += fmt::format("\n## {}\n\n{}\n\n", is_list ? "[[" + section + "]]" : "[" + section + "]",
                                section_meaning(section));
            page += "| key | type | unit | default | range | meaning |\n| --- | --- | --- | --- | --- | --- |\n";
        }
        page += fmt::format("| {}{} | {} | {} | {} | {} | {} |\n", code(key.name.substr(section.size() + 1)),
                            key.statistical ? " *" : "", markdown_cell(key.type), markdown_cell(key.unit),
                            code(key.default_value), markdown_cell(key.range), markdown_cell(key.meaning));
    }
    return page;
}

}  // namespace clv
