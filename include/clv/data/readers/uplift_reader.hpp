#pragma once
// What actions would bring and cost, as somebody else has worked it out, in long form: `customer_id, action,
// expected_profit, cost[, cost_NAME ..][, expected_profit_se][, added_months][, segment]`, one row for every action
// open to a customer.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/validation_report.hpp"

namespace clv {

/// Matrices are [action][customer]. Customers and actions stand in the order of their first appearance, but action 0 is
/// "none", listed or not.
struct UpliftColumns {
    IdColumn customer_id;
    std::vector<std::string> actions;
    std::vector<double> expected_profit;             ///< currency; NaN where the file has no row
    std::vector<double> cost;                        ///< currency; NaN where the file has no row
    std::vector<double> expected_profit_se;          ///< currency; empty: the file does not say
    std::vector<double> added_months;                ///< against `none`; empty: the file does not say
    std::vector<double> clv_cvar;                    ///< currency; empty: not asked for
    std::vector<std::string> further_names;          ///< NAME of columns cost_NAME
    std::vector<std::vector<double>> further_costs;  ///< [column][action][customer]
    std::vector<std::uint32_t> segment;              ///< index into segments; empty: there are none
    std::vector<std::string> segments;               ///< sorted by name

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
};

struct UpliftRead {
    UpliftColumns columns;    ///< to be used only if the report has no fault
    ValidationReport report;  ///< `file` is the reader's name
};

/// Most actions beside `none`: an action is a byte in a plan.
inline constexpr std::size_t max_listed_actions = 255;

/// Reads an uplift table. `columns` maps our names to the file's (customer_id, segment). A customer's rows need not
/// stand together. A customer without a row `none` may do nothing at profit 0 and cost 0, unless `require_choice`: then
/// their `none` stays NaN. `cvar_column`, unless empty, is a column that has to be there too, the CVaR of value with
/// the action; of `none` it is known only from a row. Throws Interrupted, and InputError if reading fails or the file
/// has more than fits.
[[nodiscard]] UpliftRead read_uplift(CsvReader& reader, const std::map<std::string, std::string>& columns,
                                     bool require_choice, Progress& progress, const std::string& cvar_column = {});

}  // namespace clv
