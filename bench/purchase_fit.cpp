// Time of one fit of BG/NBD to customers like CDNOW's, which it writes for the peer: x, t_x, T as doubles.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "clv/models/purchase_fit.hpp"
#include "purchase_world.hpp"

int main(int argc, char** argv) {
    CLI::App app("Time of a fit of BG/NBD");
    std::size_t customers = 1'000'000;
    int repeats = 3;
    std::string data;
    app.add_option("--customers", customers);
    app.add_option("--repeats", repeats);
    app.add_option("--data", data, "where to write the customers");
    CLI11_PARSE(app, argc, argv);
    const clv::PurchaseSummary world = clv::bench::cdnow_like(customers);
    if (!data.empty()) {
        std::ofstream out(data, std::ios::binary);
        for (const std::vector<double>* column : {&world.frequency, &world.recency, &world.age}) {
            out.write(reinterpret_cast<const char*>(column->data()),
                      static_cast<std::streamsize>(column->size() * sizeof(double)));
        }
    }
    nlohmann::json seconds;
    clv::PurchaseFit fit;
    for (int i = 0; i < repeats; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        fit = clv::fit_purchases(world, clv::PurchaseLaw::bg_nbd);
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    std::cout << nlohmann::json{{"seconds", seconds},
                                {"parameters", fit.model.parameters},
                                {"standard_errors", fit.standard_errors},
                                {"log_likelihood", fit.log_likelihood},
                                {"status", clv::to_string(fit.status)}}
                     .dump()
              << '\n';
    return 0;
}
