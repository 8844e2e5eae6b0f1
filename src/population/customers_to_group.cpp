#include "clv/population/customers_to_group.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "clv/core/errors.hpp"
#include "clv/learning/clusters/group_columns.hpp"
#include "clv/random/elementary.hpp"

namespace clv {

namespace {

constexpr std::string_view columns_key = "segment.columns";

/// The column of that key, or the first of these that the customers have; empty: none.
std::vector<double> known_column(const CustomerTable& customers, const std::string& name, std::string_view key,
                                 const std::vector<std::string_view>& usual) {
    if (!name.empty()) {
        return number_column(customers, name, key);
    }
    const std::vector<std::string> names = number_columns(customers);
    for (const std::string_view one : usual) {
        const bool is_mapped = std::ranges::any_of(customers.mapped_names, [&](const auto& pair) {
            return pair.second == one && std::ranges::find(names, pair.first) != names.end();
        });
        if (is_mapped || std::ranges::find(names, one) != names.end()) {
            return number_column(customers, one, key);
        }
    }
    return {};
}

}  // namespace

void NumberColumns::add(std::string name, std::vector<double> column) {
    names.push_back(std::move(name));
    columns.push_back(std::move(column));
}

const std::vector<double>* NumberColumns::find(std::string_view name) const {
    const auto found = std::ranges::find(names, name);
    return found == names.end() ? nullptr : &columns[static_cast<std::size_t>(found - names.begin())];
}

NumberColumns NumberColumns::chosen(const std::vector<std::string>& names_wanted) const {
    NumberColumns some;
    for (const std::string& name : names_wanted) {
        const std::vector<double>* column = find(name);
        if (column == nullptr) {
            throw ConfigError(
                fmt::format("the input has no column {} ({}): it has {}", name, columns_key, fmt::join(names, ", ")));
        }
        some.add(name, *column);
    }
    return some;
}

NumberColumns NumberColumns::of_rows(const std::vector<std::size_t>& rows) const {
    NumberColumns part;
    for (std::size_t column = 0; column < names.size(); ++column) {
        part.add(names[column], taken(columns[column], rows));
    }
    return part;
}

std::vector<double> taken(const std::vector<double>& values, const std::vector<std::size_t>& rows) {
    std::vector<double> part;
    for (const std::size_t row : rows) {
        part.push_back(values[row]);
    }
    return part;
}

void set_columns(CustomersToGroup& customers, const NumberColumns& numbers) {
    customers.columns = numbers.names;
    for (std::size_t i = 0; i < customers.value.size(); ++i) {
        for (const std::vector<double>& column : numbers.columns) {
            customers.values.push_back(column[i]);
        }
    }
}

NumberColumns numbers_of(const PurchasesRead& read) {
    NumberColumns numbers;
    const PurchaseSummary& summary = read.history.summary;
    if (!read.features) {
        numbers.add("frequency", summary.frequency);
        numbers.add("recency", summary.recency);
        numbers.add("T", summary.age);
        if (!summary.monetary_value.empty()) {
            numbers.add("monetary_value", summary.monetary_value);
        }
        return numbers;
    }
    numbers.add("purchases", {read.features->purchases.begin(), read.features->purchases.end()});
    for (const PurchaseFeature& feature : purchase_features()) {
        std::vector<double> values;
        for (std::size_t i = 0; i < summary.size(); ++i) {
            values.push_back(feature(*read.features, i));
        }
        numbers.add(feature.name, std::move(values));
    }
    return numbers;
}

NumberColumns numbers_of(const CustomerTable& customers, const std::vector<std::string>& names) {
    NumberColumns numbers;
    for (const std::string& name : names) {
        numbers.add(name, number_column(customers, name, columns_key));
    }
    return numbers;
}

RfmScores rfm_of(const PurchasesRead& read) {
    const PurchaseSummary& summary = read.history.summary;
    std::vector<double> since_last;
    std::vector<double> purchases;
    std::vector<double> money;
    for (std::size_t i = 0; i < summary.size(); ++i) {
        // whole days where they are known: a difference of times tells equal ones apart by its rounding
        since_last.push_back(read.features
                                 ? static_cast<double>((read.features->snapshot - read.features->last_day[i]).count())
                                 : summary.age[i] - summary.recency[i]);
        purchases.push_back(summary.frequency[i] + 1.0);
        const double mean = summary.monetary_value.empty() ? 0.0 : summary.monetary_value[i];
        money.push_back(read.features ? read.features->revenue[i] : mean * summary.frequency[i]);
    }
    return rfm_scores(since_last, purchases, money);
}

CustomersToGroup customers_to_group(const PurchasesRead& read, const SegmentSettings& settings,
                                    const ValueLearner* learner, int threads) {
    const PurchaseSummary& summary = read.history.summary;
    NumberColumns all = numbers_of(read);
    CustomersToGroup customers;
    if (read.features && learner != nullptr) {
        customers.value = predict_values(*learner, summary, *read.features, threads).value;
        all.add("value", customers.value);
    } else if (read.features) {
        customers.value = read.features->revenue;
    } else if (!summary.monetary_value.empty()) {
        for (std::size_t i = 0; i < summary.size(); ++i) {
            customers.value.push_back(summary.frequency[i] * summary.monetary_value[i]);
        }
    } else {
        throw ConfigError(
            "the summary has no monetary_value, by which segments are ranked (input.summary): add the column, or name "
            "transactions");
    }
    const std::vector<std::string> usual = read.features
                                               ? std::vector<std::string>{"since_last", "purchases", "revenue"}
                                               : std::vector<std::string>{"frequency", "recency", "monetary_value"};
    set_columns(customers, all.chosen(settings.columns.empty() ? usual : settings.columns));
    return customers;
}

CustomersToGroup customers_to_group(const CustomerTable& table, const SegmentSettings& settings) {
    CustomersToGroup customers;
    customers.value = known_column(table, settings.value_column, "segment.value",
                                   {"clv_mean", "value", "predicted_value", "monthly_revenue"});
    if (customers.value.empty()) {
        throw ConfigError(
            "nothing says what customers are worth, by which segments are ranked: name a column of input.customers in "
            "segment.value");
    }
    customers.churn = known_column(table, settings.churn_column, "segment.churn", {"churn_probability", "probability"});
    if (!settings.columns.empty()) {
        set_columns(customers, numbers_of(table, settings.columns));
    } else if (customers.churn.empty()) {
        set_columns(customers, {{"value"}, {customers.value}});
    } else {
        set_columns(customers, {{"value", "churn"}, {customers.value, customers.churn}});
    }
    return customers;
}

std::vector<double> churn_of(const Population& population) {
    std::vector<double> churn;
    if (const auto* columns = std::get_if<SubscriptionColumns>(&population.columns)) {
        for (std::size_t i = 0; i < population.customers.size(); ++i) {
            churn.push_back(-elementary::expm1(-double{columns->hazards.at(i, 1)}));
        }
    } else {
        for (const double alive : population.purchases->p_alive) {
            churn.push_back(1.0 - alive);
        }
    }
    return churn;
}

}  // namespace clv
