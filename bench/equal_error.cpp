// Time to equal standard error: how much sooner the quasi-random samplers know a customer's mean, 5% quantile and CVaR
// as well as plain sampling does. For customers of the quickstart world: (variance under philox x its time per path) /
// (variance x time per path of the sampler), variances over independent seeds and not from reported errors; the median
// over customers and their quartiles. Prints JSON; scripts/bench calls it.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <ctime>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/config/load_config.hpp"
#include "clv/core/errors.hpp"
#include "clv/data/worlds/synthetic.hpp"
#include "clv/models/hazards.hpp"
#include "clv/population/population.hpp"
#include "clv/population/subscription_population.hpp"
#include "clv/simulation/backend.hpp"

namespace clv::bench {
namespace {

constexpr std::array<const char*, 3> figures{"mean", "5% quantile", "CVaR 5%"};
constexpr std::array<const char*, 3> samplers{"philox", "stratified", "sobol"};

/// Of one sampler.
struct Measured {
    std::array<std::vector<double>, figures.size()> variance;  ///< [figure][customer], over seeds
    std::array<std::vector<double>, figures.size()> reported;  ///< [figure][customer]: mean squared standard error
    double seconds = 0.0;                                      ///< of a processor, in the fastest run
};

/// Mean and variance of a stream of numbers.
class Spread {
  public:
    void add(double x) {
        ++count_;
        const double distance = x - mean_;
        mean_ += distance / count_;
        squares_ += distance * (x - mean_);
    }
    [[nodiscard]] double mean() const { return mean_; }
    [[nodiscard]] double variance() const { return squares_ / (count_ - 1.0); }

  private:
    double count_ = 0.0;
    double mean_ = 0.0;
    double squares_ = 0.0;
};

/// Values and squared standard errors of every figure of every customer, run after run.
class Figures {
  public:
    explicit Figures(std::size_t customers) {
        values_.fill(std::vector<Spread>(customers));
        squared_errors_.fill(std::vector<Spread>(customers));
    }
    void add(const ClvFigures& clv) {
        const std::array<const std::vector<double>*, figures.size()> of_figure{&clv.mean, &clv.quantiles[0], &clv.cvar};
        const std::array<const std::vector<double>*, figures.size()> errors{&clv.se, &clv.quantile_se[0], &clv.cvar_se};
        for (std::size_t figure = 0; figure < figures.size(); ++figure) {
            for (std::size_t i = 0; i < values_[figure].size(); ++i) {
                values_[figure][i].add((*of_figure[figure])[i]);
                squared_errors_[figure][i].add((*errors[figure])[i] * (*errors[figure])[i]);
            }
        }
    }
    void finish(Measured& measured) const {
        for (std::size_t figure = 0; figure < figures.size(); ++figure) {
            for (std::size_t i = 0; i < values_[figure].size(); ++i) {
                measured.variance[figure].push_back(values_[figure][i].variance());
                measured.reported[figure].push_back(squared_errors_[figure][i].mean());
            }
        }
    }

