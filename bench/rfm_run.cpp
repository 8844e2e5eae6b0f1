// Times the way from a transactions file to the summary that purchase models read, file reading included, and prints
// the seconds of every run as JSON. With --summary the result of the last run is written as a CSV file. bench/rfm.py
// calls it.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/data/histories/transactions_reader.hpp"

namespace clv::bench {
namespace {

void write(const PurchaseSummary& summary, const std::string& path) {
    std::string text = "customer_id,frequency,recency,T,monetary_value\n";
    for (std::size_t i = 0; i < summary.size(); ++i) {
        fmt::format_to(std::back_inserter(text), "{},{},{},{},{}\n", summary.customer_id[i], summary.frequency[i],
                       summary.recency[i], summary.age[i], summary.monetary_value[i]);
    }
    std::ofstream(path, std::ios::binary) << text;
}

int run(int argc, char** argv) {
    std::vector<std::filesystem::path> files(1);
    std::string summary;
    int repeats = 3;
    TransactionSettings settings;
    CLI::App app("Times the reading of transactions and prints JSON");
    app.add_option("file", files[0])->required();
    app.add_option("--threads", settings.threads, "0: all that the machine has")->check(CLI::NonNegativeNumber);
    app.add_option("--memory-mb", settings.memory_mb)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--repeats", repeats)->check(CLI::PositiveNumber)->capture_default_str();
    app.add_option("--summary", summary, "file for the summary");
    CLI11_PARSE(app, argc, argv);

    nlohmann::json seconds = nlohmann::json::array();
    NoProgress progress;
    TransactionsRead read;
    for (int repeat = 0; repeat < repeats; ++repeat) {
        read = {};
        const auto begin = std::chrono::steady_clock::now();
        read = read_transactions(files, settings, {}, progress);
        seconds.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    require_accepted(read.report, OnFault::refuse);
    if (!summary.empty()) {
        write(read.history.summary, summary);
    }
    const nlohmann::json result{{"rows", read.report.rows_read},
                                {"customers", read.history.summary.size()},
                                {"runs", read.counts.runs},
                                {"seconds", seconds}};
    std::cout << result.dump() << "\n";
    return 0;
}

}  // namespace
}  // namespace clv::bench

int main(int argc, char** argv) {
    try {
        return clv::bench::run(argc, argv);
    } catch (const std::exception& error) {
        std::cerr << error.what() << "\n";
        return 1;
    }
}
