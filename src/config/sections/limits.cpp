// Keys of [[optimizer.limits]].

#include <fmt/format.h>

#include <algorithm>

#include "clv/core/nearest_name.hpp"
#include "clv/data/tables/fault.hpp"
#include "clv/decisions/table/optimizer_settings.hpp"
#include "config/key_kinds.hpp"
#include "sections.hpp"

namespace clv {

namespace {

constexpr std::string_view further_cost = "cost_";

void check_column(const std::string& column) {
    const std::vector<std::string> names{"cost", "expected_profit", "count"};
    const bool is_further = column.starts_with(further_cost) && column.size() > further_cost.size();
    if (!is_further && std::ranges::find(names, column) == names.end()) {
        const auto nearest = nearest_name(column, names);
        throw ValueFault{
            "", fmt::format("is \"{}\", which is no column of a plan", shortened(column)),
            nearest ? fmt::format("did you mean {}?", *nearest) : "give cost, cost_NAME, expected_profit or count"};
    }
}

}  // namespace

Section<PlanLimit> limits_section() {
    using namespace kinds;
    using L = PlanLimit;
    return {"optimizer.limits",
            "Limits on the plan beside the budget; one table for each.",
            {
                text({.name = "name", .meaning = "required, and distinct"}, at<&L::name>),
                text({.name = "column",
                      .meaning = "what is added up: cost, cost_NAME (a further cost of an uplift CSV), "
                                 "expected_profit, or count: customers with an action other than none"},
                     at<&L::column>, {.range = "cost, cost_NAME, expected_profit, count", .check = &check_column}),
                text({.name = "action", .meaning = "over the customers who get this action; absent: all actions"},
                     at<&L::action>),
                text({.name = "segment", .meaning = "over the customers of this segment; absent: everybody"},
                     at<&L::segment>),
                number({.name = "min", .meaning = "least sum", .unit = "unit of column"}, at<&L::min>, any_total),
                number({.name = "max", .meaning = "largest sum", .unit = "unit of column"}, at<&L::max>, any_total),
                number({.name = "min_roi",
                        .meaning = "instead of column, min and max: least expected_profit per unit of cost"},
                       at<&L::min_roi>, {.low = -1.0e6, .high = 1.0e6}),
            }};
}

}  // namespace clv
