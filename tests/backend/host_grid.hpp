#pragma once
// Grids of one block whose lanes are a loop or threads, and a backend that runs a GPU's blocks on them.

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include "clv/simulation/backend.hpp"
#include "cuda/batch_tables.hpp"
#include "cuda/block_shape.hpp"
#include "cuda/customer_block.hpp"
#include "cuda/retail_block.hpp"
#include "cuda/subscription_block.hpp"

namespace clv::test {

class HostGrid {
  public:
    HostGrid(std::uint32_t lanes, bool backwards) : lanes_(lanes), backwards_(backwards) {}
    [[nodiscard]] std::uint32_t lanes() const { return lanes_; }

    /// In one order or the other: within a phase a body must not depend on it.
    template <class Function>
    void for_each_lane(Function function) {
        for (std::uint32_t i = 0; i < lanes_; ++i) {
            function(static_cast<int>(backwards_ ? lanes_ - 1 - i : i));
        }
    }
    template <class T>
    T add(T* to, T number) {
        const T before = *to;
        *to += number;
        return before;
    }
    std::uint64_t peek(const std::uint64_t* from) { return *from; }
    void forget(std::uint32_t& /*word*/) {}
    void lower(std::uint64_t* to, std::uint64_t number) { *to = std::min(*to, number); }
    void raise(std::uint64_t* to, std::uint64_t number) { *to = std::max(*to, number); }

  private:
    std::uint32_t lanes_;
    bool backwards_;
};

/// A grid of one block whose lanes are threads, each going through the whole body as a GPU's threads do: what lanes
/// write and read between the same two phases must not clash.
class ThreadGrid {
  public:
    /// One lane's view. All lanes share the barrier of as many.
    ThreadGrid(std::barrier<>& barrier, std::uint32_t lane, std::uint32_t lanes)
        : barrier_(barrier), lane_(lane), lanes_(lanes) {}
    [[nodiscard]] std::uint32_t lanes() const { return lanes_; }

    template <class Function>
    void for_each_lane(Function function) {
        function(static_cast<int>(lane_));
        barrier_.arrive_and_wait();
    }
    template <class T>
    T add(T* to, T number) {
        return std::atomic_ref<T>(*to).fetch_add(number, std::memory_order_relaxed);
    }
    std::uint64_t peek(const std::uint64_t* from) {
        return std::atomic_ref<std::uint64_t>(*const_cast<std::uint64_t*>(from)).load(std::memory_order_relaxed);
    }
    void lower(std::uint64_t* to, std::uint64_t number) {
        std::atomic_ref<std::uint64_t> shared(*to);
        for (std::uint64_t seen = shared.load(); number < seen && !shared.compare_exchange_weak(seen, number);) {
        }
    }
    void raise(std::uint64_t* to, std::uint64_t number) {
        std::atomic_ref<std::uint64_t> shared(*to);
        for (std::uint64_t seen = shared.load(); seen < number && !shared.compare_exchange_weak(seen, number);) {
        }
    }
    void forget(std::uint32_t& /*word*/) {}

  private:
    std::barrier<>& barrier_;
    std::uint32_t lane_;
    std::uint32_t lanes_;
};

/// How the lanes of a block take their turns.
enum class Lanes { forwards, backwards, threads };

/// Runs customers on the host with blocks of a given shape, in small batches.
class HostBlockBackend final : public Backend {
  public:
    using ChooseShape = std::function<cuda::BlockShape(const cuda::BlockWork&)>;
    /// keeps: passes after the first find the values of the first, and do not simulate again.
    explicit HostBlockBackend(ChooseShape choose, Lanes order = Lanes::forwards, bool keeps = false)
        : choose_(std::move(choose)), order_(order), keeps_(keeps) {}

    [[nodiscard]] Capabilities capabilities() const override { return {"host blocks", true, "one lane at a time"}; }
    using Backend::run;
    [[nodiscard]] RunTotals run(const SubscriptionColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& /*progress*/) const override {
        return run_blocks<cuda::SubscriptionLaw>(SubscriptionSetup(columns, plan, 1), sink);
    }
    [[nodiscard]] RunTotals run(const RetailColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& /*progress*/) const override {
        return run_blocks<cuda::RetailLaw>(RetailSetup(columns, plan), sink);
    }

