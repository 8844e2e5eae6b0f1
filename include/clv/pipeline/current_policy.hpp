#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// The policy in `file` (optimizer.current) for these customers; empty where no file is named. Throws InputError if the
/// file has a fault, and says on the terminal how many of its customers are not among these.
[[nodiscard]] std::vector<std::uint8_t> current_policy(const std::string& file, const IdColumn& customer_id,
                                                       const std::vector<std::string>& actions, Terminal& terminal);

}  // namespace clv
