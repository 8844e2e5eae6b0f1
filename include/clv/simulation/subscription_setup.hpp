#pragma once
// From columns and a plan to the tables that the subscription law reads. Made once per run and once per customer, in
// double and with the project's own exp and log, so that every backend starts from the same bits.

#include <cstddef>
#include <optional>
#include <vector>

#include "clv/paths/subscription.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/risk/fixed_point.hpp"
#include "clv/risk/profit_prior.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/run_frame.hpp"

namespace clv {

/// Tables of a run. The pointers inside `runs` refer to the vectors beside them.
class SubscriptionSetup {
  public:
    /// Checks the plan (ConfigError) and fills the tables. `plan` and `columns` must outlive the setup. On up to
    /// `threads` threads; 0: as many as the machine has.
    SubscriptionSetup(const SubscriptionColumns& columns, const SimulationPlan& plan, int threads);
    SubscriptionSetup(const SubscriptionSetup&) = delete;  // `runs` points into it
    SubscriptionSetup& operator=(const SubscriptionSetup&) = delete;

    /// runs[0] has every action of the plan. An assignment plan has runs[a] with actions[a-1] alone.
    [[nodiscard]] const SubscriptionRun& run_of(std::size_t customer) const noexcept {
        return runs_[plan_.assignment.empty() ? 0 : plan_.assignment[customer]];
    }
    [[nodiscard]] const std::vector<SubscriptionRun>& runs() const noexcept { return runs_; }
    /// Paths of customers that need more for the precision asked for, counted from 0, under every action of the plan.
    /// Null where nobody gets any: no target, or an assignment plan, of which only totals are used.
    [[nodiscard]] const SubscriptionRun* extra_run() const noexcept { return extra_run_ ? &*extra_run_ : nullptr; }
    [[nodiscard]] bool is_simulated(std::size_t customer) const noexcept { return frame_.is_simulated(customer); }
    [[nodiscard]] const RunFrame& frame() const noexcept { return frame_; }

    /// Buffers that a customer's tables point into; sized on first use.
    struct CustomerTables {
        std::vector<float> hazard;
        std::vector<float> discounted_revenue;
        std::vector<PhiloxShared> revenue_words;
        std::vector<double> revenue_value;
        std::vector<double> revenue;  ///< expected revenue of each month, not discounted
        std::vector<float> cumulative_hazard;
        std::vector<double> value;  ///< [alternative][months]
        SubscriptionCustomer customer{};
    };
    void fill(std::size_t customer, CustomerTables& tables) const;

    /// Scale of the customer's values under none and under `action` (null: under none alone). It does not depend on
    /// the other actions of the run, nor on other customers.
    [[nodiscard]] FixedPoint value_scale(std::size_t customer, const CustomerTables& tables,
                                         const Action* action) const;
    /// value_scale() of none and of every action that the customer may get.
    [[nodiscard]] ValueScales value_scales(std::size_t customer, const CustomerTables& tables) const;

    /// Of the profit of an alternative (from 1) over none: what the churn months of both bring, exactly, where neither
    /// the market nor an uncertain effect moves hazards, and revenue is as expected.
    [[nodiscard]] ProfitPrior profit_prior(std::size_t customer, const CustomerTables& tables, int alternative) const;

    [[nodiscard]] const std::vector<float>& market() const noexcept { return market_.walk; }
    [[nodiscard]] const std::vector<float>& market_hazard() const noexcept { return market_.hazard; }
    [[nodiscard]] const SubscriptionColumns& columns() const noexcept { return columns_; }
    [[nodiscard]] const SimulationPlan& plan() const noexcept { return plan_; }

  private:
    /// How large a customer's values are: typically, when the market and shared effects go nine standard deviations
    /// astray, and when everything does.
    struct Sizes {
        double typical;
        double shared_bound;
        double bound;
    };
    [[nodiscard]] Sizes value_sizes(std::size_t customer, const CustomerTables& tables, const Action* action) const;
    [[nodiscard]] Sizes cash_sizes(std::size_t customer, const CustomerTables& tables) const;
    void fill_revenue(std::size_t customer, CustomerTables& tables) const;
    void fill_hazards(std::size_t customer, CustomerTables& tables) const;
    void fill_values(std::size_t customer, CustomerTables& tables) const;
    [[nodiscard]] double scenario_factor(std::size_t customer) const;
    /// Under whatever action or scenario makes them largest.
    [[nodiscard]] Sizes largest_sizes(std::size_t customer, const CustomerTables& tables) const;
    void choose_total_scales(int threads);
    struct MarketTables {
        std::vector<float> walk;
        std::vector<float> hazard;
        std::vector<std::uint32_t> draw;  ///< [path]
    };
    void check_draws() const;
    void fill_draws(SubscriptionRun& run, MarketTables& tables) const;
    void fill_market(SubscriptionRun& run, MarketTables& tables) const;

    const SubscriptionColumns& columns_;
    const SimulationPlan& plan_;
    std::vector<double> discount_;  ///< [month - 1]
    RunFrame frame_;
    MarketTables market_;
    MarketTables extra_market_;
    std::vector<SubscriptionRun> runs_;
    std::optional<SubscriptionRun> extra_run_;
};

}  // namespace clv
