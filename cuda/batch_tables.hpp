#pragma once
// The host's side of a batch: tables in, parts of figures out. Knows nothing of a GPU.

#include <cstddef>
#include <span>

#include "batch.hpp"
#include "block_run.hpp"
#include "block_shape.hpp"
#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/retail_setup.hpp"
#include "clv/simulation/subscription_setup.hpp"

namespace clv::cuda {

/// The types that go with a law.
struct SubscriptionLaw {
    static constexpr PathLaw law = PathLaw::subscription;
    using Setup = SubscriptionSetup;
    using Run = SubscriptionBlockRun;
    using Batch = SubscriptionBatch;
};
struct RetailLaw {
    static constexpr PathLaw law = PathLaw::retail;
    using Setup = RetailSetup;
    using Run = RetailBlockRun;
    using Batch = RetailBatch;
};

/// What the blocks of a run have to hold, and the size of a batch of `customers` of them.
[[nodiscard]] BlockWork block_work(PathLaw law, const RunFrame& frame, const ResultAccumulator& accumulator);
[[nodiscard]] BatchSize batch_size(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                                   std::uint32_t customers);
[[nodiscard]] BatchSize batch_size(const RetailSetup& setup, const ResultAccumulator& accumulator,
                                   std::uint32_t customers);

/// Parameter of a launch for the customers of one of the setup's runs. Pointers are the host's: tables of the run as
/// in the setup, no ranks, totals or cash yet.
[[nodiscard]] SubscriptionBlockRun block_run(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                                             const SubscriptionRun& law, const BlockShape& shape);
[[nodiscard]] RetailBlockRun block_run(const RetailSetup& setup, const ResultAccumulator& accumulator,
                                       const RetailRun& law, const BlockShape& shape);

/// Writes the tables of `customers` to `input`, by several threads.
void fill_batch(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                std::span<const std::size_t> customers, const BatchSize& size, const SubscriptionBatch& input);
void fill_batch(const RetailSetup& setup, const ResultAccumulator& accumulator, std::span<const std::size_t> customers,
                const BatchSize& size, const RetailBatch& input);

/// Hands the figures of `customers` to the accumulator, by several threads. Throws ModelError if a value or a sum did
/// not fit.
void take_batch(ResultAccumulator& accumulator, std::span<const std::size_t> customers, const BatchSize& size,
                const BatchInput& input, const BatchOutput& output);

}  // namespace clv::cuda
