#pragma once
// Customers with columns of their own and an outcome, for tests of what is learned from them.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "clv/data/tables/content_hash.hpp"
#include "clv/data/tables/customer_table.hpp"
#include "clv/learning/learn_settings.hpp"
#include "clv/random/philox.hpp"

namespace clv::test {

inline constexpr double blank = std::numeric_limits<double>::quiet_NaN();

/// In (0, 1), the same for the same customer and stream.
inline double uniform_of(std::size_t customer, std::uint32_t stream) {
    const auto block = philox<std::uint32_t>(draw_address(Purpose::world, 7U), static_cast<std::uint32_t>(customer),
                                             stream, 0U, 31U, 0U);
    return (static_cast<double>(block.word[0]) + 0.5) * 0x1p-32;
}

/// A standard normal number, the same for the same customer and stream.
inline double normal_of(std::size_t customer, std::uint32_t stream) {
    return std::sqrt(-2.0 * std::log(uniform_of(customer, 2 * stream + 1'000))) *
           std::cos(2.0 * 3.141592653589793 * uniform_of(customer, 2 * stream + 1'001));
}

/// One number for every customer.
template <class Value>
std::vector<double> numbers_of(std::size_t count, Value value) {
    std::vector<double> numbers;
    for (std::size_t i = 0; i < count; ++i) {
        numbers.push_back(static_cast<double>(value(i)));
    }
    return numbers;
}

/// One text for every customer.
template <class Value>
std::vector<std::string> texts_of(std::size_t count, Value value) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
        texts.push_back(value(i));
    }
    return texts;
}

/// Customers c0, c1, .. without any column.
inline CustomerTable bare_customers(std::size_t count) {
    CustomerTable customers;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string id = "c" + std::to_string(i);
        customers.customer_id.push_back(id);
        customers.id_hash.push_back(customer_id_hash(id));
    }
    return customers;
}

inline void add_numbers(CustomerTable& customers, std::string name, std::vector<double> numbers) {
    FeatureColumn column;
    column.name = std::move(name);
    column.numbers = std::move(numbers);
    customers.features.push_back(std::move(column));
}

/// As a reader keeps them: distinct texts in order of first appearance.
inline void add_texts(CustomerTable& customers, std::string name, const std::vector<std::string>& texts) {
    FeatureColumn column;
    column.name = std::move(name);
    for (const std::string& text : texts) {
        const auto found = std::ranges::find(column.categories, text);
        column.codes.push_back(static_cast<std::uint32_t>(found - column.categories.begin()));
        if (found == column.categories.end()) {
            column.categories.push_back(text);
        }
    }
    customers.features.push_back(std::move(column));
}

/// A column that the engine knows.
inline void set_column(Column& column, const std::vector<double>& numbers) {
    column = {};
    for (const double number : numbers) {
        column.push_back(number);
    }
}

/// Some customers, or all in another order, with features, tenures and outcomes.
inline CustomerTable pick_customers(const CustomerTable& from, const std::vector<std::size_t>& order) {
    CustomerTable customers;
    for (const std::size_t i : order) {
        customers.customer_id.push_back(from.customer_id[i]);
        customers.id_hash.push_back(from.id_hash[i]);
        if (!from.tenure_months.empty()) {
            customers.tenure_months.push_back(from.tenure_months[i]);
        }
        if (!from.observed_from_months.empty()) {
            customers.observed_from_months.push_back(from.observed_from_months[i]);
        }
        if (!from.churned.empty()) {
            customers.churned.push_back(from.churned[i]);
        }
    }
    for (const FeatureColumn& feature : from.features) {
        std::vector<double> numbers;
        std::vector<std::string> texts;
        for (const std::size_t i : order) {
            if (feature.is_numeric()) {
                numbers.push_back(feature.values()[i]);
            } else {
                texts.push_back(feature.categories[feature.codes[i]]);
            }
        }
        if (feature.is_numeric()) {
            add_numbers(customers, feature.name, std::move(numbers));
        } else {
            add_texts(customers, feature.name, texts);
        }
    }
    return customers;
}

/// Settings that learn column "left".
inline LearnSettings learning_of_left() {
    LearnSettings settings;
    settings.target_column = "left";
    return settings;
}

/// A small world: who pays by the month and calls often leaves. Its columns are "calls" and "plan" (a, b, c).
inline CustomerTable calling_customers(std::size_t count) {
    CustomerTable customers = bare_customers(count);
    const auto calls = [](std::size_t i) { return std::floor(8.0 * uniform_of(i, 1)); };
    const auto plan = [](std::size_t i) { return std::string(1, "abc"[static_cast<int>(3.0 * uniform_of(i, 2))]); };
    add_numbers(customers, "calls", numbers_of(count, calls));
    add_texts(customers, "plan", texts_of(count, plan));
    add_texts(customers, "left", texts_of(count, [&](std::size_t i) {
                  const double score = -2.0 + 0.25 * calls(i) + (plan(i) == "b" ? 1.0 : 0.0);
                  return std::string(uniform_of(i, 3) < 1.0 / (1.0 + std::exp(-score)) ? "Yes" : "No");
              }));
    return customers;
}

}  // namespace clv::test
