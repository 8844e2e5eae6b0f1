// Customers stream through the GPUs in batches, two under way on each: while one is simulated, the host fills or
// empties the other. Batches come back in order, whichever device they were on.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/backend.hpp"
#include "device_run.hpp"

namespace clv {

namespace {

using cuda::BatchStream;
using cuda::check;
using cuda::DeviceRun;

constexpr std::size_t most_customers_per_batch = 1U << 16;
constexpr std::size_t most_bytes_per_batch = std::size_t{1} << 26;  // each way
/// Path-months of one alternative that a device does in some ten milliseconds. A month of many purchases is several
/// times the work.
constexpr double short_work(PathLaw law) {
    return law == PathLaw::retail ? 2e8 : 2e9;
}
constexpr int streams_per_device = 2;

/// Batches as short as they can be, so that the host has its part of one done while the device is at the next: but
/// enough customers for blocks that take them one by one to end together, where that does not put off Ctrl-C.
template <class Law>
std::uint32_t customers_per_batch(const typename Law::Setup& setup, const ResultAccumulator& accumulator,
                                  unsigned blocks) {
    constexpr std::uint32_t many = 1'000;
    constexpr double customers_of_a_block = 8.0;
    constexpr double longest = 20.0;  // times the short work
    const cuda::BatchSize size = cuda::batch_size(setup, accumulator, many);
    const std::size_t bytes =
        std::max(cuda::bytes_of<typename Law::Batch>(size), cuda::bytes_of<cuda::BatchOutput>(size));
    const std::size_t by_memory = most_bytes_per_batch / (bytes / many + 1);
    const double work = static_cast<double>(accumulator.paths()) * size.horizon_months * size.alternatives;
    const double short_batch = short_work(Law::law) / work;
    const double by_work = std::max(short_batch, std::min(customers_of_a_block * blocks, longest * short_batch));
    const std::size_t customers = std::max<std::size_t>(
        std::min({most_customers_per_batch, by_memory, static_cast<std::size_t>(std::min(by_work, 1e9))}), blocks);
    return static_cast<std::uint32_t>(std::min(customers, setup.columns().size()));
}

/// All customers of a run on all devices.
template <class Law>
RunTotals run_on_devices(const typename Law::Setup& setup, CustomerSink& sink, Progress& progress) {
    using Stream = BatchStream<Law>;
    ResultAccumulator accumulator(setup.frame());
    const std::size_t customers = setup.columns().size();
    int device_count = 0;
    check(cudaGetDeviceCount(&device_count), "count devices");
    std::vector<std::unique_ptr<DeviceRun<Law>>> devices;
    for (int device = 0; device < device_count; ++device) {
        devices.push_back(std::make_unique<DeviceRun<Law>>(device, setup, accumulator));
    }
    const std::uint32_t most = customers_per_batch<Law>(setup, accumulator, devices.front()->blocks());
    std::vector<std::unique_ptr<Stream>> streams;
    for (int stream = 0; stream < streams_per_device; ++stream) {
        for (const auto& device : devices) {
            device->use();
            streams.push_back(std::make_unique<Stream>(*device, setup, accumulator, most));
        }
    }

    progress.begin("simulating", customers);
    const auto finish = [&](Stream& stream) {
        if (stream.is_busy()) {
            const std::size_t first = stream.first();
            const std::size_t count = stream.count();
            stream.finish(accumulator);
            sink.take(first, accumulator.batch());
            progress.advance(count);
        }
    };
    std::size_t turn = 0;
    for (std::size_t first = 0; first < customers; first += most, ++turn) {
        throw_if_interrupted();
        Stream& stream = *streams[turn % streams.size()];
        finish(stream);
        stream.start(first, std::min<std::size_t>(most, customers - first));
    }
    for (std::size_t last = 0; last < streams.size(); ++last) {
        finish(*streams[(turn + last) % streams.size()]);
    }
    for (const auto& device : devices) {
        device->add_totals(accumulator);
    }
    progress.end();
    return accumulator.finish();
}

class CudaBackend final : public Backend {
  public:
    [[nodiscard]] Capabilities capabilities() const override {
        int devices = 0;
        const cudaError_t status = cudaGetDeviceCount(&devices);
        if (status != cudaSuccess || devices == 0) {
            return {"cuda", false,
                    fmt::format("no GPU can be used ({}): use --backend cpu, which gives the same results",
                                status != cudaSuccess ? cudaGetErrorString(status) : "none found")};
        }
        cudaDeviceProp properties{};
        check(cudaGetDeviceProperties(&properties, 0), "read the device's properties");
        return {"cuda", true,
                fmt::format("{}{}, compute capability {}.{}, {:.0f} GiB",
                            devices > 1 ? fmt::format("{} x ", devices) : "", properties.name, properties.major,
                            properties.minor, static_cast<double>(properties.totalGlobalMem) / (1 << 30))};
    }

    [[nodiscard]] std::string lacks(const RunNeeds& run) const override {
        if (run.path_weights) {
            return "means over paths with weights are not made for GPUs: use --backend cpu";
        }
        if (run.settings.uplift_distribution) {
            return "simulation.uplift_distribution is not made for GPUs: use --backend cpu";
        }
        if (run.settings.shared_draws == SharedDraws::few) {
            return "errors of customers whose paths share bootstrap fits are not made for GPUs: use --backend cpu";
        }
        return run.law == PathLaw::subscription && (run.settings.has_replicates() || run.settings.target)
                   ? "stratified and Sobol paths and simulation.target_se are not made for GPUs: use --backend cpu"
                   : "";
    }

    using Backend::run;
    [[nodiscard]] RunTotals run(const SubscriptionColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        require_able(PathLaw::subscription, plan);
        if (!plan.scenarios.empty()) {
            throw BackendError("sweeps are not made for GPUs: use --backend cpu");
        }
        return run_on_devices<cuda::SubscriptionLaw>(SubscriptionSetup(columns, plan, 0), sink, progress);
    }

    [[nodiscard]] RunTotals run(const RetailColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        require_able(PathLaw::retail, plan);
        return run_on_devices<cuda::RetailLaw>(RetailSetup(columns, plan), sink, progress);
    }

  private:
    void require_able(PathLaw law, const SimulationPlan& plan) const {
        if (const Capabilities here = capabilities(); !here.available) {
            throw BackendError(here.description);
        }
        if (const std::string lacking = lacks({law, plan.settings, !plan.path_weights.empty()}); !lacking.empty()) {
            throw BackendError(lacking);
        }
    }
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend() {
    return std::make_unique<CudaBackend>();
}

}  // namespace clv
