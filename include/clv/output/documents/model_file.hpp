#pragma once
// model.json: fitted purchase and spend models and the weeks behind the calendar, with numbers that read back as they
// were.

#include <filesystem>
#include <string>

#include "clv/models/fitted_model.hpp"

namespace clv {

/// Throws ModelError where model_from_json() would refuse it.
[[nodiscard]] std::string model_as_json(const FittedModel& model);

/// `name` stands for the file in messages. Throws InputError for what is no model of this format.
[[nodiscard]] FittedModel model_from_json(const std::string& text, const std::string& name);

/// Throws InputError if the file cannot be read or is no model of this format.
[[nodiscard]] FittedModel read_model(const std::filesystem::path& file);

}  // namespace clv
