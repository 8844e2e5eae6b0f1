#pragma once
// The commands of the program `clv`: configuration in, files and terminal out. Each returns its exit code (ExitCode of
// clv/core/errors.hpp) or throws clv::Error, which carries one.

#include <functional>
#include <string>

#include "clv/config/config.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv::commands {

using Command = std::function<int(const RunConfig&, Terminal&)>;

/// Carries a command out, its CSV files written as section [output] says.
int carry_out(const Command& command, const RunConfig& config, Terminal& terminal);

/// A synthetic world: customers.csv and truth.csv.
int generate(const RunConfig& config, Terminal& terminal);

/// Reads the input and reports every fault: validation.json, rejects.csv.
int validate(const RunConfig& config, Terminal& terminal);

/// Purchase and spend models from histories: model.json, summary.csv. Models of renewal from cohorts: model.json,
/// survival.csv.
int fit(const RunConfig& config, Terminal& terminal);

/// What outcomes of customers say of others, or their purchases of what they will spend: learner.json, scores.csv,
/// quality.json, importance.csv.
int learn(const RunConfig& config, Terminal& terminal);

/// Groups of similar customers: segments.csv, segment_rankings.csv.
int segment(const RunConfig& config, Terminal& terminal);

/// The distribution of the value of every customer, the portfolio and its segments. A model of purchases that is fitted
/// on the way has the files of fit().
int simulate(const RunConfig& config, Terminal& terminal);

/// The value of the portfolio and its segments in every scenario: sweep.csv, results.h5.
int sweep(const RunConfig& config, Terminal& terminal);

/// Everything the configuration names: a world, fits, values, a plan, a report. Steps that stand in the output folder
/// as they would come out again are reused (Ledger).
int run(const RunConfig& config, Terminal& terminal);

struct RunOptions {
    bool fresh = false;    ///< nothing is reused
    bool dry_run = false;  ///< the steps are listed, and why they would run
};
int run(const RunConfig& config, const RunOptions& options, Terminal& terminal);

/// A plan from an uplift CSV or from results: plan.csv, frontier.csv, certificate.json.
int optimize(const RunConfig& config, Terminal& terminal);

/// Recomputes what the certificate at `file` claims and says what it checked. Returns ExitCode::certificate if
/// something does not agree.
int verify_certificate(const std::string& file, const RunConfig& config, Terminal& terminal);

/// A folder of results as a page and a workbook, report.html and report.xlsx, which join its files. The page is drawn
/// by the Python package clvsim.
enum class ReportParts { all, workbook };
int report(const std::string& results_dir, ReportParts parts, Terminal& terminal);

/// What this machine and this build can do.
int doctor(const RunConfig& config, Terminal& terminal);

}  // namespace clv::commands
