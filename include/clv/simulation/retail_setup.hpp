#pragma once
// From columns and a plan to the tables that the retail law reads. Made once per run and once per customer, in double
// and with the project's own exp and log, so that every backend starts from the same bits.

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "clv/paths/purchase_posterior.hpp"
#include "clv/paths/retail.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/risk/profit_prior.hpp"
#include "clv/simulation/run_frame.hpp"

namespace clv {

class RetailSetup {
  public:
    /// Checks the plan (ConfigError) and the parameters (ModelError) and fills the tables. `columns` and `plan` must
    /// outlive the setup. `horizon_weeks`: where values end, if not at the end of the plan's last month.
    RetailSetup(const RetailColumns& columns, const SimulationPlan& plan, std::optional<double> horizon_weeks = {});
    RetailSetup(const RetailSetup&) = delete;  // runs point into it
    RetailSetup& operator=(const RetailSetup&) = delete;

    /// runs[0] has every action of the plan. An assignment plan has runs[a] with actions[a-1] alone.
    [[nodiscard]] const RetailRun& run_of(std::size_t customer) const noexcept {
        return runs_[frame_.plan.assignment.empty() ? 0 : frame_.plan.assignment[customer]];
    }
    [[nodiscard]] const std::vector<RetailRun>& runs() const noexcept { return runs_; }
    [[nodiscard]] const RunFrame& frame() const noexcept { return frame_; }
    [[nodiscard]] const RetailColumns& columns() const noexcept { return columns_; }
    /// Those that the paths of the plan use.
    [[nodiscard]] std::span<const RetailDraw> draws() const noexcept { return draws_; }
    /// What the runs point to.
    [[nodiscard]] const std::vector<float>& calendar() const noexcept { return calendar_; }
    [[nodiscard]] const std::vector<double>& discount() const noexcept { return discount_; }

    struct CustomerTables {
        std::vector<float> posterior;  ///< [entry of RetailPosterior][draw]
        double typical_value = 0.0;    ///< currency
        double purchases = 0.0;        ///< most that a draw of the parameters expects within the horizon
        RetailCustomer customer{};
    };
    void fill(std::size_t customer, CustomerTables& tables) const;
    [[nodiscard]] ValueScales value_scales(const CustomerTables& tables, std::size_t customer) const;
    /// Of the profit of an alternative (from 1) over none: how often somebody is there to be moved, and roughly how
    /// far.
    [[nodiscard]] ProfitPrior profit_prior(const CustomerTables& tables, std::size_t customer, int alternative) const;

  private:
    /// The customer's own factor times that of its covariates.
    [[nodiscard]] double factor(const Column& own, const std::vector<double>& effects, std::size_t customer) const;
    [[nodiscard]] PurchasePosterior posterior_of(std::size_t customer, std::size_t draw) const;
    [[nodiscard]] double monetary_value(std::size_t customer) const noexcept {
        return columns_.monetary_value.empty() ? 0.0 : columns_.monetary_value[customer];
    }
    [[nodiscard]] double typical_value(std::size_t customer) const;
    void check_columns() const;
    void fill_calendar(RetailRun& run);
    /// The most purchases that a draw of the parameters expects. Throws ModelError where paths could go on without end.
    [[nodiscard]] double check_posterior(std::size_t customer, const std::vector<float>& posterior) const;
    void choose_total_scales();

    const RetailColumns& columns_;
    std::span<const RetailDraw> draws_;
    std::vector<double> discount_;  ///< [month - 1]
    RunFrame frame_;
    std::vector<float> calendar_;
    std::vector<RetailRun> runs_;
};

}  // namespace clv
