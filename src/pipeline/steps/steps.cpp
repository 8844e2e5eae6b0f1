#include "steps.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "clv/config/values.hpp"
#include "clv/core/errors.hpp"
#include "clv/core/json_text.hpp"
#include "clv/core/sha256.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "clv/output/documents/run_record.hpp"
#include "clv/output/file_digest.hpp"
#include "clv/output/output_set.hpp"
#include "settings.hpp"
#include "step_table.hpp"

namespace clv {

namespace {

/// The files that a key names.
std::vector<std::string> files_of(std::span<const ConfigValue> values, std::string_view key) {
    const auto found = std::ranges::find(values, key, &ConfigValue::name);
    if (found == values.end() || !found->is_path) {
        return {};
    }
    const nlohmann::json files = nlohmann::json::parse(found->text);
    return files.is_array() ? files.get<std::vector<std::string>>() : std::vector{files.get<std::string>()};
}

/// Of the file's content; empty where nobody can tell: the table is in memory, or the file cannot be read, which its
/// reader will say better.
std::string content_hash(const std::string& file) {
    if (is_in_memory(file)) {
        return {};
    }
    try {
        return digest_file(file).sha256;
    } catch (const InputError&) {
        return {};
    }
}

/// Whether the step depends on this key.
bool declares(const StepSpec& step, const ConfigValue& value) {
    return std::ranges::any_of(step.keys, [&](std::string_view key) {
        return value.name == key || (!value.is_path && value.name.starts_with(std::string(key) + '.'));
    });
}

/// Text that no other list of texts gives: every one with its length before it.
void append(std::string& text, std::string_view part) {
    text += fmt::format("{}:{}\n", part.size(), part);
}

std::string hash_of(const StepSpec& step, std::span<const ConfigValue> values, std::span<const StepInput> inputs) {
    std::string text = "clvsim step 1\n";
    append(text, program_sources());
    append(text, step.name);
    append(text, fmt::format("{}", step.version));
    for (const ConfigValue& value : values) {
        if (declares(step, value)) {
            append(text, value.name);
            append(text, value.text);
        }
    }
    append(text, "inputs");
    for (const StepInput& input : inputs) {
        append(text, input.name);
        append(text, input.hash);
    }
    return sha256_hex(text);
}

/// A list of names for a sentence, at most three of them.
std::string listed(const std::vector<std::string>& names) {
    const std::size_t shown = std::min<std::size_t>(names.size(), 3);
    const auto first = std::span(names).first(shown);
    return fmt::format("{}{}", fmt::join(first, ", "),
                       names.size() > shown ? fmt::format(" and {} more", names.size() - shown) : "");
}

/// Declared keys whose values differ.
std::vector<std::string> changed_keys(const StepSpec& step, std::span<const ConfigValue> before,
                                      std::span<const ConfigValue> now) {
    std::map<std::string, std::string> values;
    for (const ConfigValue& value : before) {
        if (declares(step, value)) {
            values.emplace(value.name, value.text);
        }
    }
    const std::vector<ConfigValue> defaults = config_values({});
    std::vector<std::string> changed;
    for (const ConfigValue& value : now) {
        if (!declares(step, value)) {
            continue;
        }
        const auto found = values.find(value.name);
        const bool is_new = found == values.end();  // in the run, or in the program
        const bool is_default = std::ranges::any_of(
            defaults, [&](const ConfigValue& other) { return other.name == value.name && other.text == value.text; });
        if (is_new ? !is_default : found->second != value.text) {
            changed.push_back(value.name);
        }
        values.erase(value.name);
    }
    for (const auto& [name, text] : values) {
        changed.push_back(name);  // is not set any more
    }
    return changed;
}

std::string why_not(const StepSpec& step, const LedgerEntry& now, const RunStep& before,
                    const std::vector<ConfigValue>& values_before, const std::vector<ConfigValue>& values_now) {
    if (const auto keys = changed_keys(step, values_before, values_now); !keys.empty()) {
        return listed(keys) + (keys.size() == 1 ? " has changed" : " have changed");
    }
    const auto names_of_others = [](const std::vector<StepInput>& inputs, const std::vector<StepInput>& others) {
        std::vector<std::string> names;
        for (const StepInput& input : inputs) {
            const auto same = [&](const StepInput& other) {
                return other.name == input.name && other.hash == input.hash;
            };
            if (std::ranges::none_of(others, same)) {
                names.push_back(input.file.empty() ? input.name : input.file);
            }
        }
        return names;
    };
    if (const auto files = names_of_others(now.inputs, before.inputs); !files.empty()) {
        return listed(files) + (files.size() == 1 ? " has changed" : " have changed");
    }
    if (const auto files = names_of_others(before.inputs, now.inputs); !files.empty()) {
        return listed(files) + (files.size() == 1 ? " is not read any more" : " are not read any more");
    }
    const auto hashes = [](const StepInput& input) { return input.hash; };
    return std::ranges::equal(now.inputs, before.inputs, {}, hashes, hashes) ? "the program has changed"
                                                                             : "its files come in another order";
}

/// As in run.json. `files`: the names of the files in the set.
RunStep record_of(const LedgerEntry& entry, const std::vector<std::string>& files) {
    RunStep step{entry.name, entry.hash, entry.inputs, {}, entry.reused};
    for (const StepFile& file : step_spec(entry.name).writes) {
        if (std::ranges::find(files, file.name) != files.end()) {
            step.outputs.emplace_back(file.name);
        }
    }
    return step;
}

}  // namespace

const StepSpec& step_spec(std::string_view name) {
    const auto found = std::ranges::find(step_table(), name, &StepSpec::name);
    if (found == step_table().end()) {
        throw std::logic_error(fmt::format("the table of steps has no {}", name));
    }
    return *found;
}

StepNames steps_of_run(const RunConfig& config) {
    if (rules_alone(config)) {
        return {"rules", "report"};
    }
    StepNames steps;
    if (world_to_generate(config)) {
        steps.emplace_back("generate");
    }
    if (has_purchases(config) && config.input.model.empty()) {
        steps.emplace_back("fit");
    }
    if (learns(config) || (learns_values(config) && config.input.learner.empty())) {
        steps.emplace_back("learn");
    }
    if (learns_values(config)) {
        steps.emplace_back("rank");
    }
    steps.emplace_back("value");
    if (config.segment.method) {
        steps.emplace_back("segment");
    }
    if (!config.rules.file.empty()) {
        steps.emplace_back("rules");
    }
    if (!config.actions.empty()) {
        steps.emplace_back("plan");
    }
    steps.emplace_back("report");
    return steps;
}

std::vector<std::string> written_files(const RunConfig& config, const StepNames& steps) {
    std::vector<std::string> files;
    for (const std::string_view step : steps) {
        for (const StepFile& file : step_spec(step).writes) {
            if (file.is_written == nullptr || file.is_written(config)) {
                files.emplace_back(file.name);
            }
        }
    }
    return files;
}

Ledger::Ledger(std::vector<ConfigValue> values, const StepNames& steps, std::span<const RunStep> standing)
    : values_(std::move(values)) {
    for (const ConfigValue& value : values_) {
        const auto depends = [&](const StepSpec& step) { return declares(step, value); };
        if (value.statistical && std::ranges::none_of(step_table(), depends)) {
            throw std::logic_error(fmt::format("no step declares {}, which can change results", value.name));
        }
    }
    for (const RunStep& step : standing) {
        if (std::ranges::find(step_table(), step.name, &StepSpec::name) == step_table().end()) {
            throw InputError(
                fmt::format("a step that this version does not know (run.json of the results, {}): use the version of "
                            "clv that wrote "
                            "it, or run the command that made it again",
                            shortened(step.name)));
        }
        if (step.name != "report" && std::ranges::find(steps, step.name) == steps.end()) {
            entries_.push_back({step.name, step.hash, step.inputs, true, {}});
        }
    }
    for (const std::string_view name : steps) {
        const StepSpec& step = step_spec(name);
        LedgerEntry entry;
        entry.name = name;
        for (const std::string_view read : step.reads) {
            if (const LedgerEntry* earlier = find(read)) {
                entry.inputs.push_back({std::string(read), {}, earlier->hash});
            }
            for (const std::string& file : files_of(values_, read)) {
                entry.inputs.push_back({std::string(read), file, content_hash(file)});
            }
        }
        entry.hash = hash_of(step, values_, entry.inputs);
        entry.why = "it has not run here";
        entries_.push_back(std::move(entry));
    }
}

void Ledger::reuse_from(const std::string& folder) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::path(folder) / "run.json", error)) {
        return;
    }
    try {
        earlier_ = verify_output_set(folder, OutputSet::Reports::may_differ);
    } catch (const Error& problem) {
        const std::string_view what = problem.what();
        run_all(what.substr(0, what.rfind("): ") + 1));  // that they run is the remedy
        return;
    }
    const std::vector<ConfigValue> before = recorded_values(json_text(earlier_.config));
    const std::vector<RunStep>& steps = earlier_.steps;
    for (LedgerEntry& entry : entries_) {
        const StepSpec& step = step_spec(entry.name);
        const auto old = std::ranges::find(steps, entry.name, &RunStep::name);
        const auto runs = std::ranges::find_if(
            entry.inputs, [&](const StepInput& input) { return input.file.empty() && !reuses(input.name); });
        const bool is_unknown =
            std::ranges::any_of(entry.inputs, [](const StepInput& input) { return input.hash.empty(); });
        if (old == steps.end()) {
            continue;
        }
        if (runs != entry.inputs.end()) {
            entry.why = fmt::format("{} runs", runs->name);
        } else if (old->hash != entry.hash) {
            entry.why = why_not(step, entry, *old, before, values_);
        } else if (is_unknown) {
            entry.why = "nobody can tell whether what it reads has changed";
        } else if (!step.can_be_loaded) {
            entry.why = "it is always made anew";
        } else {
            entry.reused = true;
            entry.why.clear();
        }
    }
}

