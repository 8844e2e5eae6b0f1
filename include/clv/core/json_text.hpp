#pragma once
// The one way from a document to its text. A path or a name need not be UTF-8, which JSON has to be.

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace clv {

/// `indent` blanks a level; below 0: one line. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::json& value, int indent = -1);
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

}  // namespace clv
