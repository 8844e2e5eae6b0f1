#pragma once
// From what settings name to customers who can be simulated: documents and tables are read here, fits and
// populations made below.

#include <functional>

#include "clv/core/progress.hpp"
#include "clv/learning/learn_churn.hpp"
#include "clv/population/purchases_read.hpp"
#include "clv/population/retail_population.hpp"
#include "clv/population/subscription_population.hpp"
#include "clv/steps/population_settings.hpp"

namespace clv {

/// [survival], and the files that it and input.model name. Where nothing names the source a model implies it, and
/// curves do without one.
[[nodiscard]] SurvivalSources survival_sources(const PopulationSettings& settings);

/// What a command needs the features of transactions for.
enum class FeaturesFor { nothing, filters, files };

[[nodiscard]] PurchaseSources purchase_sources(const PopulationSettings& settings, FeaturesFor use);

/// Throws for histories, sound ones of the settings' input, that clv fit would refuse, or with input.model clv
/// simulate: InputError, and ConfigError where the settings do not go together.
void check_purchases(const PopulationSettings& settings, const PurchasesRead& read);

/// read_purchases() and require_purchases(). Throws ConfigError and InputError.
[[nodiscard]] PurchasesRead read_sound_purchases(const PopulationSettings& settings, Progress& progress,
                                                 const RejectSink& reject, FeaturesFor use);

[[nodiscard]] RetailSettings retail_settings(const PopulationSettings& settings);

/// The models of fit.model and fit.spend_model, fitted on the history. Throws ConfigError if none is named, and
/// InputError.
[[nodiscard]] FittedModel fit_purchase_model(const PopulationSettings& settings, const PurchaseHistory& history);

/// Sees histories of purchases with the models that were just fitted on them, before the histories are given up.
using FitSink = std::function<void(const PurchasesRead&, const FittedModel&)>;

/// Sees customers with what was just learned from them.
using LearnSink = std::function<void(const CustomersRead&, const ChurnLearning&)>;

/// Who sees what is made on the way to a population.
struct PopulationSinks {
    RejectSink reject{};       ///< faulty rows
    FitSink fitted_here{};     ///< models of purchases that are fitted here, not read
    LearnSink learned_here{};  ///< what is learned of churn here, not read
};

/// What an earlier run has made and would come out again; null: it is made here.
struct MadeBefore {
    const FittedModel* fitted = nullptr;
    const Learner* learned = nullptr;
};

/// Reads, checks, fits and learns. Throws InputError if the input is refused, and ModelError if the models cannot be
/// simulated.
[[nodiscard]] Population make_population(const PopulationSettings& settings, Progress& progress,
                                         const PopulationSinks& sinks, const MadeBefore& before = {});

}  // namespace clv
