#pragma once
// Customers who choose at given prices: the value of Lagrange's relaxation and what their choices use.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decisions/solver/scan.hpp"
#include "decisions/table/limit_rows.hpp"

namespace clv::decisions {

/// What the choices at some prices come to. Sums are exact, so they do not depend on the order of customers.
struct Response {
    double objective = 0.0;   ///< currency: sum of what the plan maximises
    std::vector<double> use;  ///< [side]: sign x sum of weights
};

/// Some customers of a table, segment by segment, with the figures that the sides of the limits need.
class PricedCustomers {
  public:
    /// `customers` in any order; figures are copied. Up to `tie_break` is added to every objective, more or less by the
    /// customer's id and the action, so that few customers are undecided at any prices.
    PricedCustomers(const UpliftTable& table, const std::vector<LimitRow>& rows, const std::vector<LimitSide>& sides,
                    std::span<const std::uint32_t> customers, double tie_break = 0.0);

    /// Everybody's best choice at `prices` [side], the first of equals. With `actions` also which, on the index of the
    /// table; a customer to whom nothing is open is left alone.
    [[nodiscard]] Response respond(std::span<const double> prices, std::span<std::uint8_t> actions = {}) const;

    /// The `most` customers (at least 1) whose second best choice at `prices` comes closest to their best, and those as
    /// close as the last of them; in the order of the table.
    [[nodiscard]] std::vector<std::uint32_t> closest(std::span<const double> prices, std::size_t most) const;

  private:
    struct Run {
        std::size_t begin;
        std::size_t end;
        std::size_t segment;
    };
    /// Exact sums of one action's choices in one run: the columns, in units, and how many.
    struct Chosen {
        std::vector<Wide> columns;
        std::int64_t count = 0;
    };
    [[nodiscard]] std::vector<double> coefficients(std::size_t segment, std::span<const double> prices) const;
    void add_coefficients(std::size_t segment, std::size_t action, std::span<const double> prices,
                          std::span<double> coefficient) const;
    void fill_up();
    [[nodiscard]] bool counts(const LimitSide& side, std::size_t segment, std::size_t action) const;
    void add_use(const Run& run, std::span<const Chosen> chosen, Response& response) const;

    const std::vector<LimitRow>& rows_;
    const std::vector<LimitSide>& sides_;
    std::size_t actions_;
    std::vector<std::uint32_t> customer_;  ///< [place]; runs are filled up with nobody, to whom nothing is open
    std::vector<Run> runs_;
    std::vector<std::vector<double>> columns_;  ///< [0] is the objective; [column][action * places + place]
    std::vector<MoneyScale> scales_;            ///< [column]
    std::size_t profit_ = 0;                    ///< column of expected_profit
    std::vector<std::size_t> costs_;            ///< [0] column of cost, [1 + k] of further cost k; 0: not needed
};

}  // namespace clv::decisions
