#include "device_run.hpp"

#include <algorithm>

namespace clv::cuda {

namespace {

constexpr std::uint32_t warp = 32;

int attribute(cudaDeviceAttr which, int device) {
    int value = 0;
    check(cudaDeviceGetAttribute(&value, which, device), "read the device's properties");
    return value;
}

/// As many blocks at once as registers allow and memory lets do their work well; narrower ones where not even one fits.
BlockShape choose_shape(const BlockWork& work, std::uint32_t lanes, int most_residents, int device) {
    const int shared = attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor, device);
    const int reserved = attribute(cudaDevAttrReservedSharedMemoryPerBlock, device) + static_shared_bytes;
    const int most = attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device) - static_shared_bytes;
    const auto share = [&](int residents) {
        return static_cast<std::size_t>(std::max(0, std::min(most, shared / residents - reserved)));
    };
    if (const auto shape = fit_blocks(work, lanes, most_residents, share)) {
        return *shape;
    }
    for (std::uint32_t fewer = lanes; fewer >= warp; fewer -= warp) {
        if (const auto shape = fit_block(work, fewer, static_cast<std::size_t>(most))) {
            return *shape;
        }
    }
    throw BackendError(
        "so many quantiles of so many actions do not fit a multiprocessor of this GPU: ask for fewer "
        "simulation.quantiles, "
        "or run with --backend cpu");
}

}  // namespace

SharedTables<SubscriptionLaw>::SharedTables(const SubscriptionSetup& setup)
    : market_(on_device(setup.market())), market_hazard_(on_device(setup.market_hazard())) {}

void SharedTables<SubscriptionLaw>::place(SubscriptionBlockRun& run) const {
    run.law.market = market_.data();
    run.law.market_hazard = market_hazard_.data();
}

SharedTables<RetailLaw>::SharedTables(const RetailSetup& setup)
    : calendar_(on_device(setup.calendar())),
      discount_(on_device(setup.discount())),
      annuity_(on_device(setup.frame().annuity)) {}

void SharedTables<RetailLaw>::place(RetailBlockRun& run) const {
    run.law.calendar = calendar_.data();
    run.discount = discount_.data();
    run.annuity = annuity_.data();
}

template <class Law>
int DeviceRun<Law>::current(int device) {
    check(cudaSetDevice(device), "choose a device");
    return device;
}

template <class Law>
DeviceRun<Law>::DeviceRun(int device, const Setup& setup, const ResultAccumulator& accumulator)
    : device_(current(device)), setup_(setup), accumulator_(accumulator), shared_(setup) {
    const RunFrame& frame = setup.frame();
    const BlockWork work = block_work(Law::law, frame, accumulator);
    Run run = block_run_of(setup.runs().back());
    run.shape.lanes = std::min(most_lanes, (work.paths + warp - 1) / warp * warp);
    int blocks = 0;
    check(blocks_at_once(run, blocks), "find room for a block");
    shape_ = choose_shape(work, run.shape.lanes, blocks, device);
    run.shape = shape_;
    check(allow_shared_memory(run), "have so much shared memory");
    const auto& ranks = accumulator.ranks().ranks;
    ranks_ = on_device(std::vector<std::uint32_t>(ranks.begin(), ranks.end()));
    totals_ = zeros_on_device<std::int64_t>(frame.segments * work.paths);
    cash_ = zeros_on_device<std::int64_t>(
        work.with_cash ? frame.segments * grouped_entries(work.paths, work.horizon_months) : 0);
    check(blocks_at_once(run, blocks), "find room for a block");
    blocks_ = static_cast<unsigned>(blocks * attribute(cudaDevAttrMultiProcessorCount, device));
    check(cudaDeviceSynchronize(), "prepare the run");  // streams of their own do not wait for the tables
}

template <class Law>
void DeviceRun<Law>::use() const {
    static_cast<void>(current(device_));
}

template <class Law>
typename Law::Run DeviceRun<Law>::block_run(std::size_t customer) const {
    return block_run_of(setup_.run_of(customer));
}

