#pragma once
// What learners of every kind are written with: ensembles of models, who was learned from, and a digest of all that
// scores customers.

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "clv/learning/learner.hpp"
#include "members.hpp"

namespace clv {

[[nodiscard]] nlohmann::ordered_json ensemble_json(const Ensemble& ensemble);
/// Throws InputError for models that are none.
[[nodiscard]] Ensemble read_ensemble(const Members& object, Family family);

[[nodiscard]] nlohmann::ordered_json trained_json(const TrainedCustomers& trained);
[[nodiscard]] TrainedCustomers read_trained(const Members& object);

/// Members of a learner of values that score customers.
inline constexpr const char* digested_of_value[]{"used",    "time_unit", "window_days", "first_cohort",
                                                 "trained", "alone",     "stacked",     "purchase_model_factors",
                                                 "bands",   "model"};

/// Of these members, as far as they are there: what was changed by hand, or by a disk, is not what was learned.
[[nodiscard]] std::string digest_of_members(const nlohmann::ordered_json& root, std::span<const char* const> members);

/// The members that every learner begins with.
[[nodiscard]] nlohmann::ordered_json begun_learner(std::string_view kind);
/// Throws InputError for another format or kind, another version of XGBoost, or a digest that is not `sha256`.
void check_learner(const Members& root, std::string_view kind, const std::string& sha256);

}  // namespace clv
