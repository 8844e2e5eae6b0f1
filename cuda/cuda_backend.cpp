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
constexpr double most_work_per_batch = 1e11;  // path-months of one alternative: well below a second
constexpr int streams_per_device = 2;

/// Enough customers to keep a device busy, few enough for its memory and for Ctrl-C.
std::uint32_t customers_per_batch(const SubscriptionSetup& setup, const ResultAccumulator& accumulator,
                                  unsigned blocks) {
    constexpr std::uint32_t many = 1'000;
    const cuda::BatchSize size = cuda::batch_size(setup, accumulator, many);
    cuda::MemoryCursor input(nullptr);
    cuda::MemoryCursor output(nullptr);
    static_cast<void>(cuda::take_input(input, size));
    static_cast<void>(cuda::take_output(output, size));
    const std::size_t by_memory = most_bytes_per_batch / (std::max(input.bytes(), output.bytes()) / many + 1);
    const double work = static_cast<double>(setup.runs().back().paths) * size.horizon_months * size.alternatives;
    const auto by_time = static_cast<std::size_t>(std::min(most_work_per_batch / work, 1e9));
    const std::size_t customers =
        std::max<std::size_t>(std::min({most_customers_per_batch, by_memory, by_time}), blocks);
    return static_cast<std::uint32_t>(std::min(customers, setup.columns().size()));
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

    [[nodiscard]] std::string lacks(PathLaw law, const SimulationSettings& settings) const override {
        if (law == PathLaw::retail) {
            return "customers without a contract are not simulated on GPUs yet: use --backend cpu";
        }
        return settings.has_replicates() || settings.target
                   ? "stratified and Sobol paths and simulation.target_se are not made for GPUs: use --backend cpu"
                   : "";
    }

    using Backend::run;
    [[nodiscard]] RunTotals run(const PathColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        if (const Capabilities here = capabilities(); !here.available) {
            throw BackendError(here.description);
        }
        if (const std::string lacking = lacks(PathLaw::subscription, plan.settings); !lacking.empty()) {
            throw BackendError(lacking);
        }
        if (!plan.scenarios.empty()) {
            throw BackendError("sweeps are not made for GPUs: use --backend cpu");
        }
        const SubscriptionSetup setup(columns, plan);
        ResultAccumulator accumulator(setup.frame());
        int device_count = 0;
        check(cudaGetDeviceCount(&device_count), "count devices");
        std::vector<std::unique_ptr<DeviceRun>> devices;
        for (int device = 0; device < device_count; ++device) {
            devices.push_back(std::make_unique<DeviceRun>(device, setup, accumulator));
        }
        const std::uint32_t most = customers_per_batch(setup, accumulator, devices.front()->blocks());
        std::vector<std::unique_ptr<BatchStream>> streams;
        for (int stream = 0; stream < streams_per_device; ++stream) {
            for (const auto& device : devices) {
                device->use();
                streams.push_back(std::make_unique<BatchStream>(*device, setup, accumulator, most));
            }
        }

        progress.begin("simulating", columns.size());
        const auto finish = [&](BatchStream& stream) {
            if (stream.is_busy()) {
                const std::size_t first = stream.first();
                const std::size_t count = stream.count();
                stream.finish(accumulator);
                sink.take(first, accumulator.batch());
                progress.advance(count);
            }
        };
        std::size_t turn = 0;
        for (std::size_t first = 0; first < columns.size(); first += most, ++turn) {
            throw_if_interrupted();
            BatchStream& stream = *streams[turn % streams.size()];
            finish(stream);
            stream.start(first, std::min<std::size_t>(most, columns.size() - first));
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
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend() {
    return std::make_unique<CudaBackend>();
}

}  // namespace clv
