#pragma once
// Worlds whose purchases are known beyond the end of observation: how well do the totals that a fit to their past
// forecasts hold what came?

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "clv/data/tables/content_hash.hpp"
#include "clv/paths/purchase_posterior.hpp"
#include "clv/population/retail_population.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::test {

struct FitWorld {
    PurchaseLaw law;  ///< that customers follow
    PurchaseParameters parameters;
    int customers;
    double observed;  ///< time units of the eldest; the youngest has half of them
    double ahead;     ///< time units
};

struct FitWorldHistory {
    PurchaseSummary summary;
    double purchases = 0.0;  ///< of all, in the time ahead
    double spend = 0.0;      ///< currency, likewise
};

inline TimeUnit unit_of(PurchaseLaw law) {
    return has_opportunities(law) ? TimeUnit::month : TimeUnit::week;
}

inline FitWorldHistory history_of(const FitWorld& world, std::mt19937_64& engine) {
    const auto uniform = [&] { return std::uniform_real_distribution<>(0.0, 1.0)(engine); };
    const auto gamma = [&](double shape) { return std::gamma_distribution<>(shape, 1.0)(engine); };
    const auto exponential = [&](double rate) { return -std::log1p(-uniform()) / std::max(rate, 1e-300); };
    const auto beta = [&](double a, double b) {
        const double left = gamma(a);
        return left / std::max(left + gamma(b), 1e-300);
    };
    const auto [first, second, third, fourth] = world.parameters;
    FitWorldHistory history;
    PurchaseSummary& summary = history.summary;
    summary.time_unit = unit_of(world.law);
    const bool periods = has_opportunities(world.law);
    for (int i = 0; i < world.customers; ++i) {
        double age = world.observed * (0.5 + 0.5 * uniform());
        age = periods ? std::round(age) : age;
        const double rate = periods ? beta(first, second) : gamma(first) / second;
        double end = HUGE_VAL;
        double drop = 0.0;
        if (world.law == PurchaseLaw::pareto_nbd) {
            end = exponential(gamma(third) / fourth);
        } else if (world.law != PurchaseLaw::nbd) {
            drop = beta(third, fourth);
        }
        const double scale = gamma(4.0) / 15.0;
        const auto spend = [&] { return gamma(6.0) / scale; };
        double x = 0.0;
        double last = 0.0;
        double worth = 0.0;
        bool alive = world.law != PurchaseLaw::mbg_nbd || uniform() >= drop;
        for (double t = 0.0; alive;) {
            if (periods) {
                t += 1.0;
                alive = uniform() >= drop;
                if (alive && t <= age + world.ahead && uniform() >= rate) {
                    continue;
                }
            } else {
                t += exponential(rate);
            }
            if (!alive || t > std::min(end, age + world.ahead)) {
                break;
            }
            if (t <= age) {
                x += 1.0;
                last = t;
                worth += spend();
            } else {
                history.purchases += 1.0;
                history.spend += spend();
            }
            alive = periods || uniform() >= drop;
        }
        const std::string id = "c" + std::to_string(i);
        summary.customer_id.push_back(id);
        summary.id_hash.push_back(customer_id_hash(id));
        summary.frequency.push_back(x);
        summary.recency.push_back(last);
        summary.age.push_back(age);
        summary.monetary_value.push_back(x > 0.0 ? worth / x : 0.0);
    }
    return history;
}

/// Of one fit: what it says of itself, and where the total that came lies among its forecasts.
struct FitWorldOutcome {
    FitStatus status = FitStatus::not_converged;
    bool warned = false;
    bool told = false;             ///< that another law has support, and expects something else
    double purchases_below = 0.0;  ///< share of paths below the total that came
    double spend_below = 0.0;
    double bias = 0.0;   ///< log of the forecast's mean over what came
    double width = 0.0;  ///< of the 90% band, over the forecast's mean
};

inline double share_below(const std::vector<double>& values, double actual) {
    double below = 0.0;
    for (const double value : values) {
        below += value < actual ? 1.0 : value == actual ? 0.5 : 0.0;
    }
    return below / static_cast<double>(values.size());
}

inline FitWorldOutcome outcome_of(const FitWorld& world, PurchaseLaw fitted, std::uint64_t seed,
                                  ParameterUncertainty uncertainty = ParameterUncertainty::laplace) {
    std::mt19937_64 engine(seed);
    const FitWorldHistory history = history_of(world, engine);
    PurchaseHistory purchases;
    purchases.summary = history.summary;
    FittedModel model = fit_model(purchases, fitted, true, {}, 1);
    if (uncertainty == ParameterUncertainty::bootstrap) {
        model.bootstrap = fit_bootstrap(history.summary, model.purchase, &*model.spend, 64, seed, 1);
    }
    const double weeks = world.ahead * days_per(unit_of(world.law)) / days_per_week;
    SimulationPlan plan;
    plan.settings.paths = 1'024;
    plan.settings.seed = seed;
    plan.settings.horizon_months = static_cast<int>(std::ceil(weeks / weeks_per_month));
    const RetailColumns columns =
        retail_columns(history.summary, model, {uncertainty, seed, plan.settings.paths, 1.0, ""}, weeks);
    NoProgress progress;
    const PurchaseForecast forecast = make_cpu_backend(1)->forecast_purchases(
        columns, plan, weeks, [](std::size_t, std::span<const std::uint32_t>, std::span<const float>) {}, progress);
    std::vector<double> totals(plan.settings.paths, 0.0);
    for (std::size_t k = 0; k < forecast.purchases.size(); ++k) {
        totals[k % plan.settings.paths] += static_cast<double>(forecast.purchases[k]);
    }
    FitWorldOutcome outcome;
    outcome.status = model.purchase.status;
    outcome.warned = !model.purchase.warnings.empty();
    outcome.told = std::ranges::any_of(model.purchase.warnings, [](const std::string& warning) {
        return warning.find("other laws are about as likely") != std::string::npos;
    });
    outcome.purchases_below = share_below(totals, history.purchases);
    outcome.spend_below = share_below(forecast.spend, history.spend);
    std::ranges::sort(totals);
    double mean = 0.0;
    for (const double total : totals) {
        mean += total / static_cast<double>(totals.size());
    }
    const auto at = [&](double level) {
        return totals[static_cast<std::size_t>(level * static_cast<double>(totals.size() - 1))];
    };
    outcome.bias = std::log(std::max(mean, 1.0) / std::max(history.purchases, 1.0));
    outcome.width = (at(0.95) - at(0.05)) / std::max(mean, 1.0);
    return outcome;
}

