#pragma once
// Threads over blocks of customers, for every path law. A block's customers are taken segment by segment, so that path
// totals join the shared ones once per block and segment.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/backend.hpp"
#include "instruction_sets.hpp"

namespace clv::cpu {

/// The settings with at least one thread, customer and group of paths.
[[nodiscard]] CpuSettings made_sound(CpuSettings settings);

/// Of one thread: buffers that every customer uses again, and sums over the customers of a segment.
struct Workspace {
    Workspace(const RunFrame& frame, const ResultAccumulator& accumulator, std::size_t thread);

    std::size_t slot;                        ///< of the thread
    std::vector<std::vector<double>> value;  ///< [alternative][path]; none where moments are all that is wanted
    std::vector<std::int64_t> total;         ///< [path]
    std::vector<std::int64_t> cash;          ///< [grouped_index]
    std::vector<float> noise;                ///< [month][path of a chunk]; none where gains are not taken
    std::vector<double> gain;                ///< [path], of one action after the other
    CustomerParts parts;
    RanksNeeded ranks;  ///< of a customer with more paths than all have
    DistributionScratch scratch;
    ReplicateScratch replicates;
    std::vector<std::size_t> order;
};

/// Customers begin..end-1, segment by segment.
void order_by_segment(const RunFrame& frame, std::size_t begin, std::size_t end, std::vector<std::size_t>& order);

/// Simulates one customer and adds it to the accumulator.
using SimulateOne = std::function<void(std::size_t customer, Workspace&)>;

/// All customers of a run, batch after batch. Throws what `simulate` and `sink` throw, and Interrupted.
[[nodiscard]] RunTotals run_customers(const CpuSettings& settings, const RunFrame& frame, std::size_t customers,
                                      ResultAccumulator& accumulator, CustomerSink& sink, Progress& progress,
                                      const SimulateOne& simulate);

/// Where the paths of one customer go.
[[nodiscard]] PathBuffers buffers_of(const RunFrame& frame, const InstructionSet& instructions,
                                     const ValueScales& scales, Workspace& workspace);

/// From the first `paths` values under alternative `a` to its sums, their errors and, where wanted, its ranks.
void take_parts(const ResultAccumulator& accumulator, const InstructionSet& instructions, const FixedPoint& scale,
                const AlternativePaths& sums, std::size_t a, std::uint32_t paths, bool with_ranks,
                Workspace& workspace);

}  // namespace clv::cpu
