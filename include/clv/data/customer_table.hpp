#pragma once
// Validated customers in columns, one index per customer, in the order of the file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace clv {

/// A column of the file that the engine itself does not use. Exactly one of `numbers` and `codes` is filled.
struct FeatureColumn {
    std::string name;
    std::vector<double> numbers;          ///< NaN where the cell is blank
    std::vector<std::uint32_t> codes;     ///< index into `categories`
    std::vector<std::string> categories;  ///< distinct texts in order of first appearance; a blank cell is ""
    [[nodiscard]] bool is_numeric() const noexcept { return categories.empty(); }
};

/// Customer ids, stored end to end.
class IdColumn {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(characters_).substr(begin, ends_[index] - begin);
    }
    void push_back(std::string_view id) {
        characters_ += id;
        ends_.push_back(characters_.size());
    }
    void reserve(std::size_t count, std::size_t characters = 0) {
        ends_.reserve(count);
        characters_.reserve(characters);
    }
    [[nodiscard]] std::size_t characters() const noexcept { return characters_.size(); }

  private:
    std::string characters_;
    std::vector<std::size_t> ends_;
};

/// Columns of customers.csv. A column that is neither in the file nor has a default is empty.
/// Immutable once read: everything downstream takes it by const reference.
struct CustomerTable {
    IdColumn customer_id;
    std::vector<std::uint64_t> id_hash;  ///< XXH3 (64 bit) of the id's bytes: the address of its random numbers

    std::vector<double> monthly_revenue;     ///< currency a month, >= 0
    std::vector<double> margin;              ///< share of revenue; 1 by default
    std::vector<double> retention_cost;      ///< currency a month while a customer; 0 by default
    std::vector<double> acquisition_cost;    ///< currency at time 0; 0 by default
    std::vector<double> revenue_growth;      ///< a year, as a fraction; 0 by default
    std::vector<double> revenue_volatility;  ///< log standard deviation per square root of a year; 0 by default
    std::vector<double> market_beta;         ///< loading on the market factor; 1 by default

    std::vector<double> churn_probability;  ///< a month, in [0, 1]; empty if absent
    std::vector<double> tenure_months;      ///< >= 0; empty if absent: everybody is new
    std::vector<std::uint8_t> churned;      ///< 0 or 1; empty if absent
    int survival_months = 0;                ///< T of survival_1..survival_T; 0 if absent
    std::vector<float> survival;            ///< [customer][month], P(still a customer after the month)

    std::vector<std::uint32_t> segment;   ///< index into segments; empty if there are no segments
    std::vector<std::string> segments;    ///< distinct segments, sorted by name
    std::vector<FeatureColumn> features;  ///< every other column, in file order

    /// (name in the file, our name) where input.columns maps one to the other: filters know a column by both.
    std::vector<std::pair<std::string, std::string>> mapped_names;

    std::array<std::uint64_t, 2> content_hash{};  ///< order-free hash of all rows and column names

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
};

}  // namespace clv
