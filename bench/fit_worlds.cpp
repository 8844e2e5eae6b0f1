// Do the bands of totals hold what comes? Worlds of 300 customers with known parameters, fitted, forecast for as long
// again as their eldest customer was observed, and compared with what came: where dropout is next to nothing, where
// the law is the right one, and where it is another's. Of 200 worlds 171 to 189 lie in a 90% band by chance alone
// (two standard errors).

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <vector>

#include "clv/core/parallel.hpp"
#include "support/fit_worlds.hpp"

namespace {

struct Timed {
    clv::test::FitWorldOutcome outcome;
    double seconds = 0.0;
};

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Coverage of forecast totals");
    int worlds = 200;
    int threads = 0;
    std::string uncertainty = "laplace";
    std::string only;
    app.add_option("--worlds", worlds, "of every kind");
    app.add_option("--threads", threads);
    app.add_option("--uncertainty", uncertainty)->check(CLI::IsMember({"none", "laplace", "bootstrap"}));
    app.add_option("--kind", only, "kinds whose name holds this");
    CLI11_PARSE(app, argc, argv);
    const auto of = uncertainty == "none"      ? clv::ParameterUncertainty::none
                    : uncertainty == "laplace" ? clv::ParameterUncertainty::laplace
                                               : clv::ParameterUncertainty::bootstrap;
    fmt::print(
        "| world | converged | warned | told | 90% of purchases | below | above | 90% of spend | median width | bias | "
        "s, "
        "longest |\n");
    for (const clv::test::FitWorldKind& kind : clv::test::fit_world_kinds) {
        if (std::string(kind.name).find(only) == std::string::npos) {
            continue;
        }
        std::vector<Timed> all(static_cast<std::size_t>(worlds));
        clv::for_each_block(threads, all.size(), [&](std::size_t, std::size_t k) {
            const auto begin = std::chrono::steady_clock::now();
            all[k].outcome = clv::test::outcome_of(clv::test::world_of(kind, k), kind.fitted, k, of);
            all[k].seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
        });
        const auto share = [&](auto holds) {
            return 100.0 *
                   static_cast<double>(
                       std::ranges::count_if(all, [&](const Timed& timed) { return holds(timed.outcome); })) /
                   worlds;
        };
        const auto within = [](double below) { return below > 0.05 && below < 0.95; };
        std::vector<double> widths;
        double bias = 0.0;
        double longest = 0.0;
        for (const Timed& timed : all) {
            widths.push_back(timed.outcome.width);
            bias += timed.outcome.bias / worlds;
            longest = std::max(longest, timed.seconds);
        }
        std::ranges::sort(widths);
        using Outcome = clv::test::FitWorldOutcome;
        fmt::print(
            "| {} | {:.1f}% | {:.1f}% | {:.1f}% | {:.1f}% | {:.1f}% | {:.1f}% | {:.1f}% | {:.2f} | {:+.3f} | {:.1f} "
            "|\n",
            kind.name, share([](const Outcome& o) { return o.status == clv::FitStatus::converged; }),
            share([](const Outcome& o) { return o.warned; }), share([](const Outcome& o) { return o.told; }),
            share([&](const Outcome& o) { return within(o.purchases_below); }),
            share([](const Outcome& o) { return o.purchases_below <= 0.05; }),
            share([](const Outcome& o) { return o.purchases_below >= 0.95; }),
            share([&](const Outcome& o) { return within(o.spend_below); }), widths[widths.size() / 2], bias, longest);
        std::fflush(stdout);
    }
    return 0;
}
