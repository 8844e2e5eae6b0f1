#pragma once
// What each source of uncertainty contributes to the variance of the portfolio's value, by picking some sources'
// numbers anew and freezing the others (Sobol' 2001; estimators of Jansen 1999).

#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/simulation/backend.hpp"

namespace clv {

/// Shares of the variance of the total over paths, each with its standard error.
struct SourceShare {
    std::string source;        ///< parameters, customers, process, market
    double first_order = 0.0;  ///< what knowing this source alone would take away
    double first_order_se = 0.0;
    double total = 0.0;  ///< what is left when all others are known
    double total_se = 0.0;
};

/// Six runs of the plan under none, whatever its actions. Throws as Backend::run.
[[nodiscard]] std::vector<SourceShare> attribute_variance(const Backend& backend, const RetailColumns& columns,
                                                          const SimulationPlan& plan, Progress& progress);

}  // namespace clv
