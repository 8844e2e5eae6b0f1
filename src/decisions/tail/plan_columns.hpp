#pragma once
// Plans taken apart by groups of customers, each part with what it earns on every path and what it uses of the limits.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/decisions/tail/mean_cvar.hpp"
#include "decisions/table/limit_rows.hpp"

namespace clv::decisions {

/// A plan for the customers of one group.
struct PlanColumn {
    std::vector<std::uint8_t> action;  ///< of the group's members
    std::vector<double> gain;          ///< [path], currency
    std::vector<double> use;           ///< [side]: sign x sum of weights
};

class PlanColumns {
  public:
    /// References must outlive it. Customers fall into at most `groups` groups by their ids.
    PlanColumns(const UpliftTable& table, const std::vector<LimitRow>& rows, const std::vector<LimitSide>& sides,
                PortfolioPaths& portfolio, std::size_t groups);

    /// Adds what is new in a plan for everybody. Returns its column in every group.
    std::vector<std::size_t> add(std::span<const std::uint8_t> action);
    /// [path]: of a column in every group.
    [[nodiscard]] std::vector<double> gain(std::span<const std::size_t> columns) const;

    [[nodiscard]] std::size_t groups() const noexcept { return members_.size(); }
    [[nodiscard]] const std::vector<PlanColumn>& of_group(std::size_t g) const { return columns_[g]; }
    /// By customer_id.
    [[nodiscard]] const std::vector<std::uint32_t>& members(std::size_t g) const { return members_[g]; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    [[nodiscard]] PlanColumn make(std::size_t g, std::vector<std::uint8_t> action);
    /// Adds `sign` x the gain of the members who have something else than in `other`.
    void add_gain(std::size_t g, std::span<const std::uint8_t> action, std::span<const std::uint8_t> other, double sign,
                  std::vector<double>& gain);

    const UpliftTable& table_;
    const std::vector<LimitRow>& rows_;
    const std::vector<LimitSide>& sides_;
    PortfolioPaths& portfolio_;
    std::vector<std::vector<std::uint32_t>> members_;  ///< [group]
    std::vector<std::vector<PlanColumn>> columns_;     ///< [group]
    std::size_t size_ = 0;
    std::vector<std::uint8_t> assignment_;  ///< of everybody, all 0 between questions
};

}  // namespace clv::decisions