template <class Law>
typename Law::Run DeviceRun<Law>::block_run_of(const decltype(Run::law)& law) const {
    Run run = cuda::block_run(setup_, accumulator_, law, shape_);
    shared_.place(run);
    run.wanted.ranks = ranks_.data();
    run.totals = totals_.data();
    run.cash = cash_.data();
    return run;
}

template <class Law>
std::size_t DeviceRun<Law>::kept_values() const {
    const Run run = block_run_of(setup_.runs().back());
    if (run.wanted.count == 0 || run.shape.chunk_paths >= run.paths) {
        return 0;
    }
    const std::size_t values = std::size_t{blocks_} * cuda::kept_values(run);
    std::size_t free_bytes = 0;
    std::size_t all_bytes = 0;
    check(cudaMemGetInfo(&free_bytes, &all_bytes), "ask for its free memory");
    return values <= free_bytes / sizeof(double) / 4 ? values : 0;
}

template <class Law>
void DeviceRun<Law>::add_totals(ResultAccumulator& accumulator) const {
    use();
    accumulator.add_totals(on_host(totals_), on_host(cash_));
}

template <class Law>
BatchStream<Law>::BatchStream(const DeviceRun<Law>& device, const Setup& setup, const ResultAccumulator& accumulator,
                              std::uint32_t most)
    : device_(device),
      setup_(setup),
      accumulator_(accumulator),
      size_(batch_size(setup, accumulator, most)),
      host_input_(bytes_of<Batch>(size_)),
      host_output_(bytes_of<BatchOutput>(size_)),
      device_input_(host_input_.size()),
      device_output_(host_output_.size()),
      kept_(device.kept_values()),
      taken_(setup.runs().size()) {}

template <class Law>
void BatchStream<Law>::start(std::size_t first, std::size_t count) {
    first_ = first;
    count_ = count;
    customers_.clear();
    for (std::size_t i = first; i < first + count; ++i) {
        if (setup_.frame().is_simulated(i)) {
            customers_.push_back(i);
        }
    }
    const auto run_index = [this](std::size_t customer) { return &setup_.run_of(customer) - setup_.runs().data(); };
    std::stable_sort(customers_.begin(), customers_.end(),
                     [&](std::size_t a, std::size_t b) { return run_index(a) < run_index(b); });
    size_.customers = static_cast<std::uint32_t>(customers_.size());
    fill_batch(setup_, accumulator_, customers_, size_, placed<Batch>(host_input_.data(), size_));

    device_.use();
    check(cudaMemcpyAsync(device_input_.data(), host_input_.data(), bytes_of<Batch>(size_), cudaMemcpyHostToDevice,
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
        launch(begin, end, taken_.data() + run);
        begin = end;
    }
    check(cudaMemcpyAsync(host_output_.data(), device_output_.data(), bytes_of<BatchOutput>(size_),
                          cudaMemcpyDeviceToHost, stream_.get()),
          "copy figures from the device");
}

template <class Law>
void BatchStream<Law>::launch(std::size_t begin, std::size_t end, std::uint32_t* taken) {
    Launch<typename Law::Run, Batch> launch{};
    launch.run = device_.block_run(customers_[begin]);
    launch.run.kept = kept_.data();
    launch.input = placed<Batch>(device_input_.data(), size_);
    launch.output = placed<BatchOutput>(device_output_.data(), size_);
    launch.first = static_cast<std::uint32_t>(begin);
    launch.count = static_cast<std::uint32_t>(end - begin);
    launch.taken = taken;
    check(cuda::start(launch, std::min(device_.blocks(), launch.count), stream_.get()), "start the path kernel");
}

template <class Law>
void BatchStream<Law>::finish(ResultAccumulator& accumulator) {
    device_.use();
    stream_.wait();
    accumulator.begin_batch(first_, count_);
    take_batch(accumulator, customers_, size_, placed<Batch>(host_input_.data(), size_),
               placed<BatchOutput>(host_output_.data(), size_));
    count_ = 0;
}

template class DeviceRun<SubscriptionLaw>;
template class DeviceRun<RetailLaw>;
template class BatchStream<SubscriptionLaw>;
template class BatchStream<RetailLaw>;

}  // namespace clv::cuda
