#pragma once
// The population of a command: read, and announced to the user.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clv/output/documents/run_record.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/rejects_writer.hpp"
#include "clv/population/population.hpp"
#include "clv/simulation/portfolio.hpp"
#include "clv/steps/make_population.hpp"
#include "clv/steps/population_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

/// rejects.csv of a command: appears with the first row that is rejected, where the rule is to reject rows.
class Rejects {
  public:
    /// `outputs` must outlive it.
    Rejects(OnFault rule, OutputSet& outputs) : rule_(rule), outputs_(outputs) {}

    /// Where rejected rows go; empty where a fault refuses the file.
    [[nodiscard]] RejectSink sink();
    /// Completes the file, and says what the report has to say: how many rows were rejected, its warnings and its
    /// notes.
    void finish(const ValidationReport& report, Terminal& terminal);

  private:
    OnFault rule_;
    OutputSet& outputs_;
    std::optional<RejectsWriter> file_;
};

/// Warnings of discount rates, of a run and of scenarios, that look like percentages: 10 for 0.10.
[[nodiscard]] std::vector<std::string> questioned_rates(const SimulationSettings& settings,
                                                        const std::vector<Scenario>& scenarios);

/// Whether a command that fits models of purchases or learns also writes what `clv fit` and `clv learn` write.
enum class FitFiles { left_out, written };

/// make_population(), with notes and warnings on the terminal and rejected rows in rejects.csv.
[[nodiscard]] Population prepare_population(const PopulationSettings& settings, OutputSet& outputs, Terminal& terminal,
                                            FitFiles of_fit = FitFiles::left_out, const MadeBefore& before = {});

/// Adds what run.json says of a population: fitted models, the share of the tail, warnings, who has left. `rows`:
/// portfolio_rows() without any action.
void add_population(RunRecord& record, const Population& population, std::span<const PortfolioRow> rows);

}  // namespace clv
