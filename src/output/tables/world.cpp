#include "clv/output/tables/world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/data/worlds/synthetic.hpp"
#include "clv/models/hazards.hpp"
#include "clv/output/tables/world_writer.hpp"
#include "clv/population/subscription_population.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/closed_form.hpp"

namespace clv {

namespace {

/// What the market does to the hazards of generated customers; nothing where it leaves them alone.
std::optional<MarketSurvival> market_survival(const WorldSettings& settings) {
    if (settings.market.hazard_sensitivity == 0.0) {
        return std::nullopt;
    }
    const auto& [least, most] = generated_churn_probabilities;
    return MarketSurvival(settings.market, settings.simulation.horizon_months, settings.actions,
                          {-elementary::log1p(-least) * (1.0 - 1e-6), -elementary::log1p(-most) * (1.0 + 1e-6)},
                          {0.0, largest_generated_beta}, settings.threads);
}

/// What is true of `part`, whose columns it takes.
Truth truth_of(CustomerTable& part, const WorldSettings& settings, const MarketSurvival* market, Progress& progress) {
    Truth truth;
    truth.clv_mean.resize(part.size());
    for (std::size_t i = 0; i < part.size(); ++i) {
        truth.hazard_month_1.push_back(-elementary::log1p(-std::as_const(part).churn_probability[i]));
    }
    for (const Action& action : settings.actions) {
        truth.actions.push_back(action.name);
        truth.uplift.emplace_back(part.size());
    }
    SurvivalSettings survival;
    survival.source = SurvivalSource::churn_probability;
    const SubscriptionColumns columns =
        take_subscription_columns(part, fit_survival(part, survival, settings.simulation.horizon_months).hazards);
    constexpr std::size_t block = 64;
    const std::size_t blocks = (columns.size() + block - 1) / block;
    for_each_block(settings.threads, blocks, [&](std::size_t /*slot*/, std::size_t number) {
        throw_if_interrupted();
        const std::size_t end = std::min((number + 1) * block, columns.size());
        for (std::size_t i = number * block; i < end; ++i) {
            const auto mean_under = [&](const Action* action, std::size_t alternative) {
                std::optional<MarketOfCustomers> in_market;
                if (market != nullptr) {
                    in_market.emplace(*market, alternative);
                }
                return expected_value(columns, i, settings.simulation, action, max_horizon_months,
                                      in_market ? &*in_market : nullptr)
                    .clv;
            };
            truth.clv_mean[i] = mean_under(nullptr, 0);
            for (std::size_t a = 0; a < settings.actions.size(); ++a) {
                truth.uplift[a][i] = mean_under(&settings.actions[a], a + 1) - truth.clv_mean[i];
            }
        }
        progress.advance(end - number * block);
    });
    return truth;
}

}  // namespace

std::filesystem::path write_world(const WorldSettings& settings, OutputSet& outputs, Progress& progress) {
    if (settings.generate.kind != "subscription") {
        throw ConfigError("no kind of world is named: give --kind subscription or --kind retail");
    }
    constexpr std::int64_t customers_per_part = 1 << 16;  // in memory at a time
    const std::filesystem::path customers_file = outputs.path("customers.csv");
    CustomersCsv customers_csv(customers_file);
    TruthCsv truth_csv(outputs.path("truth.csv"));
    progress.begin("generating customers",
                   static_cast<std::uint64_t>(std::max<std::int64_t>(settings.generate.customers, 0)));
    const std::optional<MarketSurvival> market = market_survival(settings);
    std::int64_t first = 0;
    do {
        SyntheticWorld part = make_subscription_world(settings.generate, first, customers_per_part);
        customers_csv.append(part);
        Truth truth = truth_of(part.customers, settings, market ? &*market : nullptr, progress);
        truth.churn_probability = std::move(part.past_churn_probability);
        truth_csv.append(part.customers, truth);
        first += customers_per_part;
    } while (first < settings.generate.customers);
    progress.end();
    customers_csv.close();
    truth_csv.close();
    return customers_file;
}

}  // namespace clv