  private:
    template <class Law>
    [[nodiscard]] RunTotals run_blocks(const typename Law::Setup& setup, CustomerSink& sink) const {
        const RunFrame& frame = setup.frame();
        ResultAccumulator accumulator(frame);
        const cuda::BlockWork work = cuda::block_work(Law::law, frame, accumulator);
        const cuda::BlockShape shape = choose_(work);
        std::vector<std::int64_t> totals(frame.segments * work.paths);
        std::vector<std::int64_t> cash(
            work.with_cash ? frame.segments * grouped_entries(work.paths, work.horizon_months) : 0);
        const std::vector<std::uint32_t> ranks(accumulator.ranks().ranks.begin(), accumulator.ranks().ranks.end());

        constexpr std::size_t most = 7;
        const std::size_t all = setup.columns().size();
        for (std::size_t first = 0; first < all; first += most) {
            const std::size_t count = std::min(most, all - first);
            accumulator.begin_batch(first, count);
            std::vector<std::size_t> customers;
            for (std::size_t i = first; i < first + count; ++i) {
                if (frame.is_simulated(i)) {
                    customers.push_back(i);
                }
            }
            using Batch = typename Law::Batch;
            const cuda::BatchSize size =
                cuda::batch_size(setup, accumulator, static_cast<std::uint32_t>(customers.size()));
            std::vector<std::byte> input_memory(cuda::bytes_of<Batch>(size));
            std::vector<std::byte> output_memory(cuda::bytes_of<cuda::BatchOutput>(size), std::byte{0xa5});
            const auto input = cuda::placed<Batch>(input_memory.data(), size);
            const auto output = cuda::placed<cuda::BatchOutput>(output_memory.data(), size);
            cuda::fill_batch(setup, accumulator, customers, size, input);
            std::vector<typename Law::Run> runs;
            for (const std::size_t customer : customers) {
                auto& run = runs.emplace_back(cuda::block_run(setup, accumulator, setup.run_of(customer), shape));
                run.wanted.ranks = ranks.data();
                run.totals = totals.data();
                run.cash = cash.empty() ? nullptr : cash.data();
            }
            run_block(runs, input, output);
            cuda::take_batch(accumulator, customers, size, input, output);
            sink.take(first, accumulator.batch());
        }
        accumulator.add_totals(totals, cash);
        return accumulator.finish();
    }

    /// One block takes all customers.
    template <class Run, class Batch>
    void run_block(const std::vector<Run>& runs, const Batch& input, const cuda::BatchOutput& output) const {
        if (runs.empty()) {
            return;
        }
        const cuda::BlockShape& shape = runs.front().shape;
        std::vector<std::byte> bytes(shape.layout.bytes, std::byte{0x5a});  // a block finds what others left
        cuda::BlockMemory memory = cuda::block_memory(bytes.data(), shape.layout);
        std::vector<double> kept(keeps_ && runs.front().wanted.count > 0 ? cuda::kept_values(runs.front()) : 0,
                                 std::numeric_limits<double>::quiet_NaN());
        memory.kept = kept.empty() ? nullptr : kept.data();
        const auto take_customers = [&](auto& grid) {
            for (std::uint32_t c = 0; c < runs.size(); ++c) {
                simulate(grid, memory, runs[c], input, output, c);
                grid.for_each_lane([](int /*lane*/) {});  // all lanes are done with the customer
            }
        };
        if (order_ != Lanes::threads) {
            HostGrid grid(shape.lanes, order_ == Lanes::backwards);
            take_customers(grid);
            return;
        }
        std::barrier<> barrier(static_cast<std::ptrdiff_t>(shape.lanes));
        std::vector<std::jthread> threads;
        for (std::uint32_t lane = 0; lane < shape.lanes; ++lane) {
            threads.emplace_back([&, lane] {
                ThreadGrid grid(barrier, lane, shape.lanes);
                take_customers(grid);
            });
        }
    }

    template <class Grid>
    static void simulate(Grid& grid, const cuda::BlockMemory& memory, const cuda::SubscriptionBlockRun& run,
                         const cuda::SubscriptionBatch& input, const cuda::BatchOutput& output,
                         std::uint32_t customer) {
        if (run.alternatives <= 3) {
            using Paths = cuda::SubscriptionPaths<3, Grid>;
            cuda::CustomerBlock<Paths, Grid>(grid, memory, run, input, output, customer).simulate();
        } else {
            using Paths = cuda::SubscriptionPaths<max_alternatives, Grid>;
            cuda::CustomerBlock<Paths, Grid>(grid, memory, run, input, output, customer).simulate();
        }
    }
    template <class Grid>
    static void simulate(Grid& grid, const cuda::BlockMemory& memory, const cuda::RetailBlockRun& run,
                         const cuda::RetailBatch& input, const cuda::BatchOutput& output, std::uint32_t customer) {
        cuda::CustomerBlock<cuda::RetailPaths<Grid>, Grid>(grid, memory, run, input, output, customer).simulate();
    }

    ChooseShape choose_;
    Lanes order_;
    bool keeps_;
};

}  // namespace clv::test
