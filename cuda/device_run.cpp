#include "device_run.hpp"

#include <algorithm>

namespace clv::cuda {

namespace {

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, device), "read the device's properties");
    return value;
}

/// The widest block that fits its share of a multiprocessor; one that fits alone, where costs per customer are large.
BlockShape choose_shape(const BlockWork& work, int device) {
    const int shared = attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor, device);
    const int reserved = attribute(cudaDevAttrReservedSharedMemoryPerBlock, device) + static_shared_bytes;
    const int most = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device) - static_shared_bytes;
    constexpr std::uint32_t warp = 32;
    const std::uint32_t useful = std::min(most_lanes, (work.paths + warp - 1) / warp * warp);
    const auto share_of = [&](std::uint32_t lanes) {
        const std::uint32_t residents = most_lanes * static_cast<std::uint32_t>(blocks_per_multiprocessor) / lanes;
        return std::min(most, shared / static_cast<int>(residents) - reserved);
    };
    if (const auto shape = fit_block(work, useful, static_cast<std::size_t>(share_of(useful)))) {
        return *shape;
    }
    for (std::uint32_t lanes = useful; lanes >= warp; lanes -= warp) {
        if (const auto shape = fit_block(work, lanes, static_cast<std::size_t>(most))) {
            return *shape;
        }
    }
    throw BackendError(
        "so many quantiles of so many actions do not fit a multiprocessor of this GPU: ask for fewer "
        "simulation.quantiles, "
        "or run with --backend cpu");
}

template <class Take>
std::size_t bytes_of(Take take, const BatchSize& size) {
    MemoryCursor cursor(nullptr);
    static_cast<void>(take(cursor, size));
    return cursor.bytes();
}

template <class Take>
auto placed(Take take, std::byte* memory, const BatchSize& size) {
    MemoryCursor cursor(memory);
    return take(cursor, size);
}

}  // namespace

DeviceRun::DeviceRun(int device, const SubscriptionSetup& setup, const ResultAccumulator& accumulator)
    : device_(device), setup_(setup), accumulator_(accumulator) {
    use();
    shape_ = choose_shape(block_work(setup, accumulator), device);
    check(allow_shared_memory(shape_.layout.bytes), "have so much shared memory");
    market_ = on_device(setup.market());
    market_hazard_ = on_device(setup.market_hazard());
    const auto& ranks = accumulator.ranks().ranks;
    ranks_ = on_device(std::vector<std::uint32_t>(ranks.begin(), ranks.end()));
    const std::size_t segments = std::max<std::size_t>(1, setup.columns().segments.size());
    const SubscriptionRun& law = setup.runs().back();
    totals_ = zeros_on_device<std::int64_t>(segments * law.paths);
    cash_ = zeros_on_device<std::int64_t>(
        accumulator.keeps_cash() ? segments * grouped_entries(law.paths, law.horizon_months) : 0);
    int blocks = 0;
    check(blocks_at_once(block_run(law), blocks), "find room for a block");
    blocks_ = static_cast<unsigned>(blocks * attribute(cudaDevAttrMultiProcessorCount, device));
    check(cudaDeviceSynchronize(), "prepare the run");  // streams of their own do not wait for the tables
}

void DeviceRun::use() const {
    check(cudaSetDevice(device_), "choose a device");
}

BlockRun DeviceRun::block_run(const SubscriptionRun& law) const {
    BlockRun run = cuda::block_run(setup_, accumulator_, law, shape_);
    run.law.market = market_.data();
    run.law.market_hazard = market_hazard_.data();
    run.wanted.ranks = ranks_.data();
    run.totals = totals_.data();
    run.cash = cash_.data();
    return run;
}

void DeviceRun::add_totals(ResultAccumulator& accumulator) const {
    use();
    accumulator.add_totals(on_host(totals_), on_host(cash_));
}

BatchStream::BatchStream(const DeviceRun& device, const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                         std::uint32_t most)
    : device_(device),
      setup_(setup),
      accumulator_(accumulator),
      size_(batch_size(setup, accumulator, most)),
      host_input_(bytes_of(take_input, size_)),
      host_output_(bytes_of(take_output, size_)),
      device_input_(host_input_.size()),
      device_output_(host_output_.size()),
      taken_(setup.runs().size()) {}

void BatchStream::start(std::size_t first, std::size_t count) {
    first_ = first;
    count_ = count;
    customers_.clear();
    for (std::size_t i = first; i < first + count; ++i) {
        if (setup_.is_simulated(i)) {
            customers_.push_back(i);
        }
    }
    const auto run_index = [this](std::size_t customer) { return &setup_.run_of(customer) - setup_.runs().data(); };
    std::stable_sort(customers_.begin(), customers_.end(),
                     [&](std::size_t a, std::size_t b) { return run_index(a) < run_index(b); });
    size_.customers = static_cast<std::uint32_t>(customers_.size());
    fill_batch(setup_, accumulator_, customers_, size_, placed(take_input, host_input_.data(), size_));

    device_.use();
    check(cudaMemcpyAsync(device_input_.data(), host_input_.data(), bytes_of(take_input, size_), cudaMemcpyHostToDevice,
                          stream_.get()),
          "copy customers to the device");
    check(cudaMemsetAsync(taken_.data(), 0, taken_.size() * sizeof(std::uint32_t), stream_.get()),
          "clear device memory");
    for (std::size_t begin = 0; begin < customers_.size();) {
        const auto run = run_index(customers_[begin]);
        std::size_t end = begin + 1;
        while (end < customers_.size() && run_index(customers_[end]) == run) {
            ++end;
        }
        launch(setup_.run_of(customers_[begin]), begin, end, taken_.data() + run);
        begin = end;
    }
    check(cudaMemcpyAsync(host_output_.data(), device_output_.data(), bytes_of(take_output, size_),
                          cudaMemcpyDeviceToHost, stream_.get()),
          "copy figures from the device");
}

void BatchStream::launch(const SubscriptionRun& law, std::size_t begin, std::size_t end, std::uint32_t* taken) {
    Launch launch{};
    launch.run = device_.block_run(law);
    launch.input = placed(take_input, device_input_.data(), size_);
    launch.output = placed(take_output, device_output_.data(), size_);
    launch.first = static_cast<std::uint32_t>(begin);
    launch.count = static_cast<std::uint32_t>(end - begin);
    launch.taken = taken;
    check(cuda::start(launch, std::min(device_.blocks(), launch.count), stream_.get()), "start the path kernel");
}

void BatchStream::finish(ResultAccumulator& accumulator) {
    device_.use();
    stream_.wait();
    accumulator.begin_batch(first_, count_);
    take_batch(accumulator, customers_, size_, placed(take_input, host_input_.data(), size_),
               placed(take_output, host_output_.data(), size_));
    count_ = 0;
}

}  // namespace clv::cuda
