#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// A further resource that actions use up, such as minutes of a call centre: column cost_NAME of uplift.csv.
struct CostColumn {
    std::string name;            ///< NAME
    std::vector<double> values;  ///< [action][customer]
};

/// What every action would bring and cost for every customer. Matrices are [action][customer]; action 0 is doing
/// nothing, as a rule at profit 0 and cost 0.
struct UpliftTable {
    IdColumn customer_id;
    std::vector<std::string> actions;     ///< names; [0] is "none"
    std::vector<double> expected_profit;  ///< currency, against doing nothing, net of every cost; NaN: the action is
                                          ///< not open to the customer, and its other figures mean nothing
    std::vector<double> cost;             ///< currency: what the action takes from the budget; below 0: it frees some
    std::vector<double> expected_profit_se;  ///< standard error of expected_profit; empty: unknown
    std::vector<CostColumn> further_costs;
    std::vector<double> lifetime_months;  ///< [customer]: paid months expected within the horizon; empty: unknown
    std::vector<double> added_months;     ///< what the action adds to those, likewise expected; empty: unknown
    std::vector<double> clv_cvar;         ///< currency: CVaR of the customer's value with the action; empty: unknown
    double cvar_level = 0.0;              ///< of clv_cvar
    std::vector<std::uint32_t> paths;  ///< behind a customer's profit, cost and error; empty: the run's, for everybody
    std::vector<double> objective;     ///< what a plan maximises instead of expected_profit; empty: that
    std::vector<std::string> objective_terms;  ///< what objective has beside expected_profit, in words
    std::vector<std::uint32_t> segment;        ///< index into segments; empty: there are none
    std::vector<std::string> segments;
    std::vector<std::uint8_t> churned;  ///< 1: has left, and nothing but none is open; empty: nobody is known to have

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
    [[nodiscard]] std::size_t cell(std::size_t customer, std::size_t action) const noexcept {
        return action * size() + customer;
    }
    [[nodiscard]] bool is_open(std::size_t customer, std::size_t action) const noexcept {
        return !std::isnan(expected_profit[cell(customer, action)]);
    }
    [[nodiscard]] bool has_left(std::size_t customer) const noexcept {
        return !churned.empty() && churned[customer] != 0;
    }
    /// Whether it is known what plans do to the paid months.
    [[nodiscard]] bool has_months() const noexcept { return !lifetime_months.empty() && !added_months.empty(); }
    /// What plans maximise.
    [[nodiscard]] const std::vector<double>& maximised() const noexcept {
        return objective.empty() ? expected_profit : objective;
    }
};

/// [customer]: paid months to be expected under these actions, one for every customer; empty: unknown.
[[nodiscard]] std::vector<double> months_under(const UpliftTable& table, std::span<const std::uint8_t> action);

/// Makes the table of a run's paired differences from its figures as they come.
class UpliftTableBuilder final : public CustomerSink {
  public:
    /// `customer_id` is on the index of the run's columns; `plan` must outlive the builder.
    UpliftTableBuilder(const IdColumn& customer_id, const SimulationPlan& plan, bool with_cvar = false);
    /// Throws ModelError if the figures are not those of this plan and these customers.
    void take(std::size_t first, const CustomerFigures& batch) override;
    /// Throws ModelError if figures of customers are missing.
    [[nodiscard]] UpliftTable finish() &&;

  private:
    const SimulationPlan& plan_;
    UpliftTable table_;
    std::size_t customers_taken_ = 0;
};

}  // namespace clv
