#pragma once
// What a command takes of its configuration to make customers from.

#include "clv/data/histories/observation_settings.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/customers_settings.hpp"
#include "clv/learning/learn_settings.hpp"
#include "clv/models/fit_settings.hpp"
#include "clv/models/survival_settings.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// Customers of either kind: where they are read, what is fitted on them, and what is simulated.
struct PopulationSettings {
    InputSettings input;
    TransactionSettings transactions;
    CustomersSettings customers;
    ObservationSettings observation;
    FitSettings fit;
    LearnSettings learn;
    SurvivalSettings survival;
    SimulationPlan plan;  ///< without customers and scenarios
    int threads = 0;      ///< 0: all
};

/// As of the day of fit.holdout, if there is one: what follows it is nobody's yet.
[[nodiscard]] PopulationSettings without_holdout(PopulationSettings settings);

/// Whether churn is learned from the customers.
[[nodiscard]] bool learns(const PopulationSettings& settings);
/// Whether hazards are those of a learner, read or made here.
[[nodiscard]] bool is_learned(const PopulationSettings& settings);

/// Simulation settings as the population will have them: what a backend is chosen by
/// (SimulationSettings::shared_draws).
[[nodiscard]] SimulationSettings with_draws(const PopulationSettings& settings, bool has_purchases);

}  // namespace clv
