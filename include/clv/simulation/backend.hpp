#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clv/core/progress.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/purchase_forecast.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

struct Capabilities {
    std::string name;         ///< "cpu", "cuda"
    bool available = false;   ///< can run here and now
    std::string description;  ///< device, instruction set, threads; or why it cannot run and what to do
};

enum class PathLaw { subscription, retail };

/// What a run asks of a backend.
struct RunNeeds {
    PathLaw law;
    const SimulationSettings& settings;
    bool path_weights = false;  ///< SimulationPlan::path_weights
};

/// Executes a plan. Every backend gives the same bits: nothing of how a run is executed shows in its result.
class Backend {
  public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual Capabilities capabilities() const = 0;
    /// What the backend lacks for such a run, and what to do; empty: nothing.
    [[nodiscard]] virtual std::string lacks(const RunNeeds& /*run*/) const { return {}; }
    /// A plan with scenarios has no actions; of it only path totals are taken, and `sink` gets nothing.
    /// Throws BackendError if the backend is not available or lacks something, ModelError if a value leaves the range
    /// of the sums, Interrupted if the user asked to stop; and what `sink` throws.
    [[nodiscard]] virtual RunTotals run(const SubscriptionColumns& columns, const SimulationPlan& plan,
                                        CustomerSink& sink, Progress& progress) const = 0;
    /// Runs customers without a contract. The plan has no scenarios, and paths are independent (ConfigError).
    /// A backend that does not have their law throws BackendError.
    [[nodiscard]] virtual RunTotals run(const RetailColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                        Progress& progress) const;
    /// What customers without a contract buy in `horizon_weeks` (at most the plan's months) under none, path by path.
    /// Paths and streams are those of run(). A backend that makes no forecasts throws BackendError.
    [[nodiscard]] virtual PurchaseForecast forecast_purchases(const RetailColumns& columns, const SimulationPlan& plan,
                                                              double horizon_weeks, const TakePurchases& take,
                                                              Progress& progress) const;
    /// run() with the figures of all customers in memory.
    [[nodiscard]] SimulationResult run(const SubscriptionColumns& columns, const SimulationPlan& plan,
                                       Progress& progress) const;
    [[nodiscard]] SimulationResult run(const RetailColumns& columns, const SimulationPlan& plan,
                                       Progress& progress) const;
};

/// How the CPU backend divides its work. None of it shows in a result.
struct CpuSettings {
    int threads = 0;                            ///< 0: all that the machine has
    std::size_t customers_per_block = 64;       ///< that a thread takes at a time; at least 1
    std::size_t customers_per_batch = 1 << 16;  ///< whose figures are in memory at a time; at least 1
    /// Paths of a customer that are simulated before the next look at whether the user asked to stop. At least 1;
    /// rounded up to whole groups of paths.
    std::uint32_t paths_per_check = 1 << 16;
};

[[nodiscard]] std::unique_ptr<Backend> make_cpu_backend(const CpuSettings& settings);
[[nodiscard]] inline std::unique_ptr<Backend> make_cpu_backend(int threads) {
    return make_cpu_backend(CpuSettings{.threads = threads});
}
[[nodiscard]] std::unique_ptr<Backend> make_cuda_backend();

}  // namespace clv
