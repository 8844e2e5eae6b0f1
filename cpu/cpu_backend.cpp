// The CPU backend: which law, which instruction set, and the paths of one customer after the other.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "clv/simulation/backend.hpp"
#include "clv/simulation/precision.hpp"
#include "clv/simulation/subscription_setup.hpp"
#include "customer_batches.hpp"
#include "retail_pass.hpp"
#include "scenario_pass.hpp"

namespace clv {

namespace {

class CpuBackend final : public Backend {
  public:
    explicit CpuBackend(const CpuSettings& settings) : settings_(cpu::made_sound(settings)) {}

    [[nodiscard]] Capabilities capabilities() const override {
        return {"cpu", true,
                fmt::format("{} thread{}, instruction set {}", settings_.threads, settings_.threads == 1 ? "" : "s",
                            cpu::choose_instruction_set().name)};
    }

    using Backend::run;
    [[nodiscard]] RunTotals run(const SubscriptionColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        if (!plan.scenarios.empty()) {
            return cpu::run_scenarios(settings_, columns, plan, progress);
        }
        const SubscriptionSetup setup(columns, plan, settings_.threads);
        ResultAccumulator accumulator(setup.frame());
        const cpu::InstructionSet instructions = cpu::choose_instruction_set();
        std::vector<SubscriptionSetup::CustomerTables> tables(static_cast<std::size_t>(settings_.threads));
        const auto simulate = [&](std::size_t customer, cpu::Workspace& workspace) {
            simulate_customer_paths(setup, accumulator, instructions, customer, tables[workspace.slot], workspace);
        };
        return cpu::run_customers(settings_, setup.frame(), columns.size(), accumulator, sink, progress, simulate);
    }

    [[nodiscard]] RunTotals run(const RetailColumns& columns, const SimulationPlan& plan, CustomerSink& sink,
                                Progress& progress) const override {
        return cpu::run_retail(settings_, columns, plan, sink, progress);
    }

    [[nodiscard]] PurchaseForecast forecast_purchases(const RetailColumns& columns, const SimulationPlan& plan,
                                                      double horizon_weeks, const TakePurchases& take,
                                                      Progress& progress) const override {
        return cpu::forecast_purchases(settings_, columns, plan, horizon_weeks, take, progress);
    }

  private:
    void simulate_customer_paths(const SubscriptionSetup& setup, ResultAccumulator& accumulator,
                                 const cpu::InstructionSet& instructions, std::size_t customer,
                                 SubscriptionSetup::CustomerTables& tables, cpu::Workspace& workspace) const {
        const SubscriptionRun& run = setup.run_of(customer);
        setup.fill(customer, tables);
        const SubscriptionCustomer& columns = tables.customer;
        const ValueScales scales = setup.value_scales(customer, tables);
        cpu::PathBuffers buffers = cpu::buffers_of(setup.frame(), instructions, scales, workspace);
        buffers.revenue = tables.revenue.data();
        buffers.retention_cost = setup.columns().retention_cost[customer];
        const auto simulate = [&](const SubscriptionRun& paths, std::uint32_t begin, std::uint32_t end) {
            for (std::uint32_t path = begin; path < end; path += settings_.paths_per_check) {
                throw_if_interrupted();
                const std::uint32_t checked = std::min(end, path + settings_.paths_per_check);
                instructions.simulate_customer(paths, columns, path, checked, buffers);
            }
            if (!buffers.fits) {
                ResultAccumulator::refuse_value(customer);
            }
        };
        CustomerParts& parts = workspace.parts;
        parts.ranks = nullptr;
        simulate(run, 0, run.paths);
        std::uint32_t used = run.paths;
        const auto take = [&](std::size_t a, bool with_ranks) {
            cpu::take_parts(accumulator, instructions, scales[a], buffers.alternative[a], a, used, with_ranks,
                            workspace);
        };
        if (const SubscriptionRun* extra = setup.extra_run()) {
            const SimulationSettings& settings = setup.plan().settings;
            const std::uint32_t most = run.paths + extra->paths;
            while (used < most) {
                take(0, accumulator.target_needs_ranks());
                const double ratio = accumulator.error_ratio(scales[0], parts);
                if (ratio <= 1.0) {
                    break;
                }
                const auto next = static_cast<std::uint32_t>(paths_after_next_round(settings, used, ratio));
                make_room_for_extra(run.paths, next, buffers, workspace);
                simulate(*extra, used - run.paths, next - run.paths);
                used = next;
                accumulator.find_ranks(used, workspace.ranks);
                parts.ranks = &workspace.ranks;
            }
        }
        parts.months_paid = buffers.months_paid;
        for (int alternative = 0; alternative <= run.action_count; ++alternative) {
            if (columns.may_get(alternative)) {
                if (alternative > 0) {
                    parts.prior[static_cast<std::size_t>(alternative)] =
                        setup.profit_prior(customer, tables, alternative);
                }
                take(static_cast<std::size_t>(alternative), accumulator.takes_ranks());
            }
        }
        accumulator.add(customer, scales, parts);
    }

    /// Further paths stand behind the `first` that all customers have, and are in no total.
    static void make_room_for_extra(std::uint32_t first, std::uint32_t paths, cpu::PathBuffers& buffers,
                                    cpu::Workspace& workspace) {
        for (std::size_t a = 0; a < workspace.value.size(); ++a) {
            std::vector<double>& values = workspace.value[a];
            values.resize(std::max(values.size(), std::size_t{paths} + path_padding));
            buffers.alternative[a].value = values.data() + first;
        }
        buffers.total = nullptr;
        buffers.cash = nullptr;
    }

    CpuSettings settings_;
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend(const CpuSettings& settings) {
    return std::make_unique<CpuBackend>(settings);
}

}  // namespace clv
