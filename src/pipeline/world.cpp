#include "world.hpp"

#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/synthetic.hpp"
#include "clv/models/hazards.hpp"
#include "clv/output/results_writer.hpp"
#include "clv/pipeline/population.hpp"
#include "clv/random/elementary.hpp"
#include "clv/simulation/closed_form.hpp"

namespace clv {

std::filesystem::path write_world(const RunConfig& config, OutputSet& outputs, Progress& progress) {
    if (config.generate.kind != "subscription") {
        throw ConfigError("no kind of world is named: give --kind subscription");
    }
    const SyntheticWorld world = make_subscription_world(config.generate);
    const std::filesystem::path customers_file = outputs.path("customers.csv");
    write_customers_csv(customers_file, world);

    const CustomerTable& customers = world.customers;
    SurvivalSettings survival;
    survival.source = SurvivalSource::churn_probability;
    const PathColumns columns =
        path_columns(customers, fit_survival(customers, survival, config.simulation.horizon_months).hazards);
    std::vector<double> hazard(customers.size());
    std::vector<double> clv_mean(customers.size());
    Truth truth;
    for (const Action& action : config.actions) {
        truth.actions.push_back(action.name);
        truth.uplift.emplace_back(customers.size());
    }
    progress.begin("computing the truth", customers.size());
    constexpr std::size_t block = 64;
    tbb::parallel_for(std::size_t{0}, (customers.size() + block - 1) / block, [&](std::size_t number) {
        throw_if_interrupted();
        const std::size_t end = std::min((number + 1) * block, customers.size());
        for (std::size_t i = number * block; i < end; ++i) {
            hazard[i] = -elementary::log1p(-customers.churn_probability[i]);
            clv_mean[i] = expected_value(columns, i, config.simulation).clv;
            for (std::size_t a = 0; a < config.actions.size(); ++a) {
                truth.uplift[a][i] =
                    expected_value(columns, i, config.simulation, &config.actions[a]).clv - clv_mean[i];
            }
        }
        progress.advance(end - number * block);
    });
    progress.end();
    truth.hazard_month_1 = hazard;
    truth.clv_mean = clv_mean;
    write_truth_csv(outputs.path("truth.csv"), customers, truth);
    return customers_file;
}

}  // namespace clv
