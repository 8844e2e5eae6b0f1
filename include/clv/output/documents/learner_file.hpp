#pragma once
// learner.json: what `clv learn` has learned, with the models themselves, so that it scores others next month.

#include <filesystem>
#include <string>

#include "clv/learning/learner.hpp"

namespace clv {

[[nodiscard]] std::string learner_as_json(const Learner& learner);

/// `name` stands for the file in messages. Throws InputError for what is no learner of this format, or not as it was
/// written.
[[nodiscard]] Learner learner_from_json(const std::string& text, const std::string& name);

/// Throws InputError if the file cannot be read or holds no learner of this format.
[[nodiscard]] Learner read_learner(const std::filesystem::path& file);

/// The text with its member sha256 as learner_as_json() would write it; as it is where it is no learner. For tests, and
/// for whoever means what he changed.
[[nodiscard]] std::string with_right_digest(const std::string& text);

}  // namespace clv
