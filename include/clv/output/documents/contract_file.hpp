#pragma once
// model.json of customers with a contract: what `clv fit --model sbg` or `bdw` learnt of their renewals.

#include <filesystem>
#include <string>

#include "clv/models/contract_fit.hpp"

namespace clv {

[[nodiscard]] std::string contracts_as_json(const ContractFits& fits);

/// `name` stands for the file in messages. Throws InputError for what is no contract model of this format.
[[nodiscard]] ContractFits contracts_from_json(const std::string& text, const std::string& name);

/// Throws InputError if the file cannot be read or holds no contract model of this format.
[[nodiscard]] ContractFits read_contracts(const std::filesystem::path& file);

}  // namespace clv
