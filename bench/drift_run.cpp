// Times the drift of many columns between two samples, and prints seconds, peak memory and what was found as JSON.
// bench/drift.py calls it and compares the findings with those of pandas and scipy.
//
//   clv_drift_run FOLDER     FOLDER/columns.json: rows, numbers and the sizes of categories; FOLDER/numbers.bin and
//                            FOLDER/codes.bin: column after column, baseline before current, doubles and 32-bit codes

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "clv/monitoring/drift/columns.hpp"

namespace clv::bench {
namespace {

/// Of the process so far; getrusage() would count what the parent had before this program began.
double peak_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == "VmHWM:") {
            double kib = 0.0;
            status >> kib;
            return kib / 1024.0;
        }
    }
    return 0.0;
}

template <class T>
std::vector<T> read_all(const std::filesystem::path& path, std::size_t count) {
    std::vector<T> values(count);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(T)))) {
        throw std::runtime_error(path.string() + " does not hold all columns");
    }
    return values;
}

int run(int argc, char** argv) {
    std::filesystem::path folder;
    DriftSettings settings;
    CLI::App app("Times the drift of many columns, and prints JSON");
    app.add_option("folder", folder)->required();
    app.add_option("--threads", settings.threads, "0: all that the machine has")->check(CLI::NonNegativeNumber);
    CLI11_PARSE(app, argc, argv);
    std::ifstream file(folder / "columns.json");
    const auto shape = nlohmann::json::parse(file);
    const auto rows = shape.at("rows").get<std::size_t>();
    const auto count = shape.at("numbers").get<std::size_t>();
    const auto categories = shape.at("categories").get<std::vector<std::uint32_t>>();
    const auto numbers = read_all<double>(folder / "numbers.bin", 2 * rows * count);
    const auto codes = read_all<std::uint32_t>(folder / "codes.bin", 2 * rows * categories.size());
    std::vector<SampledColumn> columns;
    for (std::size_t k = 0; k < count; ++k) {
        const auto both = std::span(numbers).subspan(2 * k * rows, 2 * rows);
        columns.push_back({"n" + std::to_string(k), NumberSamples{both.first(rows), both.last(rows)}});
    }
    for (std::size_t k = 0; k < categories.size(); ++k) {
        const auto both = std::span(codes).subspan(2 * k * rows, 2 * rows);
        columns.push_back({"c" + std::to_string(k), CategorySamples{both.first(rows), both.last(rows), categories[k]}});
    }
    nlohmann::json result{{"data_mib", peak_mib()}};
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<ColumnDrift> drifts = compare_columns(columns, settings);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    result["seconds"] = took.count();
    result["peak_mib"] = peak_mib();
    for (const ColumnDrift& drift : drifts) {
        result["columns"].push_back({{"name", drift.name},
                                     {"statistic", drift.statistic},
                                     {"p_value", drift.p_value},
                                     {"drifts", drift.drifts},
                                     {"psi", drift.psi.value},
                                     {"difference", drift.difference.value}});
    }
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
