#pragma once
// lifecycle.csv and migration.csv: what rules say of customers. Functions throw OutputError and Interrupted.

#include <cstdint>
#include <filesystem>
#include <vector>

#include "clv/decisions/rules/rule_set.hpp"

namespace clv {

void write_lifecycle_csv(const std::filesystem::path& path, const CustomerTable& customers, const RuleSet& rules,
                         const RuledCustomers& ruled);

/// `customers` is [from][to], of the stages.
void write_migration_csv(const std::filesystem::path& path, const RuleSet& rules,
                         const std::vector<std::vector<std::uint64_t>>& customers);

}  // namespace clv
