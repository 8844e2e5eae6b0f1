#pragma once
// One GPU in a run: what it keeps from beginning to end, and batches of customers on their way through it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "batch_tables.hpp"
#include "clv/simulation/accumulator.hpp"
#include "device_memory.hpp"
#include "path_kernel.hpp"

namespace clv::cuda {

/// Tables that all customers share, on the current device.
template <class Law>
class SharedTables;

template <>
class SharedTables<SubscriptionLaw> {
  public:
    explicit SharedTables(const SubscriptionSetup& setup);
    void place(SubscriptionBlockRun& run) const;

  private:
    DeviceArray<float> market_;
    DeviceArray<float> market_hazard_;
};

template <>
class SharedTables<RetailLaw> {
  public:
    explicit SharedTables(const RetailSetup& setup);
    void place(RetailBlockRun& run) const;

  private:
    DeviceArray<float> calendar_;
    DeviceArray<double> discount_;
    DeviceArray<double> annuity_;
};

/// Tables of the run on one device, and the totals that its blocks add to.
template <class Law>
class DeviceRun {
  public:
    using Setup = typename Law::Setup;
    using Run = typename Law::Run;

    /// Throws BackendError if the device has not got the memory.
    DeviceRun(int device, const Setup& setup, const ResultAccumulator& accumulator);

    /// Makes this device the current one.
    void use() const;
    /// Parameter of a launch for a customer.
    [[nodiscard]] Run block_run(std::size_t customer) const;
    /// Blocks that the device holds at once.
    [[nodiscard]] unsigned blocks() const noexcept { return blocks_; }
    /// Values that the passes of all its blocks need, 0 where they have them at hand or memory is short.
    [[nodiscard]] std::size_t kept_values() const;
    /// Adds the device's totals to the run's, once all batches are through.
    void add_totals(ResultAccumulator& accumulator) const;

  private:
    /// Makes `device` the current one before anything is put on it.
    static int current(int device);
    [[nodiscard]] Run block_run_of(const decltype(Run::law)& law) const;

    int device_;
    const Setup& setup_;
    const ResultAccumulator& accumulator_;
    SharedTables<Law> shared_;
    BlockShape shape_{};
    unsigned blocks_ = 0;
    DeviceArray<std::uint32_t> ranks_;
    DeviceArray<std::int64_t> totals_;
    DeviceArray<std::int64_t> cash_;
};

/// A stream with buffers for one batch at a time. Of two on a device, one is filled or emptied by the host while the
/// other is simulated.
template <class Law>
class BatchStream {
  public:
    using Setup = typename Law::Setup;
    using Batch = typename Law::Batch;

    /// Batches of up to `most` customers.
    BatchStream(const DeviceRun<Law>& device, const Setup& setup, const ResultAccumulator& accumulator,
                std::uint32_t most);

    /// Customers first .. first + count - 1 set off. Returns at once.
    void start(std::size_t first, std::size_t count);
    [[nodiscard]] bool is_busy() const noexcept { return count_ > 0; }
    [[nodiscard]] std::size_t first() const noexcept { return first_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    /// Waits for the batch and hands it to the accumulator. Throws ModelError if a value or a sum did not fit.
    void finish(ResultAccumulator& accumulator);

  private:
    void launch(std::size_t begin, std::size_t end, std::uint32_t* taken);

    const DeviceRun<Law>& device_;
    const Setup& setup_;
    const ResultAccumulator& accumulator_;
    BatchSize size_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::vector<std::size_t> customers_;  ///< that are simulated, run by run
    PinnedArray<std::byte> host_input_;
    PinnedArray<std::byte> host_output_;
    DeviceArray<std::byte> device_input_;
    DeviceArray<std::byte> device_output_;
    DeviceArray<double> kept_;          ///< [block][alternative][path]; empty: not kept
    DeviceArray<std::uint32_t> taken_;  ///< [run of the setup]
    Stream stream_;                     ///< last, so that it is empty before the buffers go
};

}  // namespace clv::cuda
