#pragma once
// What each column of a customers file is to us, decided from its header and the config before the first row is read.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "clv/data/readers/customers_reader.hpp"
#include "clv/data/tables/customer_columns.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/data/tables/parse_number.hpp"

namespace clv {

struct NumberField {
    std::size_t field;
    const CustomerColumn* column;
    std::optional<double> blank_value;  ///< none: a blank cell is a fault
};

struct SegmentPart {
    std::optional<std::size_t> field;  ///< none: the same text for everybody
    std::string text;
};

struct CustomersLayout {
    std::vector<std::string> names;  ///< of the file's columns
    std::size_t id_field = 0;
    std::vector<NumberField> numbers;
    std::vector<std::pair<const CustomerColumn*, double>> constants;  ///< columns that are only a default
    std::optional<std::size_t> churned_field;
    std::optional<int> churned_blank_value;
    std::optional<int> churned_constant;
    std::vector<std::size_t> survival_fields;  ///< survival_1..survival_T
    std::vector<SegmentPart> segment_parts;    ///< empty: no segments
    std::vector<std::size_t> feature_fields;
    std::vector<std::pair<std::string, std::string>> mapped_names;
    std::vector<std::string> notes;
};

/// The layout, or the structural fault that forbids one. `header` are the fields of the first row, on `line`.
/// Throws ConfigError if input.columns, input.defaults or input.segment_by are wrong whatever the file.
[[nodiscard]] std::variant<CustomersLayout, Fault> lay_out_customers(const std::vector<std::string>& header,
                                                                     std::uint64_t line, const InputSettings& settings,
                                                                     const CustomerRequirements& requirements);

/// Checks a number against its column: the fault's kind, problem and remedy, or none with `value` set.
[[nodiscard]] std::optional<Fault> check_number(const CustomerColumn& column, const NumberCell& number,
                                                const std::optional<double>& blank_value, double& value);

}  // namespace clv
