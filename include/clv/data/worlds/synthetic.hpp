#pragma once
// Invented customers with known truth: what the quickstart runs on and what the engine's means are judged by.
//
// Three segments (Basic, Plus, Premium) differ in churn, revenue and cost to serve; within a segment monthly churn
// probability follows a Beta(2, b) over customers, revenue is lognormal, and margin, growth, volatility and market
// loading vary. In a window that has passed some of them churned: the log odds are a sum over contract, support calls
// and tenure, known to whoever learns from the file but for chance. Every customer is a function of seed and number
// alone: a larger world begins with the smaller one. Values are rounded to few decimals, so that the file says exactly
// what the table holds.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/worlds/generate_settings.hpp"

namespace clv {

struct SyntheticWorld {
    /// As read from the world's own customers.csv with default settings and segments by `segment`, but for
    /// content_hash. Names only the segments that occur.
    CustomerTable customers;

    /// Planted probability of having churned in the past window; empty where the world has none.
    std::vector<double> past_churn_probability;

    [[nodiscard]] bool has_past() const noexcept { return !customers.features.empty(); }
    /// Columns of customers.csv.
    [[nodiscard]] std::vector<std::string> header() const;
    /// The customer's line of customers.csv, with its line end, at the end of `text`.
    void append_row(std::size_t customer, std::string& text) const;
};

/// Monthly churn probabilities of customers lie between these, their market loadings between 0 and the last.
inline constexpr std::pair<double, double> generated_churn_probabilities{0.001, 0.5};
inline constexpr double largest_generated_beta = 3.1;

/// Throws ConfigError if there are no customers or more than a hundred million.
[[nodiscard]] SyntheticWorld make_subscription_world(const GenerateSettings& settings);
/// Customers `first`, `first` + 1, .. of the same world, at most `count`, counted from 0.
[[nodiscard]] SyntheticWorld make_subscription_world(const GenerateSettings& settings, std::int64_t first,
                                                     std::int64_t count);

}  // namespace clv
