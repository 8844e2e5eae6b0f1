#pragma once
// Conditions on customers, such as who is eligible for an action:
//
//     Contract == 'Month-to-month' and tenure_months < 12 or not (margin >= 0.5)
//
//   expression = conjunction {"or" conjunction}
//   conjunction = condition {"and" condition}
//   condition = "not" condition | "(" expression ")" | operand comparison operand
//   comparison = "==" | "!=" | "<" | "<=" | ">" | ">="
//
// One operand is a column: one of ours, `segment`, `customer_id` or a feature, by our name or the file's; a name with
// blanks or signs stands in `backticks`. The other is a number, or a text in ' or " (doubled inside the text). Texts
// know only == and !=. A comparison with a missing number is false, also with !=. The words are the same in any case.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clv/data/tables/customer_table.hpp"

namespace clv {

class Filter {
  public:
    /// Throws ConfigError with the position of the first thing that is wrong. Blank text holds for everybody.
    [[nodiscard]] static Filter parse(std::string_view text);

    /// 1 for every customer for whom it holds, else 0. Throws ConfigError for a column that the table does not have
    /// (with a suggestion) and for a text compared with a number.
    [[nodiscard]] std::vector<std::uint8_t> evaluate(const CustomerTable& table) const;

    /// Names of the columns it asks for, as often as it does.
    [[nodiscard]] std::vector<std::string> columns() const;

    enum class Comparison : std::uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal };
    struct Test {
        std::string column;
        Comparison comparison;
        std::variant<double, std::string> value;
        std::size_t position;  ///< of the column in the text, the first character is 1
    };
    enum class Logic : std::uint8_t { conjunction, disjunction, negation };
    using Step = std::variant<Test, Logic>;

    /// Its comparisons, in the order of the text.
    [[nodiscard]] std::vector<Test> tests() const;

  private:
    std::string text_;
    std::vector<Step> steps_;  ///< in postfix order
};

}  // namespace clv
