#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/customer_table.hpp"
#include "clv/simulation/plan.hpp"
#include "clv/simulation/result.hpp"

namespace clv {

/// What every action would bring and cost for every customer. Matrices are [customer][action]; action 0 is doing
/// nothing, at profit 0 and cost 0.
struct UpliftTable {
    IdColumn customer_id;
    std::vector<std::string> actions;        ///< names; [0] is "none"
    std::vector<double> expected_profit;     ///< currency, against doing nothing, net of every cost
    std::vector<double> cost;                ///< currency: what the action takes from the budget, >= 0
    std::vector<double> expected_profit_se;  ///< standard error of expected_profit
    std::vector<std::uint8_t> eligible;      ///< 0: not open to the customer, and its figures mean nothing

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
    [[nodiscard]] std::size_t cell(std::size_t customer, std::size_t action) const noexcept {
        return customer * actions.size() + action;
    }
};

/// Makes the table of a run's paired differences from its figures as they come.
class UpliftTableBuilder final : public CustomerSink {
  public:
    /// `customer_id` is on the index of the run's columns; `plan` must outlive the builder.
    UpliftTableBuilder(const IdColumn& customer_id, const SimulationPlan& plan);
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
