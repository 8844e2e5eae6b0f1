#pragma once
// Sentences of rules with a customer's numbers in them: "last bought {since_last_days} days ago".

#include <cstddef>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/named_columns.hpp"

namespace clv {

/// Throws ConfigError, which names the rule, for a brace without its other, or decimals that are no digit.
void check_sentence(const std::string& sentence, const std::string& rule);

/// Sentences about one table of customers.
class Sentences {
  public:
    /// `customers` must outlive it.
    explicit Sentences(const CustomerTable& customers) : customers_(customers), columns_(named_columns(customers)) {}

    /// {column} is a number with up to 2 decimals, without zeros at the end, or a text; {column:1} has one decimal. A
    /// missing number is "unknown". Throws ConfigError for a column that the customers do not have.
    [[nodiscard]] std::string filled(const std::string& sentence, std::size_t customer) const;

  private:
    const CustomerTable& customers_;
    std::vector<NamedColumn> columns_;
};

}  // namespace clv
