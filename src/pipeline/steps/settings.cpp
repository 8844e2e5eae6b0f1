#include "settings.hpp"

#include <fmt/format.h>

#include "clv/core/errors.hpp"
#include "clv/planning/planned_actions.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/population/population.hpp"

namespace clv {

namespace {

bool names_input(const InputSettings& input) {
    return !input.customers.empty() || input.has_purchases();
}

}  // namespace

PopulationSettings population_settings(const RunConfig& config) {
    PopulationSettings settings{config.input,
                                config.transactions,
                                config.customers,
                                config.observation,
                                config.fit,
                                config.learn,
                                config.survival,
                                {},
                                config.execution.threads};
    settings.input.threads = config.execution.threads;
    settings.learn.segments_are_made = !config.input.segment_by.empty();
    settings.plan.settings = config.simulation;
    settings.plan.market = config.market;
    settings.plan.actions = config.actions;
    return settings;
}

WorldSettings world_settings(const RunConfig& config) {
    return {config.generate, config.simulation, config.market, config.actions, config.execution.threads};
}

std::optional<WorldSettings> world_to_generate(const RunConfig& config) {
    if (names_input(config.input) || config.generate.kind.empty()) {
        return std::nullopt;
    }
    return world_settings(config);
}

bool has_purchases(const RunConfig& config) {
    return config.input.has_purchases() || (world_to_generate(config) && config.generate.kind == "retail");
}

bool learns(const RunConfig& config) {
    return !has_purchases(config) && learns(population_settings(config));
}

bool rules_alone(const RunConfig& config) {
    return !config.rules.file.empty() && config.input.has_purchases() && !config.fit.model &&
           config.input.model.empty();
}

bool learns_values(const RunConfig& config) {
    return has_purchases(config) && config.learn.target == LearnTarget::value;
}

bool is_prescriptive(const RunConfig& config) {
    return !has_purchases(config) && is_learned(population_settings(config)) && !config.actions.empty() &&
           config.optimizer.uplift.empty();
}

const char* world_file(const GenerateSettings& world) {
    return world.kind == "retail" ? "transactions.csv" : "customers.csv";
}

void use_world(const std::filesystem::path& folder, const GenerateSettings& world, InputSettings& input) {
    const std::string file = (folder / world_file(world)).string();
    if (world.kind == "retail") {
        input.transactions = {file};
    } else {
        input.customers = file;
    }
}

void require_input(const RunConfig& config) {
    if (!names_input(config.input)) {
        throw ConfigError(config.generate.kind.empty()
                              ? "no input is named: give input.customers, input.transactions or input.summary in the "
                                "configuration or by --set, such as --set input.customers=FILE"
                              : "no input is named, and only clv run generates a world: use clv run, or give "
                                "input.customers");
    }
}

void require_agreement(const RunConfig& config) {
    const bool of_values = config.learn.target == LearnTarget::value;
    if (!has_purchases(config)) {
        const char* key = of_values                    ? "learn.target = \"value\""
                          : config.learn.snapshot      ? "learn.snapshot"
                          : !config.rules.file.empty() ? "rules.file"
                                                       : nullptr;
        if (key != nullptr) {
            throw ConfigError(
                fmt::format("{} is for customers without a contract: name input.transactions, or leave it out", key));
        }
    } else if (!of_values && (!config.input.learner.empty() || config.learn.snapshot)) {
        throw ConfigError(
            fmt::format("{} says what is learned of transactions, and learn.target does not: set "
                        "learn.target = \"value\"",
                        config.learn.snapshot ? "learn.snapshot" : "input.learner"));
    }
    if (of_values && !config.learn.target_column.empty()) {
        throw ConfigError("learn.target_column is what learn.target = \"churn\" learns: leave one of them out");
    }
    if (config.segment.method && (!config.segment.value_column.empty() || !config.segment.churn_column.empty())) {
        throw ConfigError(
            "segment.value and segment.churn are for clv segment, and a run has values and churn of its own: leave "
            "them out");
    }
    require_segment_agreement(config.segment);
}

void require_segment_agreement(const SegmentSettings& segment) {
    if (segment.method == SegmentMethod::value && !segment.columns.empty()) {
        throw ConfigError(
            "segment.method = \"value\" groups by value alone, and segment.columns names more: leave one of them out");
    }
}

void require_plannable(const RunConfig& config) {
    check_filters(config.actions);
    if (!config.actions.empty() && config.optimizer.uplift.empty() && config.optimizer.results.empty()) {
        check_request(config.optimizer, config.simulation, action_names(population_settings(config).plan));
    }
}

}  // namespace clv
