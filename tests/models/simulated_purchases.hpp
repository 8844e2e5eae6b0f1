#pragma once
// Purchase histories drawn from BG/NBD and Pareto/NBD with known parameters and covariates.

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv {

struct SimulatedWorld {
    PurchaseLaw law = PurchaseLaw::bg_nbd;
    PurchaseParameters parameters{0.8, 6.0, 0.9, 2.5};
    std::vector<double> rate_effects;
    std::vector<double> dropout_effects;
    int customers = 3'000;
    double age = 60.0;
};

/// Covariates z1 (0 or 1), z2 (mean 3, standard deviation 2), as many as there are effects.
inline PurchaseSummary simulated_purchases(const SimulatedWorld& world, std::uint64_t seed) {
    std::mt19937_64 engine(seed);
    const auto uniform = [&] { return std::uniform_real_distribution<>(0.0, 1.0)(engine); };
    const auto gamma = [&](double shape, double rate) { return std::gamma_distribution<>(shape, 1.0 / rate)(engine); };
    const auto exponential = [&](double rate) { return -std::log1p(-uniform()) / rate; };
    PurchaseSummary summary;
    for (std::size_t j = 0; j < world.rate_effects.size(); ++j) {
        FeatureColumn column;
        column.name = "z" + std::to_string(j + 1);
        summary.features.push_back(std::move(column));
    }
    const auto [r, alpha, third, fourth] = world.parameters;
    for (int i = 0; i < world.customers; ++i) {
        double on_rate = 0.0;
        double on_dropout = 0.0;
        for (std::size_t j = 0; j < world.rate_effects.size(); ++j) {
            const double z = j == 0 ? (uniform() < 0.4 ? 1.0 : 0.0) : std::normal_distribution<>(3.0, 2.0)(engine);
            summary.features[j].numbers.push_back(z);
            on_rate += world.rate_effects[j] * z;
            on_dropout += world.dropout_effects[j] * z;
        }
        const double lambda = gamma(r, alpha * std::exp(-on_rate));
        const double age = world.age * (0.5 + 0.5 * uniform());
        double x = 0.0;
        double last = 0.0;
        double end = age;
        double drop = 0.0;
        if (world.law == PurchaseLaw::pareto_nbd) {
            end = std::min(age, exponential(gamma(third, fourth * std::exp(-on_dropout))));
        } else {
            const double a = gamma(third * std::exp(on_dropout), 1.0);
            drop = a / (a + gamma(fourth, 1.0));
        }
        for (double t = exponential(lambda); t < end; t += exponential(lambda)) {
            x += 1.0;
            last = t;
            if (uniform() < drop) {
                break;
            }
        }
        summary.frequency.push_back(x);
        summary.recency.push_back(last);
        summary.age.push_back(age);
    }
    return summary;
}

}  // namespace clv
