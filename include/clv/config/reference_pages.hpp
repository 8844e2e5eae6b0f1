#pragma once
// Pages of docs/ that the program writes from its own tables; docs/data_dictionary.md comes from clv/output/files.hpp,
// docs/cli.md from the parser in apps/clv. Tests compare them with the committed ones.

#include <string>

namespace clv {

/// docs/configuration.md, from the table of keys.
[[nodiscard]] std::string configuration_page();

/// Text made safe for a cell of a Markdown table.
[[nodiscard]] std::string markdown_cell(std::string text);

}  // namespace clv
