#include "settings.hpp"

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

void require_plannable(const RunConfig& config) {
    check_filters(config.actions);
    if (!config.actions.empty() && config.optimizer.uplift.empty() && config.optimizer.results.empty()) {
        check_request(config.optimizer, config.simulation, action_names(population_settings(config).plan));
    }
}

}  // namespace clv
