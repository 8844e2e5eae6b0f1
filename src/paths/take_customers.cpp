#include "clv/paths/take_customers.hpp"

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace clv {

namespace {

/// The entries of these customers; none where the column is empty.
template <class Values>
Values take(const Values& values, std::span<const std::size_t> customers) {
    Values taken;
    if (!values.empty()) {
        taken.reserve(customers.size());
        for (const std::size_t customer : customers) {
            taken.push_back(values[customer]);
        }
    }
    return taken;
}

/// Curves that customers share stay shared.
HazardCurves take(const HazardCurves& hazards, std::span<const std::size_t> customers) {
    HazardCurves taken;
    taken.customers.reserve(customers.size());
    std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint64_t> start_of;
    for (const std::size_t customer : customers) {
        HazardCurves::Reference reference = hazards.customers[customer];
        const auto [known, is_new] = start_of.try_emplace({reference.start, reference.length}, taken.pool.size());
        if (is_new) {
            const auto first = hazards.pool.begin() + static_cast<std::ptrdiff_t>(reference.start);
            taken.pool.insert(taken.pool.end(), first, first + reference.length);
        }
        reference.start = known->second;
        taken.customers.push_back(reference);
    }
    return taken;
}

}  // namespace

SubscriptionColumns take_customers(const SubscriptionColumns& columns, std::span<const std::size_t> customers) {
    std::vector<float> factors;
    factors.reserve(customers.size() * columns.hazard_draws);
    for (const std::size_t customer : customers) {
        const auto own =
            std::span(columns.inverse_hazard_factor).subspan(customer * columns.hazard_draws, columns.hazard_draws);
        factors.insert(factors.end(), own.begin(), own.end());
    }
    return {take(columns.id_hash, customers),
            take(columns.monthly_revenue, customers),
            take(columns.margin, customers),
            take(columns.retention_cost, customers),
            take(columns.acquisition_cost, customers),
            take(columns.revenue_growth, customers),
            take(columns.revenue_volatility, customers),
            take(columns.market_beta, customers),
            take(columns.hazards, customers),
            take(columns.segment, customers),
            columns.segments,
            columns.last_is_apart,
            columns.hazard_draws,
            std::move(factors)};
}

RetailColumns take_customers(const RetailColumns& columns, std::span<const std::size_t> customers) {
    std::vector<std::vector<double>> covariates;
    for (const std::vector<double>& covariate : columns.covariates) {
        covariates.push_back(take(covariate, customers));
    }
    return {take(columns.id_hash, customers),
            columns.law,
            columns.time_unit,
            take(columns.frequency, customers),
            take(columns.recency, customers),
            take(columns.age, customers),
            take(columns.monetary_value, customers),
            take(columns.rate_factor, customers),
            take(columns.dropout_factor, customers),
            std::move(covariates),
            take(columns.margin, customers),
            columns.draws,
            columns.other_draws,
            take(columns.segment, customers),
            columns.segments};
}

}  // namespace clv
