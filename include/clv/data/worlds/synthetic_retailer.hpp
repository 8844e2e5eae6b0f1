#pragma once
// Invented transactions of customers without a contract, with known truth: what purchase models are judged by.
//
// A customer first buys on one of the first acquisition_days, and then at a rate of its own, lambda ~ Gamma(r, alpha) a
// week, until it drops out, after each repeat purchase with its probability p ~ Beta(a, b). What it spends is
// Gamma(p, nu) with nu ~ Gamma(q, v). The calendar, if any, moves the rates of all customers alike: their clocks run
// exp(log factor) weeks a week. A purchase that would fall on the day of the one before comes a day later, so that
// purchase days are purchases. Every customer is a function of seed and number alone.

#include <cstdint>
#include <string>
#include <vector>

#include "clv/data/tables/customer_table.hpp"
#include "clv/data/worlds/generate_settings.hpp"
#include "clv/random/philox.hpp"

namespace clv {

/// What is true of generated customers; entries are on their index.
struct RetailTruth {
    IdColumn customer_id;
    std::vector<std::string> first_purchase;  ///< day
    std::vector<double> rate;                 ///< lambda, purchases a week
    std::vector<double> dropout;              ///< probability after a repeat purchase
    std::vector<double> mean_spend;           ///< currency
    std::vector<std::uint8_t> alive;          ///< after the last day
    std::uint64_t transactions = 0;

    [[nodiscard]] std::size_t size() const noexcept { return rate.size(); }
    /// Purchases in so many weeks after the last day, were the calendar's factor 1.
    [[nodiscard]] double expected_purchases(std::size_t customer, double weeks) const;
};

class SyntheticRetailer {
  public:
    /// Throws ConfigError if the settings do not name a world.
    explicit SyntheticRetailer(const GenerateSettings& settings);

    /// Columns of transactions.csv.
    [[nodiscard]] static std::vector<std::string> header();
    /// Appends the transactions of customers `first`, .., counted from 0, at most `count` of them, to `rows`, and what
    /// is true of them to `truth`. Revenue is at least 0.01 and has two decimals.
    void append(std::int64_t first, std::int64_t count, std::string& rows, RetailTruth& truth) const;
    /// Logarithm of the calendar's factor, week by week from the first day.
    [[nodiscard]] const std::vector<double>& log_factors() const noexcept { return log_factors_; }

  private:
    void add_customer(std::uint64_t number, std::string& rows, RetailTruth& truth) const;

    GenerateSettings settings_;
    PhiloxKey key_;
    std::vector<std::string> dates_;   ///< [day from the first], as 2022-01-31
    std::vector<double> log_factors_;  ///< [week]
    std::vector<double> clock_;        ///< [day from the first], weeks that the clock has run before it
};

}  // namespace clv
