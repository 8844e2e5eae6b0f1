#pragma once
// customers.csv to a CustomerTable, in one pass and with every fault counted and located.
//
// Memory is that of the table's columns plus a fixed amount: a column is reserved once the first rows tell how many
// will come, a feature that turns out to be text with too many distinct values is dropped with a note.

#include <memory>
#include <string>

#include "clv/core/progress.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/readers/input_settings.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/memory_table.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// Columns that the run cannot do without, besides customer_id. A required cell may not be blank.
struct CustomerRequirements {
    bool monthly_revenue = true;
    bool churn_probability = false;
    bool survival_curve = false;              ///< survival_1..survival_T
    bool churn_probability_or_curve = false;  ///< one of the two
    bool tenure_months = false;
    bool churned = false;
};

struct CustomersRead {
    CustomerTable table;  ///< accepted rows; empty after a structural fault
    ValidationReport report;
};

/// Reads `settings.customers`, a file or one of settings.tables. Call require_accepted() on the report before using the
/// table. Every faulty row also goes to `reject`, if given. Throws InputError if the file is missing or unreadable or
/// two ids have the same hash, ConfigError if [input] itself is wrong, Interrupted if the user asked to stop.
[[nodiscard]] CustomersRead read_customers(const InputSettings& settings, const CustomerRequirements& requirements,
                                           Progress& progress, const RejectSink& reject = {});

/// Reads customers from a reader that is already open, at its first row; `settings.customers` is not used.
[[nodiscard]] CustomersRead read_customers(CsvReader& reader, const InputSettings& settings,
                                           const CustomerRequirements& requirements, Progress& progress,
                                           const RejectSink& reject = {});

/// Reads customers from a table in memory, which stays where it is: columns of doubles without a fault are borrowed, as
/// long as the result lives. `name` stands for the file in messages.
[[nodiscard]] CustomersRead read_customers(const std::shared_ptr<const MemoryTable>& table, std::string name,
                                           const InputSettings& settings, const CustomerRequirements& requirements,
                                           Progress& progress, const RejectSink& reject = {});

}  // namespace clv
