#pragma once
// Segments of customers: of an input as it is, and of a run, which knows their risk.

#include "clv/data/tables/validation_report.hpp"
#include "clv/learning/segment_settings.hpp"
#include "clv/output/hdf5/hdf5_file.hpp"
#include "clv/output/output_set.hpp"
#include "clv/output/tables/segments_writer.hpp"
#include "clv/planning/simulation_run.hpp"
#include "clv/population/customers_to_group.hpp"
#include "clv/population/population.hpp"
#include "clv/steps/make_population.hpp"
#include "clv/steps/population_settings.hpp"
#include "clv/terminal/terminal.hpp"

namespace clv {

struct SegmentsOfInput {
    SegmentsTable table;
    ValidationReport report;
    std::array<std::uint64_t, 2> content_hash{};
};

/// Customers as the input has them. Throws ConfigError where nothing says what they are worth, and what readers and
/// segment_customers() throw.
[[nodiscard]] SegmentsOfInput segments_of_input(const PopulationSettings& settings, const SegmentSettings& segment,
                                                const RejectSink& reject, Terminal& terminal);

/// Columns of the input that segment.columns names beside figures of a run, for the population's customers: the input
/// is read again for them. Throws ConfigError where there is no such column.
[[nodiscard]] NumberColumns segment_columns_of_input(const PopulationSettings& settings, const SegmentSettings& segment,
                                                     const Population& population, Terminal& terminal);

/// Customers of a run, those apart left out, with the risk that they carry; they are simulated once more for it.
[[nodiscard]] SegmentsTable segments_of_run(const PopulationSettings& settings, const SegmentSettings& segment,
                                            const Population& population, const NumberColumns& of_input,
                                            const SimulationRun& run, const Hdf5File& results, Terminal& terminal);

/// segments.csv and segment_rankings.csv.
void write_segment_files(const SegmentsTable& table, OutputSet& outputs);

}  // namespace clv
