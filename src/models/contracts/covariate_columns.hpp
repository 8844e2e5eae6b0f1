#pragma once
// Columns of customers or of segments as the covariates of a model of renewal. Internal to the models.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/named_columns.hpp"
#include "clv/models/contract_effects.hpp"

namespace clv {

/// The columns of a table that are covariates, in the order of their names.
struct CovariateColumns {
    std::vector<NamedColumn> columns;
    std::function<std::string(std::size_t)> row_name;  ///< "customer c17"
};

/// Throws InputError for a name that no column has, or one that moves with time.
[[nodiscard]] CovariateColumns covariate_columns(const CustomerTable& customers, const std::vector<std::string>& names);

/// What texts and numbers there are in rows of a weight above 0. Throws InputError where one of these is blank, or
/// texts differ too much.
[[nodiscard]] std::vector<ContractColumn> describe_columns(const CovariateColumns& of,
                                                           const std::vector<std::string>& names,
                                                           const std::vector<double>& weight);

/// The covariates of a row. Throws InputError for what is blank, and for a text that is none of the levels.
[[nodiscard]] std::vector<double> covariates_of(const CovariateColumns& of, const std::vector<ContractColumn>& columns,
                                                std::size_t row);

}  // namespace clv
