#pragma once
// Customers of a law of renewal with covariates, simulated, and columns to make others of.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clv/models/contract_covariates.hpp"

namespace clv::test {

inline FeatureColumn numbers(const std::string& name, std::vector<double> values) {
    return {name, std::move(values), {}, {}, {}, {}};
}

inline FeatureColumn texts(const std::string& name, const std::vector<std::string>& values) {
    FeatureColumn column{name, {}, {}, {}, {}, {}};
    for (const std::string& value : values) {
        const auto known = std::ranges::find(column.categories, value);
        column.codes.push_back(static_cast<std::uint32_t>(known - column.categories.begin()));
        if (known == column.categories.end()) {
            column.categories.push_back(value);
        }
    }
    return column;
}

struct Truth {
    ContractLaw law;
    std::vector<double> at;  ///< logarithms of parameters, effects on alpha, effects on beta
};

/// Customers with a plan and an age in classes. Those who came early are in the file only if they were still there when
/// observation began.
inline CustomerTable world_of(const Truth& truth, int customers, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    std::uniform_real_distribution<double> uniform;
    CustomerTable table;
    std::vector<double> ages;
    std::vector<std::string> plans;
    std::vector<ContractModel> models;
    for (const double plan : {0.0, 1.0}) {
        for (const double age : {-1.0, 0.0, 2.0}) {
            models.push_back(contract_at(truth.law, truth.at, std::vector{age, plan}));
        }
    }
    constexpr int window = 12;
    for (int i = 0; i < customers; ++i) {
        const auto plan = static_cast<std::size_t>(uniform(engine) < 0.4);
        const auto age = static_cast<std::size_t>(3.0 * uniform(engine));
        const int joined = 1 + static_cast<int>(18.0 * uniform(engine));  // periods ago
        const int from = std::max(0, joined - window);
        int lived = 0;
        bool left = false;
        while (lived < joined && !left) {
            ++lived;
            left = uniform(engine) > models[3 * plan + age].retention(lived);
        }
        if (lived <= from) {
            continue;
        }
        table.customer_id.push_back("c" + std::to_string(i));
        table.tenure_months.push_back(lived);
        table.observed_from_months.push_back(from);
        table.churned.push_back(left ? 1 : 0);
        ages.push_back(std::array{-1.0, 0.0, 2.0}[age]);
        plans.push_back(plan == 1 ? "pro" : "basic");
    }
    table.features = {numbers("age", ages), texts("plan", plans)};
    return table;
}

inline const Truth sbg_truth{ContractLaw::sbg, {std::log(1.2), std::log(6.0), 0.3, -0.25, -0.2, 0.5}};
inline const Truth bdw_truth{ContractLaw::bdw, {std::log(1.2), std::log(6.0), std::log(1.3), 0.3, -0.25, -0.2, 0.5}};

}  // namespace clv::test
