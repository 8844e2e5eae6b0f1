#pragma once
// The one way from a document to its text, and back. A path or a name need not be UTF-8, which JSON has to be.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace clv {

/// `indent` blanks a level; below 0: one line. Bytes that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::json& value, int indent = -1);
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value, int indent = -1);

/// The document in a text. Throws InputError where it is none ("it is no JSON (3:5)"), nests too deep, or an object has
/// a member twice: some readers would take the first, and some the last.
[[nodiscard]] nlohmann::ordered_json parse_document(std::string_view text);

}  // namespace clv
