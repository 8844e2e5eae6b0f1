// Times whole runs of the engine on one piece of work, without input and output, and prints as JSON: the work, the
// seconds of every run, the figures of every customer, and their digest. scripts/bench calls it.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/simulation/backend.hpp"
#include "rank_grid.hpp"
#include "support/digest.hpp"
#include "work.hpp"

namespace clv::bench {
namespace {

struct Flags {
    Work work;
    int threads = 1;
    std::string backend = "cpu";
    std::string figures = "all";
    std::string sampler = "philox";
    int repeats = 5;
    std::size_t grid_customers = 512;
};

Flags parse(int argc, char** argv) {
    Flags flags;
    CLI::App app("Times the engine on one piece of work and prints JSON");
    app.add_option("--customers", flags.work.customers)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--paths", flags.work.paths, "of every customer")->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--months", flags.work.horizon_months)
        ->check(CLI::Range(1, max_horizon_months))
        ->capture_default_str();
    app.add_option("--actions", flags.work.actions)->check(CLI::Range(0, max_actions))->capture_default_str();
    app.add_option("--churn", flags.work.monthly_churn, "monthly probability; customers lie within a third of it")
        ->check(CLI::Range(0.0, 0.5))
        ->capture_default_str();
    app.add_option("--seed", flags.work.seed)->capture_default_str();
    app.add_option("--figures", flags.figures, "all: also quantiles and CVaR")
        ->check(CLI::IsMember({"all", "moments"}))
        ->capture_default_str();
    app.add_option("--sampler", flags.sampler)
        ->check(CLI::IsMember({"philox", "stratified", "sobol"}))
        ->capture_default_str();
    app.add_option("--threads", flags.threads, "0: all that the machine has")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    app.add_option("--backend", flags.backend)->check(CLI::IsMember({"cpu", "cuda"}))->capture_default_str();
    app.add_option("--repeats", flags.repeats, "timed runs, after one that is not")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--grid-customers", flags.grid_customers, "customers whose quantiles peers are compared with")
        ->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage));
    }
    flags.work.moments_only = flags.figures == "moments";
    return flags;
}

std::unique_ptr<Backend> make_backend(const Flags& flags) {
    if (flags.backend == "cpu") {
        return make_cpu_backend(flags.threads);
    }
#ifdef CLV_HAVE_CUDA
    auto backend = make_cuda_backend();
    if (!backend->capabilities().available) {
        throw BackendError("backend cuda is not available: " + backend->capabilities().description);
    }
    return backend;
#else
    throw BackendError("this build has no CUDA backend");
#endif
}

nlohmann::json figures(const SimulationResult& result, bool moments_only) {
    nlohmann::json all = nlohmann::json::array();
    for (const ClvFigures& clv : result.actions) {
        nlohmann::json one{{"mean", clv.mean}, {"se", clv.se}, {"sd", clv.sd}};
        if (!moments_only) {
            one["quantiles"] = clv.quantiles;
            one["quantile_se"] = clv.quantile_se;
            one["cvar"] = clv.cvar;
            one["cvar_se"] = clv.cvar_se;
        }
        all.push_back(one);
    }
    return all;
}

nlohmann::json measure(const Flags& flags) {
    const std::unique_ptr<Backend> backend = make_backend(flags);
    const SubscriptionColumns columns = columns_of(flags.work);
    SimulationPlan plan = plan_of(flags.work);
    plan.settings.sampler = flags.sampler == "stratified" ? Sampler::stratified
                            : flags.sampler == "sobol"    ? Sampler::sobol
                                                          : Sampler::philox;
    NoProgress progress;
    SimulationResult result = backend->run(columns, plan, progress);
    std::vector<double> seconds;
    for (int repeat = 0; repeat < flags.repeats; ++repeat) {
        const auto start = std::chrono::steady_clock::now();
        result = backend->run(columns, plan, progress);
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    }
    const double path_months =
        static_cast<double>(flags.work.customers) * static_cast<double>(flags.work.paths) * flags.work.horizon_months;
    nlohmann::json report{{"backend", flags.backend},
                          {"device", backend->capabilities().description},
                          {"sampler", flags.sampler},
                          {"work", specification(flags.work, columns, plan)},
                          {"seconds", seconds},
                          {"path_months_per_second", path_months / *std::min_element(seconds.begin(), seconds.end())},
                          {"alternatives", figures(result, flags.work.moments_only)},
                          {"digest", fmt::format("{:016x}", test::digest(result))}};
    if (!flags.work.moments_only && flags.grid_customers > 0) {
        report["rank_grid"] = rank_grid(flags.work, flags.grid_customers, *make_cpu_backend(0));
    }
    return report;
}

}  // namespace
}  // namespace clv::bench

int main(int argc, char** argv) {
    const clv::bench::Flags flags = clv::bench::parse(argc, argv);
    try {
        std::cout << clv::bench::measure(flags) << '\n';
        return 0;
    } catch (const clv::Error& error) {
        std::cerr << "clv_engine_run: " << error.what() << '\n';
        return static_cast<int>(error.exit_code());
    } catch (const std::exception& error) {
        std::cerr << "clv_engine_run: " << error.what() << '\n';
        return static_cast<int>(clv::ExitCode::internal);
    }
}