void Ledger::run_all(std::string_view why) {
    for (LedgerEntry& entry : entries_) {
        entry.reused = false;
        entry.why = why;
    }
}

const LedgerEntry* Ledger::find(std::string_view step) const {
    const auto found = std::ranges::find(entries_, step, &LedgerEntry::name);
    return found == entries_.end() ? nullptr : &*found;
}

bool Ledger::reuses(std::string_view step) const {
    const LedgerEntry* entry = find(step);
    return entry != nullptr && entry->reused;
}

std::string Ledger::reused_names() const {
    std::vector<std::string> names;
    for (const LedgerEntry& entry : entries_) {
        if (entry.reused) {
            names.push_back(entry.name);
        }
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<RunStep> Ledger::record(const std::vector<std::string>& files) const {
    std::vector<RunStep> list;
    for (const LedgerEntry& entry : entries_) {
        if (RunStep step = record_of(entry, files); !step.outputs.empty()) {
            list.push_back(std::move(step));
        }
    }
    return list;
}

void add_report_step(RunRecord& record, const std::vector<std::string>& files) {
    const StepSpec& step = step_spec("report");
    LedgerEntry entry;
    entry.name = step.name;
    std::erase_if(record.steps, [&](const RunStep& other) { return other.name == step.name; });
    for (const RunStep& other : record.steps) {
        entry.inputs.push_back({other.name, {}, other.hash});
    }
    entry.hash = hash_of(step, {}, entry.inputs);
    record.steps.push_back(record_of(entry, files));
}

}  // namespace clv
