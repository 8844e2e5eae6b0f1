#include "plan_for_risk.hpp"

#include "clv/core/errors.hpp"
#include "clv/simulation/portfolio.hpp"

namespace clv {

namespace {

/// Simulates what is asked for.
class SimulatedPortfolio final : public PortfolioPaths {
  public:
    explicit SimulatedPortfolio(const PlanSimulator& simulator) : simulator_(simulator) {}
    [[nodiscard]] std::size_t paths() const override { return static_cast<std::size_t>(simulator_.settings().paths); }
    [[nodiscard]] std::vector<double> value_under_none() override {
        return portfolio_in_currency(simulator_.without_actions("simulating without actions"));
    }
    [[nodiscard]] std::vector<double> weighted_profit(std::span<const double> weights) override {
        return simulator_.weighted_profit(weights, "simulating the tail");
    }
    [[nodiscard]] std::vector<double> gain(std::span<const std::uint8_t> action) override {
        return portfolio_in_currency(simulator_.on_same_paths(action, "simulating plans for the tail"));
    }

  private:
    const PlanSimulator& simulator_;
};

}  // namespace

MeanCvarPlan plan_for_risk(const UpliftTable& table, const OptimizerSettings& settings,
                           const PlanSimulator& simulator) {
    const SimulationSettings& simulation = simulator.settings();
    if (simulation.target) {
        throw ConfigError(
            "optimizer.objective = \"mean_cvar\" needs the same paths of every customer: leave simulation.target_se "
            "out, or use \"profit\"");
    }
    SimulatedPortfolio portfolio(simulator);
    return plan_mean_cvar(table, portfolio, settings,
                          {.risk_weight = settings.risk_weight, .cvar_level = simulation.cvar_level});
}

}  // namespace clv
