#include "clv/decisions/table/read_uplift_table.hpp"

#include <utility>

#include "clv/data/readers/uplift_reader.hpp"
#include "clv/risk/level_names.hpp"

namespace clv {

UpliftTable read_uplift_table(CsvReader& reader, const std::map<std::string, std::string>& columns, bool require_choice,
                              std::optional<double> cvar_level, Progress& progress) {
    UpliftRead read =
        read_uplift(reader, columns, require_choice, progress, cvar_level ? cvar_column(*cvar_level) : std::string());
    require_faultless(read.report);
    UpliftColumns& from = read.columns;
    UpliftTable table;
    table.customer_id = from.customer_id;
    table.actions = std::move(from.actions);
    table.expected_profit = std::move(from.expected_profit);
    table.cost = std::move(from.cost);
    table.expected_profit_se = std::move(from.expected_profit_se);
    table.added_months = std::move(from.added_months);
    table.clv_cvar = std::move(from.clv_cvar);
    table.cvar_level = cvar_level.value_or(0.0);
    for (std::size_t k = 0; k < from.further_costs.size(); ++k) {
        table.further_costs.push_back({std::move(from.further_names[k]), std::move(from.further_costs[k])});
    }
    table.segment = std::move(from.segment);
    table.segments = std::move(from.segments);
    return table;
}

}  // namespace clv
