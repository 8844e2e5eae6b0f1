#pragma once
// Validated customers in columns, one index per customer, in the order of the file.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clv/data/tables/column.hpp"

namespace clv {

/// A column of the file that the engine itself does not use. Exactly one of `numbers`, `lent` and `codes` is filled.
struct FeatureColumn {
    std::string name;
    std::vector<double> numbers;          ///< NaN where the cell is blank
    std::span<const double> lent{};       ///< the numbers, where they stay with a table in memory
    std::shared_ptr<const void> owner{};  ///< of what is lent
    std::vector<std::uint32_t> codes;     ///< index into `categories`
    std::vector<std::string> categories;  ///< distinct texts in order of first appearance; a blank cell is ""
    [[nodiscard]] bool is_numeric() const noexcept { return categories.empty(); }
    /// The numbers, wherever they are.
    [[nodiscard]] std::span<const double> values() const noexcept { return lent.empty() ? numbers : lent; }
};

/// Customer ids, stored end to end. Copies share what they hold until one of them grows.
class IdColumn {
  public:
    IdColumn() = default;
    IdColumn(const IdColumn&) = default;  // and no moves: nothing is ever left without its texts
    IdColumn& operator=(const IdColumn&) = default;
    ~IdColumn() = default;

    [[nodiscard]] std::size_t size() const noexcept { return texts_->ends.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        const std::size_t begin = index == 0 ? 0 : texts_->ends[index - 1];
        return std::string_view(texts_->characters).substr(begin, texts_->ends[index] - begin);
    }
    /// Fetches where the entry's characters stand.
    void prefetch(std::size_t index) const noexcept { __builtin_prefetch(&texts_->ends[index]); }
    void push_back(std::string_view id) {
        Texts& texts = own_texts();
        texts.characters += id;
        texts.ends.push_back(texts.characters.size());
    }
    void reserve(std::size_t count, std::size_t characters = 0) {
        Texts& texts = own_texts();
        texts.ends.reserve(count);
        texts.characters.reserve(characters);
    }
    [[nodiscard]] std::size_t characters() const noexcept { return texts_->characters.size(); }

  private:
    struct Texts {
        std::string characters;
        std::vector<std::size_t> ends;
    };
    Texts& own_texts() {
        if (texts_.use_count() > 1) {
            texts_ = std::make_shared<Texts>(*texts_);
        }
        return *texts_;
    }
    std::shared_ptr<Texts> texts_ = std::make_shared<Texts>();
};

/// Consecutive entries of an IdColumn, which must outlive it.
struct IdRange {
    const IdColumn& ids;
    std::size_t first = 0;
    std::size_t count = 0;
    [[nodiscard]] std::size_t size() const noexcept { return count; }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept { return ids[first + index]; }
};

/// Columns of customers.csv. A column that is neither in the file nor has a default is empty.
/// Immutable once read: everything downstream takes it by const reference.
struct CustomerTable {
    IdColumn customer_id;
    std::vector<std::uint64_t> id_hash;  ///< XXH3 (64 bit) of the id's bytes: the address of its random numbers

    Column monthly_revenue;     ///< currency a month, >= 0
    Column margin;              ///< share of revenue; 1 by default
    Column retention_cost;      ///< currency a month while a customer; 0 by default
    Column acquisition_cost;    ///< currency at time 0; 0 by default
    Column revenue_growth;      ///< a year, as a fraction; 0 by default
    Column revenue_volatility;  ///< log standard deviation per square root of a year; 0 by default
    Column market_beta;         ///< loading on the market factor; 1 by default

    Column churn_probability;           ///< a month, in [0, 1]; empty if absent
    Column tenure_months;               ///< >= 0; empty if absent: everybody is new
    Column observed_from_months;        ///< tenure when observation began, 0..tenure_months; empty if absent: 0
    std::vector<std::uint8_t> churned;  ///< 0 or 1; empty if absent
    bool churned_apart = false;         ///< some have churned, and are summed up on their own, outside of segments
    int survival_months = 0;            ///< T of survival_1..survival_T; 0 if absent
    std::vector<float> survival;        ///< [customer][month], P(still a customer after the month)

    std::vector<std::uint32_t> segment;   ///< index into segments; empty if there are no segments
    std::vector<std::string> segments;    ///< distinct segments, sorted by name
    std::vector<FeatureColumn> features;  ///< every other column, in file order

    /// (name in the file, our name) where input.columns maps one to the other: filters know a column by both.
    std::vector<std::pair<std::string, std::string>> mapped_names;

    std::array<std::uint64_t, 2> content_hash{};  ///< order-free hash of all rows and column names

    [[nodiscard]] std::size_t size() const noexcept { return customer_id.size(); }
    /// Whether the customer is summed up among those who have churned.
    [[nodiscard]] bool is_apart(std::size_t customer) const noexcept { return churned_apart && churned[customer] != 0; }
};

}  // namespace clv