  private:
    std::array<std::vector<Spread>, figures.size()> values_;
    std::array<std::vector<Spread>, figures.size()> squared_errors_;
};

/// One run of every sampler after the other, seed by seed, so that all of them see the machine in the same state.
std::array<Measured, samplers.size()> measure(const SubscriptionColumns& columns, SimulationPlan plan,
                                              std::uint64_t seeds) {
    CpuSettings one_thread;
    one_thread.threads = 1;
    const auto backend = make_cpu_backend(one_thread);
    std::array<Measured, samplers.size()> measured;
    std::vector<Figures> values(samplers.size(), Figures(columns.size()));
    NoProgress progress;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        for (const Sampler sampler : {Sampler::philox, Sampler::stratified, Sampler::sobol}) {
            const auto s = static_cast<std::size_t>(sampler);
            plan.settings.seed = seed;
            plan.settings.sampler = sampler;
            const std::clock_t start = std::clock();
            const SimulationResult result = backend->run(columns, plan, progress);
            const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
            measured[s].seconds = seed == 1 ? seconds : std::min(measured[s].seconds, seconds);
            values[s].add(result.actions[0]);
        }
    }
    for (std::size_t s = 0; s < samplers.size(); ++s) {
        values[s].finish(measured[s]);
    }
    return measured;
}

double order_statistic(std::vector<double> values, double level) {
    const auto rank = static_cast<std::size_t>(level * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(rank), values.end());
    return values[rank];
}

/// Without 0 / 0: customers of whom every path is the same.
std::vector<double> ratios(const std::vector<double>& above, const std::vector<double>& below, double factor) {
    std::vector<double> all;
    for (std::size_t i = 0; i < above.size(); ++i) {
        if (above[i] != 0.0 || below[i] != 0.0) {
            all.push_back(above[i] / below[i] * factor);
        }
    }
    return all;
}

struct Flags {
    std::string config = "configs/quickstart.toml";
    std::vector<std::string> overrides;
    std::size_t customers = 500;
    std::uint64_t seeds = 300;
    std::vector<std::int64_t> paths{2'000, 10'000};
};

void report(const Flags& flags, std::int64_t paths, const SubscriptionColumns& columns, SimulationPlan plan,
            nlohmann::json& rows) {
    plan.settings.paths = paths;
    const auto measured = measure(columns, plan, flags.seeds);
    const auto count = static_cast<double>(columns.size()) * static_cast<double>(paths);
    for (std::size_t s = 0; s < samplers.size(); ++s) {
        const double slower = measured[s].seconds / measured[0].seconds;
        for (std::size_t figure = 0; figure < figures.size(); ++figure) {
            const auto variance = ratios(measured[0].variance[figure], measured[s].variance[figure], 1.0);
            const auto time = ratios(measured[0].variance[figure], measured[s].variance[figure], 1.0 / slower);
            const auto honest = ratios(measured[s].reported[figure], measured[s].variance[figure], 1.0);
            rows.push_back({{"paths", paths},
                            {"sampler", samplers[s]},
                            {"figure", figures[figure]},
                            {"ns_per_path", measured[s].seconds / count * 1e9},
                            {"variance_ratio", order_statistic(variance, 0.5)},
                            {"time_ratio_quartiles",
                             {order_statistic(time, 0.25), order_statistic(time, 0.5), order_statistic(time, 0.75)}},
                            {"reported_variance_over_seen", order_statistic(honest, 0.5)}});
        }
    }
}

void compare(const Flags& flags) {
    ConfigSources sources{flags.config, {}};
    for (const std::string& each : flags.overrides) {
        sources.overrides.push_back(parse_override(each));
    }
    RunConfig config = load_config(sources);
    config.generate.customers = static_cast<std::int64_t>(flags.customers);
    SurvivalSettings survival;
    survival.source = SurvivalSource::churn_probability;
    CustomerTable customers = make_subscription_world(config.generate).customers;
    const SurvivalFit fit = fit_survival(customers, survival, config.simulation.horizon_months);
    const SubscriptionColumns columns = take_subscription_columns(customers, fit.hazards);
    SimulationPlan plan;
    plan.settings = config.simulation;
    plan.settings.quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
    plan.settings.cvar_level = 0.05;
    plan.settings.cashflow = false;
    plan.market = config.market;
    nlohmann::json rows = nlohmann::json::array();
    for (const std::int64_t paths : flags.paths) {
        report(flags, paths, columns, plan, rows);
    }
    std::cout << nlohmann::json{{"customers", flags.customers}, {"seeds", flags.seeds}, {"rows", rows}} << '\n';
}

}  // namespace
}  // namespace clv::bench

int main(int argc, char** argv) {
    clv::bench::Flags flags;
    CLI::App app("Compares samplers by the time they need for the same standard error; prints JSON");
    app.add_option("--config", flags.config)->capture_default_str();
    app.add_option("--set", flags.overrides, "section.key=value");
    app.add_option("--customers", flags.customers)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--seeds", flags.seeds, "independent runs of each sampler")
        ->check(CLI::Range(2, 1'000'000))
        ->capture_default_str();
    app.add_option("--paths", flags.paths, "of every customer; several are several tables")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        clv::bench::compare(flags);
        return 0;
    } catch (const clv::Error& error) {
        std::cerr << "clv_equal_error: " << error.what() << '\n';
        return static_cast<int>(error.exit_code());
    }
}
