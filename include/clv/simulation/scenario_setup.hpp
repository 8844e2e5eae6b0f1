#pragma once
// Many scenarios in one pass. A scenario moves hazards, revenue, price or discounting, but not the draws: what it does
// to a path is another churn month out of the same cumulative hazard (one per hazard factor), another discounted sum
// over the same growth of revenue (one per discount rate), and a table of values by paid months. simulation/
// scenario_world.hpp says what every scenario means.

#include <cstddef>
#include <vector>

#include "clv/paths/scenario.hpp"
#include "clv/simulation/subscription_setup.hpp"

namespace clv {

/// Tables of the scenarios of a plan. Scenario 0 is the plan as it is, s is plan.scenarios[s - 1].
class ScenarioSetup {
  public:
    /// `setup`, whose plan has the scenarios and no actions, must outlive this.
    explicit ScenarioSetup(const SubscriptionSetup& setup);
    ScenarioSetup(const ScenarioSetup&) = delete;  // run() points into it
    ScenarioSetup& operator=(const ScenarioSetup&) = delete;

    [[nodiscard]] const ScenarioRun& run() const noexcept { return run_; }

    /// Buffers that a customer's tables point into; sized on first use.
    struct CustomerTables {
        SubscriptionSetup::CustomerTables plain;
        std::vector<float> discounted_revenue;  ///< [rate][month - 1]
        std::vector<double> revenue_value;      ///< [rate][months]
        std::vector<double> value;              ///< [scenario][months]
        std::vector<double> noise_factor;       ///< [scenario]
        ScenarioCustomer customer{};
    };
    void fill(std::size_t customer, CustomerTables& tables) const;

  private:
    const SubscriptionSetup& setup_;
    std::vector<Scenario> scenarios_;            ///< scenario 0 included
    std::vector<float> inverse_hazard_factor_;   ///< [hazard]
    std::vector<std::vector<double>> discount_;  ///< [rate][month - 1]
    std::vector<std::vector<double>> annuity_;   ///< [rate][months]
    std::vector<ScenarioRun::Pair> pairs_;
    std::vector<int> pair_of_scenario_;
    std::vector<int> rate_of_scenario_;
    ScenarioRun run_{};
};

}  // namespace clv
