// Futures of customers from given posterior draws of BG/NBD: purchases and spend of the next 39 weeks, path by path, on
// all threads. Reads x, t_x, T and r, alpha, a, b, column by column, and writes the means of purchases and their
// standard errors, all as doubles.

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "clv/core/parallel.hpp"
#include "clv/data/tables/content_hash.hpp"
#include "clv/simulation/backend.hpp"

namespace {

std::vector<double> read(const std::string& file) {
    std::vector<double> values(std::filesystem::file_size(file) / sizeof(double));
    std::ifstream(file, std::ios::binary)
        .read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(double)));
    return values;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Time of drawing customers' futures");
    std::string customers_file;
    std::string draws_file;
    std::string out_file;
    int threads = 0;
    int repeats = 5;
    int paths_per_draw = 1;
    double weeks = 39.0;
    app.add_option("customers", customers_file)->required();
    app.add_option("draws", draws_file, "as many as a power of two")->required();
    app.add_option("out", out_file)->required();
    app.add_option("--threads", threads, "0: as many as the machine has");
    app.add_option("--repeats", repeats);
    app.add_option("--paths-per-draw", paths_per_draw);
    app.add_option("--weeks", weeks);
    CLI11_PARSE(app, argc, argv);
    const std::vector<double> data = read(customers_file);
    const std::vector<double> posterior = read(draws_file);
    const std::size_t n = data.size() / 3;
    const std::size_t draws = posterior.size() / 4;

    clv::RetailColumns columns;
    for (std::size_t i = 0; i < n; ++i) {
        columns.id_hash.push_back(clv::customer_id_hash(std::to_string(i)));
        columns.frequency.push_back(data[i]);
        columns.recency.push_back(data[n + i]);
        columns.age.push_back(data[2 * n + i]);
        columns.monetary_value.push_back(data[i] > 0.0 ? 35.0 : 0.0);
    }
    columns.margin.assign(n, 1.0);
    for (std::size_t k = 0; k < draws; ++k) {
        columns.draws.push_back(
            {{posterior[k], posterior[draws + k], posterior[2 * draws + k], posterior[3 * draws + k]},
             {6.25, 3.74, 15.44},
             {}});
    }
    clv::SimulationPlan plan;
    plan.settings.paths = static_cast<std::int64_t>(draws) * paths_per_draw;
    plan.settings.horizon_months = static_cast<int>(std::ceil(weeks / clv::weeks_per_month));

    std::vector<double> figures(2 * n);
    const auto take = [&](std::size_t i, std::span<const std::uint32_t> purchases, std::span<const float>) {
        std::uint64_t sum = 0;
        std::uint64_t squares = 0;
        for (const std::uint32_t count : purchases) {
            sum += count;
            squares += std::uint64_t{count} * count;
        }
        const auto paths = static_cast<double>(purchases.size());
        figures[i] = static_cast<double>(sum) / paths;
        figures[n + i] = std::sqrt((static_cast<double>(squares) / paths - figures[i] * figures[i]) / paths);
    };
    nlohmann::json seconds;
    for (int i = 0; i <= repeats; ++i) {  // the first warms up
        clv::NoProgress progress;
        const auto begin = std::chrono::steady_clock::now();
        (void)clv::make_cpu_backend(threads)->forecast_purchases(columns, plan, weeks, take, progress);
        if (i > 0) {
            seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
        }
    }
    std::ofstream(out_file, std::ios::binary)
        .write(reinterpret_cast<const char*>(figures.data()),
               static_cast<std::streamsize>(figures.size() * sizeof(double)));
    std::cout << nlohmann::json{{"seconds", seconds},
                                {"threads", clv::thread_count(threads)},
                                {"futures", static_cast<double>(n) * static_cast<double>(plan.settings.paths)}}
                     .dump()
              << '\n';
    return 0;
}
