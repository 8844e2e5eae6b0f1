#pragma once
// learner.json of values: what `clv learn --target value` has learned, with the models themselves and the purchase
// model that they stand on, so that it scores the same customers or others later.

#include <filesystem>
#include <string>

#include "clv/learning/learn_value.hpp"

namespace clv {

[[nodiscard]] std::string value_learner_as_json(const ValueLearner& learner);

/// `name` stands for the file in messages. Throws InputError for what is no learner of values of this format, or not as
/// it was written.
[[nodiscard]] ValueLearner value_learner_from_json(const std::string& text, const std::string& name);

/// Throws InputError if the file cannot be read or holds no learner of values of this format.
[[nodiscard]] ValueLearner read_value_learner(const std::filesystem::path& file);

}  // namespace clv
