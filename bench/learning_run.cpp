// Times the way from a file to features, scores, contributions and their spread, step by step, and prints seconds, peak
// memory and digests of what came out as JSON. bench/learning_features.py calls it and compares the features.
//
//   clv_learning_run purchases FILE             transactions to features of every customer
//   clv_learning_run attributes FILE LEARNER     attributes to what a learner says of every customer
//
// With --out the features go to FOLDER/features.bin, of purchases column after column and of customers row after row,
// and the ids to FOLDER/ids.txt.

#include <fmt/format.h>
#include <xxhash.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/data/histories/transactions_reader.hpp"
#include "clv/data/readers/csv_reader.hpp"
#include "clv/data/readers/customers_reader.hpp"
#include "clv/data/tables/parse_date.hpp"
#include "clv/data/tables/parse_number.hpp"
#include "clv/features/purchase_features.hpp"
#include "clv/learning/learn_churn.hpp"
#include "clv/output/documents/learner_file.hpp"
#include "clv/output/tables/learning_writer.hpp"

namespace clv::bench {
namespace {

struct Options {
    std::string file;
    std::string learner;
    std::string out;
    int threads = 0;
    bool scores = true;
    bool parses = false;
};

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

class Steps {
  public:
    template <class Work>
    auto operator()(const char* name, Work work) {
        const auto begin = std::chrono::steady_clock::now();
        auto result = work();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        steps_.push_back({{"step", name}, {"seconds", took.count()}, {"peak_mib", peak_mib()}});
        return result;
    }
    [[nodiscard]] const nlohmann::json& list() const noexcept { return steps_; }

  private:
    nlohmann::json steps_ = nlohmann::json::array();
};

template <class T>
std::string digest(const std::vector<T>& values) {
    return fmt::format("{:016x}", XXH3_64bits(values.data(), values.size() * sizeof(T)));
}

template <class T>
void write(const std::string& folder, const IdColumn& ids, const std::vector<std::vector<T>>& columns) {
    std::ofstream file(folder + "/features.bin", std::ios::binary);
    for (const std::vector<T>& column : columns) {
        file.write(reinterpret_cast<const char*>(column.data()),
                   static_cast<std::streamsize>(column.size() * sizeof(T)));
    }
    std::ofstream names(folder + "/ids.txt", std::ios::binary);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        names << ids[i] << '\n';
    }
}

/// Rows, days and revenue of a file, and nothing else done with them: what reading costs whoever makes features.
double parsed(const std::string& file) {
    CsvReader reader{std::filesystem::path(file)};
    double sum = 0.0;
    while (reader.next()) {
        const auto day = parse_date(reader[1], DateFormat::iso);
        sum += parse_number(reader[2]).value + (day ? static_cast<double>(day->time_since_epoch().count()) : 0.0);
    }
    return sum;
}

nlohmann::json purchases(const Options& options) {
    Steps step;
    if (options.parses) {
        const double sum = step("parse alone", [&] { return parsed(options.file); });
        return {{"sum", sum}, {"steps", step.list()}};
    }
    const std::vector<std::filesystem::path> files{options.file};
    TransactionSettings settings;
    settings.threads = options.threads;
    PurchaseFeatureBuilder builder(TimeUnit::week);
    NoProgress progress;
    const TransactionsRead read =
        step("read", [&] { return read_transactions(files, settings, {}, progress, {}, &builder); });
    require_accepted(read.report, OnFault::refuse);
    const PurchaseSummary& summary = read.history.summary;
    std::vector<std::string> names{"frequency", "recency", "T"};
    std::vector<std::vector<double>> columns{std::vector<double>(summary.frequency.begin(), summary.frequency.end()),
                                             summary.recency, summary.age};
    step("features", [&] {
        const PurchaseFeatures features = std::move(builder).finish();
        const std::span<const PurchaseFeature> all = purchase_features();
        const std::size_t first = columns.size();
        for (const PurchaseFeature& feature : all) {
            names.push_back(feature.name);
            columns.emplace_back(features.size());
        }
        for_each_block(options.threads, all.size(), [&](std::size_t /*slot*/, std::size_t at) {
            for (std::size_t i = 0; i < features.size(); ++i) {
                columns[first + at][i] = all[at](features, i);
            }
        });
        return features.size();
    });
    nlohmann::json result{{"rows", read.report.rows_read}, {"customers", summary.size()}, {"columns", names}};
    if (!options.out.empty()) {
        write(options.out, summary.customer_id, columns);
    }
    result["steps"] = step.list();
    return result;
}

nlohmann::json customers(const Options& options) {
    Steps step;
    const Learner learner = read_learner(options.learner);
    InputSettings input;
    input.customers = options.file;
    input.threads = options.threads;
    CustomerRequirements requirements;
    requirements.monthly_revenue = false;
    NoProgress progress;
    const CustomersRead read = step("read", [&] { return read_customers(input, requirements, progress); });
    require_accepted(read.report, OnFault::refuse);
    const FeatureMatrix matrix = step("matrix", [&] { return feature_matrix(read.table, learner.churn.columns); });
    nlohmann::json result{{"customers", matrix.rows}, {"columns", matrix.columns}};
    result["digests"]["matrix"] = digest(matrix.values);
    if (!options.out.empty()) {
        write<float>(options.out, read.table.customer_id, {matrix.values});
    }
    if (options.scores) {
        const ChurnLearning learning =
            step("scores and contributions", [&] { return score_churn(learner, read.table, options.threads); });
        const LearnedHazards hazards =
            step("spread", [&] { return learned_hazards(learner, read.table, 36, options.threads); });
        const std::string scores = (std::filesystem::temp_directory_path() / "clv_learning_run.csv").string();
        step("scores.csv", [&] {
            write_scores_csv(scores, read.table, learning);
            return 0;
        });
        std::filesystem::remove(scores);
        result["digests"]["probability"] = digest(learning.probability);
        result["digests"]["contributions"] = digest(learning.contributions);
        result["digests"]["factors"] = digest(hazards.factors);
    }
    result["steps"] = step.list();
    return result;
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app("Times features and scores of customers, and prints JSON");
    app.require_subcommand(1);
    const auto add = [&](const char* name, const char* meaning) {
        CLI::App* command = app.add_subcommand(name, meaning);
        command->add_option("file", options.file)->required();
        command->add_option("--threads", options.threads, "0: all that the machine has")->check(CLI::NonNegativeNumber);
        command->add_option("--out", options.out, "folder for the features");
        return command;
    };
    CLI::App* of_purchases = add("purchases", "transactions to features");
    of_purchases->add_flag("--parse-alone", options.parses, "only splits rows and reads their cells, on one thread");
    CLI::App* of_customers = add("attributes", "attributes to scores");
    of_customers->add_option("learner", options.learner)->required();
    of_customers->add_flag("--scores,!--no-scores", options.scores, "whether scores follow the matrix");
    CLI11_PARSE(app, argc, argv);
    nlohmann::json result = of_purchases->parsed() ? purchases(options) : customers(options);
    result["threads"] = options.threads;
    result["peak_mib"] = peak_mib();
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
