#include "clv/steps/population_settings.hpp"

namespace clv {

PopulationSettings without_holdout(PopulationSettings settings) {
    ObservationSettings& observation = settings.observation;
    if (observation.holdout) {
        observation.observation_end = observation.holdout;
        observation.holdout.reset();
    }
    return settings;
}

bool learns(const PopulationSettings& settings) {
    return settings.learn.target == LearnTarget::churn && !settings.learn.target_column.empty() &&
           settings.input.learner.empty();
}

bool is_learned(const PopulationSettings& settings) {
    const auto& source = settings.survival.source;
    return !settings.input.has_purchases() &&
           (source ? *source == SurvivalSource::learned : !settings.input.learner.empty() || learns(settings));
}

SimulationSettings with_draws(const PopulationSettings& settings, bool has_purchases) {
    const bool has_models = settings.learn.bootstraps > 0 || !settings.input.learner.empty();
    const bool is_few = has_purchases ? settings.fit.parameter_uncertainty == ParameterUncertainty::bootstrap
                                      : is_learned(settings) && has_models;
    SimulationSettings simulation = settings.plan.settings;
    simulation.shared_draws = is_few ? SharedDraws::few : simulation.shared_draws;
    return simulation;
}

}  // namespace clv
