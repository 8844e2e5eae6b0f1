// Customers go to the GPU in batches; what comes back are paths, which the same code as on the CPU backend turns into
// figures.

#include <fmt/format.h>
#include <tbb/enumerable_thread_specific.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "clv/simulation/accumulator.hpp"
#include "clv/simulation/backend.hpp"
#include "device_memory.hpp"
#include "path_kernel.hpp"

namespace clv {

namespace {

using cuda::check;
using cuda::DeviceArray;

constexpr std::size_t batch_bytes = std::size_t{1} << 28;

/// Tables of the customers of a batch, on the host and then on the device.
struct BatchTables {
    std::vector<float> hazard;
    std::vector<float> discounted_revenue;
    std::vector<double> revenue_value;
    std::vector<double> revenue;
    std::vector<SubscriptionCustomer> customers;
    std::vector<std::uint32_t> run_index;
    std::vector<SubscriptionSetup::CustomerTables> tables;
};

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
                fmt::format("{}, compute capability {}.{}, {:.0f} GiB", properties.name, properties.major,
                            properties.minor, static_cast<double>(properties.totalGlobalMem) / (1 << 30))};
    }

    [[nodiscard]] SimulationResult run(const PathColumns& columns, const SimulationPlan& plan,
                                       Progress& progress) const override {
        if (const Capabilities here = capabilities(); !here.available) {
            throw BackendError(here.description);
        }
        const SubscriptionSetup setup(columns, plan);
        ResultAccumulator accumulator(setup);
        const SimulationSettings& settings = plan.settings;
        const auto paths = static_cast<std::size_t>(settings.paths);
        const auto horizon = static_cast<std::size_t>(settings.horizon_months);
        const bool with_cash = settings.cashflow && plan.assignment.empty();
        const std::size_t alternatives = static_cast<std::size_t>(setup.runs().back().action_count) + 1;

        const DeviceArray<float> market(setup.market());
        const DeviceArray<float> market_hazard(setup.market_hazard());
        const DeviceArray<double> annuity(setup.annuity());
        std::vector<SubscriptionRun> host_runs = setup.runs();
        for (SubscriptionRun& run : host_runs) {
            run.market = market.data();
            run.market_hazard = market_hazard.data();
            run.annuity = annuity.data();
        }
        const DeviceArray<SubscriptionRun> runs(host_runs);

        const std::size_t cash_size =
            with_cash ? grouped_entries(static_cast<std::uint32_t>(paths), settings.horizon_months) : 0;
        const std::size_t bytes_per_customer = sizeof(double) * (paths * alternatives + cash_size);
        const std::size_t batch_size =
            std::clamp<std::size_t>(batch_bytes / bytes_per_customer, 1, cuda::most_customers_per_batch);
        DeviceArray<double> value(batch_size * alternatives * paths);
        DeviceArray<std::uint32_t> paid_months(batch_size * (horizon + 1));
        DeviceArray<std::uint32_t> active_months(batch_size * alternatives * (horizon + 1));
        DeviceArray<double> cash(batch_size * cash_size);

        std::vector<std::size_t> simulated;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (setup.is_simulated(i)) {
                simulated.push_back(i);
            }
        }
        tbb::enumerable_thread_specific<std::unique_ptr<Worker>> workers;
        progress.begin("simulating", simulated.size());
        for (std::size_t begin = 0; begin < simulated.size(); begin += batch_size) {
            throw_if_interrupted();
            const std::size_t count = std::min(batch_size, simulated.size() - begin);
            const std::vector<std::size_t> batch(simulated.begin() + static_cast<std::ptrdiff_t>(begin),
                                                 simulated.begin() + static_cast<std::ptrdiff_t>(begin + count));
            BatchTables host = tables_of(setup, batch);
            const DeviceArray<float> hazard(host.hazard);
            const DeviceArray<float> discounted_revenue(host.discounted_revenue);
            const DeviceArray<double> revenue_value(host.revenue_value);
            const DeviceArray<double> revenue(host.revenue);
            for (std::size_t c = 0; c < count; ++c) {
                host.customers[c].hazard = hazard.data() + c * horizon;
                host.customers[c].discounted_revenue = discounted_revenue.data() + c * horizon;
                host.customers[c].revenue_value = revenue_value.data() + c * (horizon + 1);
            }
            const DeviceArray<SubscriptionCustomer> customers(host.customers);
            const DeviceArray<std::uint32_t> run_index(host.run_index);
            paid_months.clear();
            active_months.clear();
            cash.clear();

            const cuda::BatchView view{runs.data(),          run_index.data(), customers.data(),
                                       revenue.data(),       value.data(),     paid_months.data(),
                                       active_months.data(), cash.data(),      static_cast<int>(alternatives)};
            check(cuda::start_simulation(view, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(paths)),
                  "start the path kernel");
            check(cudaDeviceSynchronize(), "run the path kernel");

            tbb::parallel_for(std::size_t{0}, count, [&](std::size_t c) {
                std::unique_ptr<Worker>& worker = workers.local();
                if (!worker) {
                    worker = std::make_unique<Worker>(accumulator);
                    worker->paths.resize(static_cast<int>(alternatives), paths, settings.horizon_months, with_cash);
                }
                for (std::size_t a = 0; a < alternatives; ++a) {
                    value.download(worker->paths.value[a].data(), (c * alternatives + a) * paths, paths);
                    active_months.download(worker->paths.active_months[a].data(),
                                           (c * alternatives + a) * (horizon + 1), horizon + 1);
                }
                paid_months.download(worker->paths.paid_months.data(), c * (horizon + 1), horizon + 1);
                if (with_cash) {
                    cash.download(worker->paths.cash.data(), c * cash_size, cash_size);
                }
                accumulator.add(batch[c], host.tables[c], worker->paths, worker->sums);
                accumulator.flush(accumulator.segment_of(batch[c]), worker->sums);
            });
            progress.advance(count);
        }
        progress.end();
        return accumulator.finish();
    }

  private:
    struct Worker {
        explicit Worker(const ResultAccumulator& accumulator) : sums(accumulator) {}
        CustomerPaths paths;
        ResultAccumulator::SegmentSums sums;
    };

    static BatchTables tables_of(const SubscriptionSetup& setup, const std::vector<std::size_t>& batch) {
        BatchTables host;
        host.tables.resize(batch.size());
        for (std::size_t c = 0; c < batch.size(); ++c) {
            SubscriptionSetup::CustomerTables& tables = host.tables[c];
            setup.fill(batch[c], tables);
            host.hazard.insert(host.hazard.end(), tables.hazard.begin(), tables.hazard.end());
            host.discounted_revenue.insert(host.discounted_revenue.end(), tables.discounted_revenue.begin(),
                                           tables.discounted_revenue.end());
            host.revenue_value.insert(host.revenue_value.end(), tables.revenue_value.begin(),
                                      tables.revenue_value.end());
            host.revenue.insert(host.revenue.end(), tables.revenue.begin(), tables.revenue.end());
            host.customers.push_back(tables.customer);
            const auto& assignment = setup.plan().assignment;
            host.run_index.push_back(assignment.empty() ? 0 : assignment[batch[c]]);
        }
        return host;
    }
};

}  // namespace

std::unique_ptr<Backend> make_cuda_backend() {
    return std::make_unique<CudaBackend>();
}

}  // namespace clv
