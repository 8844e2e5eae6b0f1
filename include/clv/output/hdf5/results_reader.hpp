#pragma once
// What a results.h5 holds, for commands that go on from it. Functions throw InputError if the file cannot be read,
// lacks what they need or holds what no run finds: whoever changed it may have made its SHA-256 in run.json anew.

#include <string>
#include <string_view>
#include <vector>

#include "clv/decisions/table/uplift_table.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// Throws InputError unless they are of a run with actions.
void require_uplift(const Hdf5File& results);

/// Throws InputError unless they are of the configuration that run.json has (RunRecord::config_hash).
void require_configuration(const Hdf5File& results, std::string_view config_hash);

/// Throws InputError unless the CVaR in them is at this level.
void require_cvar_level(const Hdf5File& results, double level);

/// Names of the segments; none where there are no segments.
[[nodiscard]] std::vector<std::string> read_segments(const Hdf5File& results);

/// What every action would bring and cost, and where asked for the CVaR of value. The results must be those of a run
/// with actions.
[[nodiscard]] UpliftTable read_uplift_table(const Hdf5File& results, bool with_cvar = false);

/// Whether optimizer.added_paths has refined the table that the plan in them was made from.
[[nodiscard]] bool has_refined_uplift(const Hdf5File& results);

/// That table: read_uplift_table, refined where it was.
[[nodiscard]] UpliftTable read_planned_uplift(const Hdf5File& results, bool with_cvar = false);

/// Level of the CVaR in them.
[[nodiscard]] double read_cvar_level(const Hdf5File& results);

/// Hands on the figures of every customer as the run of `plan` that wrote them did, batch by batch.
void replay_figures(const Hdf5File& results, const SimulationPlan& plan, CustomerSink& sink);

/// The rows of portfolio.csv without any action.
[[nodiscard]] std::vector<PortfolioRow> read_portfolio(const Hdf5File& results);

/// The rows of cashflow.csv; empty if the run kept none.
[[nodiscard]] std::vector<CashflowRow> read_cashflow(const Hdf5File& results);

}  // namespace clv
