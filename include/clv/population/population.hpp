#pragma once
// Customers of any kind, ready to simulate.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/data/tables/customers_settings.hpp"
#include "clv/data/tables/validation_report.hpp"
#include "clv/models/fitted_model.hpp"
#include "clv/models/hazards.hpp"
#include "clv/paths/retail_columns.hpp"
#include "clv/paths/subscription_columns.hpp"
#include "clv/simulation/plan.hpp"

namespace clv {

/// The columns of one path law.
using LawColumns = std::variant<SubscriptionColumns, RetailColumns>;

/// Customers without a contract: their histories, the models that were read or fitted, and what these expect.
struct FittedPurchases {
    PurchaseSummary summary;
    FittedModel model;
    std::vector<double> p_alive;
    std::vector<double> expected_purchases;  ///< within the horizon
    std::vector<double> expected_spend;      ///< currency a purchase
};

struct Population {
    CustomerTable customers;  ///< who they are: ids, segments, churned; numbers have moved into `columns`
    ValidationReport report;
    SurvivalFit survival;  ///< its hazards have moved into `columns`
    LawColumns columns;
    std::optional<FittedPurchases> purchases;  ///< of customers without a contract
    SimulationPlan plan;
    std::vector<std::string> churn_drivers{};  ///< [customer], where churn was learned and there are actions: why
    std::size_t churned = 0;                   ///< customers marked as churned
    ChurnedCustomers churned_are = ChurnedCustomers::separate;  ///< what became of them
    double tail_share = 0.0;  ///< of the expected value, from months that no data covers
    std::vector<std::string> notes;
};

/// Bits of SimulationPlan::eligible from the actions' filters; empty if no action has one. Throws ConfigError where a
/// filter does not match the columns.
[[nodiscard]] std::vector<std::uint8_t> eligible_actions(const CustomerTable& customers,
                                                         const std::vector<Action>& actions);

/// Throws ConfigError where the filter of an action is none, whatever the columns.
void check_filters(const std::vector<Action>& actions);

/// Throws InputError if a segment bears the name of the sum over all of them, or where some customers are apart that of
/// their sum. `file` is for the message.
void check_segment_names(const std::vector<std::string>& segments, const std::string& file, bool some_apart = false);

}  // namespace clv
