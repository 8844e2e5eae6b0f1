#include "clv/simulation/backend.hpp"

#include <fmt/format.h>

#include <iterator>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

template <class T>
void append(std::vector<T>& all, const std::vector<T>& batch) {
    all.insert(all.end(), batch.begin(), batch.end());
}

void append(ClvFigures& all, const ClvFigures& batch) {
    append(all.mean, batch.mean);
    append(all.se, batch.se);
    append(all.sd, batch.sd);
    for (std::size_t level = 0; level < batch.quantiles.size(); ++level) {
        append(all.quantiles[level], batch.quantiles[level]);
        append(all.quantile_se[level], batch.quantile_se[level]);
    }
    append(all.cvar, batch.cvar);
    append(all.cvar_se, batch.cvar_se);
    append(all.prob_loss, batch.prob_loss);
}

void append(UpliftFigures& all, const UpliftFigures& batch) {
    append(all.expected_profit, batch.expected_profit);
    append(all.expected_profit_se, batch.expected_profit_se);
    append(all.cost, batch.cost);
    append(all.added_months, batch.added_months);
    for (std::size_t level = 0; level < batch.profit_quantiles.size(); ++level) {
        append(all.profit_quantiles[level], batch.profit_quantiles[level]);
    }
    append(all.profit_cvar, batch.profit_cvar);
    append(all.prob_gain, batch.prob_gain);
    append(all.payback_months, batch.payback_months);
}

class InMemory final : public CustomerSink {
  public:
    explicit InMemory(CustomerFigures& all) : all_(all) {}
    void take(std::size_t first, const CustomerFigures& batch) override {
        if (first == 0) {
            all_ = batch;
            return;
        }
        for (std::size_t action = 0; action < batch.actions.size(); ++action) {
            append(all_.actions[action], batch.actions[action]);
        }
        for (std::size_t action = 0; action < batch.uplift.size(); ++action) {
            append(all_.uplift[action], batch.uplift[action]);
        }
        append(all_.expected_lifetime_months, batch.expected_lifetime_months);
        append(all_.paths_used, batch.paths_used);
    }

  private:
    CustomerFigures& all_;
};

template <class Columns>
SimulationResult run_in_memory(const Backend& backend, const Columns& columns, const SimulationPlan& plan,
                               Progress& progress) {
    SimulationResult result;
    InMemory sink(result);
    static_cast<RunTotals&>(result) = backend.run(columns, plan, sink, progress);
    return result;
}

}  // namespace

RunTotals Backend::run(const RetailColumns& /*columns*/, const SimulationPlan& /*plan*/, CustomerSink& /*sink*/,
                       Progress& /*progress*/) const {
    throw BackendError(
        fmt::format("{} does not simulate customers without a contract: use --backend cpu", capabilities().name));
}

PurchaseForecast Backend::forecast_purchases(const RetailColumns& /*columns*/, const SimulationPlan& /*plan*/,
                                             double /*horizon_weeks*/, const TakePurchases& /*take*/,
                                             Progress& /*progress*/) const {
    throw BackendError(fmt::format("{} does not forecast purchases: forecasts run on the CPU, use --backend cpu",
                                   capabilities().name));
}

SimulationResult Backend::run(const SubscriptionColumns& columns, const SimulationPlan& plan,
                              Progress& progress) const {
    return run_in_memory(*this, columns, plan, progress);
}

SimulationResult Backend::run(const RetailColumns& columns, const SimulationPlan& plan, Progress& progress) const {
    return run_in_memory(*this, columns, plan, progress);
}

}  // namespace clv
