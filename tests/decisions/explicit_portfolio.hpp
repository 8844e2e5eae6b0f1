#pragma once
// A portfolio whose paths are written out, for plans that look at them.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "clv/decisions/tail/mean_cvar.hpp"

namespace clv {

class ExplicitPortfolio final : public PortfolioPaths {
  public:
    std::vector<double> none;                ///< [path]
    std::vector<std::vector<double>> gains;  ///< [action from 1][customer * paths + path]
    std::size_t customers = 0;
    std::size_t simulations = 0;  ///< of all actions

    [[nodiscard]] std::size_t paths() const override { return none.size(); }
    [[nodiscard]] std::vector<double> value_under_none() override { return none; }
    [[nodiscard]] std::vector<double> weighted_profit(std::span<const double> weights) override {
        ++simulations;
        std::vector<double> profit((gains.size() + 1) * customers, 0.0);
        for (std::size_t a = 0; a < gains.size(); ++a) {
            for (std::size_t i = 0; i < customers; ++i) {
                for (std::size_t s = 0; s < paths(); ++s) {
                    profit[(a + 1) * customers + i] += weights[s] * gains[a][i * paths() + s];
                }
            }
        }
        return profit;
    }
    [[nodiscard]] std::vector<double> gain(std::span<const std::uint8_t> action) override {
        std::vector<double> sum(paths(), 0.0);
        for (std::size_t i = 0; i < customers; ++i) {
            for (std::size_t s = 0; s < paths() && action[i] != 0; ++s) {
                sum[s] += gains[action[i] - 1U][i * paths() + s];
            }
        }
        return sum;
    }

    /// Mean gains; the costs are still to be set.
    [[nodiscard]] UpliftTable table() {
        UpliftTable table;
        table.actions = {"none"};
        for (std::size_t a = 1; a <= gains.size(); ++a) {
            table.actions.push_back("a" + std::to_string(a));
        }
        for (std::size_t i = 0; i < customers; ++i) {
            table.customer_id.push_back("c" + std::to_string(i));
        }
        table.expected_profit = weighted_profit(std::vector<double>(paths(), 1.0 / static_cast<double>(paths())));
        table.cost.assign(table.expected_profit.size(), 0.0);
        simulations = 0;
        return table;
    }
};

}  // namespace clv