/// A kind of worlds, and the law that is fitted to them.
struct FitWorldKind {
    const char* name;
    PurchaseLaw law;
    PurchaseLaw fitted;
    bool rare_dropout;
};

inline constexpr std::array fit_world_kinds{
    FitWorldKind{"a near 0, BG/NBD", PurchaseLaw::bg_nbd, PurchaseLaw::bg_nbd, true},
    FitWorldKind{"a near 0, MBG/NBD", PurchaseLaw::mbg_nbd, PurchaseLaw::mbg_nbd, true},
    FitWorldKind{"s near 0, Pareto/NBD", PurchaseLaw::pareto_nbd, PurchaseLaw::pareto_nbd, true},
    FitWorldKind{"gamma near 0, BG/BB", PurchaseLaw::bg_bb, PurchaseLaw::bg_bb, true},
    FitWorldKind{"BG/NBD", PurchaseLaw::bg_nbd, PurchaseLaw::bg_nbd, false},
    FitWorldKind{"MBG/NBD", PurchaseLaw::mbg_nbd, PurchaseLaw::mbg_nbd, false},
    FitWorldKind{"Pareto/NBD", PurchaseLaw::pareto_nbd, PurchaseLaw::pareto_nbd, false},
    FitWorldKind{"BG/BB", PurchaseLaw::bg_bb, PurchaseLaw::bg_bb, false},
    FitWorldKind{"NBD", PurchaseLaw::nbd, PurchaseLaw::nbd, false},
    FitWorldKind{"NBD, fitted as BG/NBD", PurchaseLaw::nbd, PurchaseLaw::bg_nbd, false},
    FitWorldKind{"NBD, fitted as Pareto/NBD", PurchaseLaw::nbd, PurchaseLaw::pareto_nbd, false},
    FitWorldKind{"BG/NBD, fitted as MBG/NBD", PurchaseLaw::bg_nbd, PurchaseLaw::mbg_nbd, false},
    FitWorldKind{"MBG/NBD, fitted as BG/NBD", PurchaseLaw::mbg_nbd, PurchaseLaw::bg_nbd, false},
    FitWorldKind{"BG/NBD, fitted as Pareto/NBD", PurchaseLaw::bg_nbd, PurchaseLaw::pareto_nbd, false},
    FitWorldKind{"Pareto/NBD, fitted as BG/NBD", PurchaseLaw::pareto_nbd, PurchaseLaw::bg_nbd, false},
    FitWorldKind{"BG/NBD, fitted as NBD", PurchaseLaw::bg_nbd, PurchaseLaw::nbd, false},
};

/// The first parameters around those of public data, by a factor whose logarithm has a standard deviation of .3;
/// dropout likewise, or once in 30 to 10,000 chances (weeks of 10 for Pareto/NBD).
inline FitWorld world_of(const FitWorldKind& kind, std::uint64_t seed) {
    std::mt19937_64 engine(seed * 7'919 + 11);
    std::normal_distribution<> normal(0.0, 0.3);
    std::uniform_real_distribution<> uniform(0.0, 1.0);
    FitWorld world{kind.law, {}, 300, 52.0, 52.0};
    switch (kind.law) {
        case PurchaseLaw::bg_nbd:
        case PurchaseLaw::mbg_nbd:
            world.parameters = {0.8, 8.0, 0.8, 2.4};
            break;
        case PurchaseLaw::pareto_nbd:
            world.parameters = {0.8, 8.0, 0.6, 12.0};
            break;
        case PurchaseLaw::bg_bb:
            world = {kind.law, {1.2, 0.75, 0.65, 6.0}, 300, 12.0, 12.0};
            break;
        case PurchaseLaw::nbd:
            world.parameters = {0.8, 8.0, 0.0, 0.0};
            break;
    }
    for (double& parameter : world.parameters) {
        parameter *= std::exp(normal(engine));
    }
    if (kind.rare_dropout) {
        const double chance = std::pow(10.0, -1.5 - 2.5 * uniform(engine));
        const double together = std::pow(10.0, uniform(engine));
        const bool in_time = kind.law == PurchaseLaw::pareto_nbd;
        world.parameters[2] = in_time ? together : together * chance;
        world.parameters[3] = in_time ? 10.0 * together / chance : together * (1.0 - chance);
    }
    return world;
}

}  // namespace clv::test
