#pragma once
// Which action every customer gets at present: `customer_id, action`, such as a plan.csv; further columns are ignored.

#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

struct PolicyRead {
    std::vector<std::uint8_t> action;  ///< [customer], index into the actions; `none` for customers without a row
    std::vector<std::uint8_t> listed;  ///< [customer], 1: has a row
    std::uint64_t unknown = 0;         ///< rows of customers who are not in the data
    ValidationReport report;
};

/// Reads the policy for these customers. An action that is none of `actions` is a fault, as is a customer with two
/// rows. Throws Interrupted, and InputError if reading fails or two ids have the same hash.
[[nodiscard]] PolicyRead read_policy(CsvReader& reader, const IdColumn& customer_id,
                                     const std::vector<std::string>& actions);

}  // namespace clv
