#pragma once
// Why a plan does what it does with a customer, in one line with the figures that decided.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "clv/decisions/solver/optimizer.hpp"
#include "clv/decisions/table/uplift_table.hpp"

namespace clv {

namespace decisions {
class PlanPrices;
}

/// Why nothing is offered to who has left.
inline constexpr std::string_view reason_of_leaving = "the customer has left";

/// "Invest" where the plan has an action for the customer, else "Ignore".
[[nodiscard]] std::string_view recommended_action(const ActionPlan& plan, std::size_t customer) noexcept;

/// Explains a plan that is not infeasible. The table and the plan must outlive it.
class PlanReasons {
  public:
    PlanReasons(const UpliftTable& table, const ActionPlan& plan);
    ~PlanReasons();
    PlanReasons(const PlanReasons&) = delete;
    PlanReasons& operator=(const PlanReasons&) = delete;

    /// The same figures always give the same words.
    [[nodiscard]] std::string of(std::size_t customer) const;

  private:
    [[nodiscard]] std::string under_a_budget(std::size_t customer) const;
    [[nodiscard]] std::string under_limits(std::size_t customer) const;
    [[nodiscard]] double profit(std::size_t customer, std::size_t action) const {
        return table_.expected_profit[table_.cell(customer, action)];
    }
    [[nodiscard]] double cost(std::size_t customer, std::size_t action) const {
        return table_.cost[table_.cell(customer, action)];
    }
    /// The open action besides none that is highest by `value`; 0: there is none.
    template <class Value>
    [[nodiscard]] std::size_t best_action(std::size_t customer, Value&& value) const;

    const UpliftTable& table_;
    const ActionPlan& plan_;
    std::unique_ptr<decisions::PlanPrices> prices_;
};

}  // namespace clv
