#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clv/core/parallel.hpp"
#include "clv/core/units.hpp"
#include "clv/data/worlds/synthetic_retailer.hpp"
#include "clv/output/checked_file.hpp"
#include "clv/output/files.hpp"
#include "clv/output/tables/csv_table.hpp"
#include "clv/output/tables/world.hpp"

namespace clv {

namespace {

/// What a block of customers did, and what is true of them.
struct Part {
    std::string rows;
    RetailTruth truth;
};

void append_truth(CsvTable& table, const RetailTruth& truth, int horizon_months) {
    std::vector<double> expected(truth.size());
    for (std::size_t i = 0; i < truth.size(); ++i) {
        expected[i] = truth.expected_purchases(i, horizon_months * weeks_per_month);
    }
    const std::vector<CsvColumn> columns{{"customer_id", IdRange{truth.customer_id, 0, truth.size()}},
                                         {"first_purchase", truth.first_purchase},
                                         {"rate", truth.rate},
                                         {"dropout", truth.dropout},
                                         {"mean_spend", truth.mean_spend},
                                         {"alive", truth.alive},
                                         {"expected_purchases", expected}};
    table.append(truth.size(), columns);
}

}  // namespace

RetailWorld write_retail_world(const WorldSettings& settings, OutputSet& outputs, Progress& progress) {
    constexpr std::int64_t customers_per_part = 4'096;
    constexpr std::int64_t parts_at_once = 64;  // in memory
    const SyntheticRetailer retailer(settings.generate);
    RetailWorld world;
    world.transactions_file = outputs.path("transactions.csv");
    world.log_factors = retailer.log_factors();
    CheckedFile transactions(world.transactions_file);
    std::string header;
    for (const std::string& column : SyntheticRetailer::header()) {
        header += column_spec(file_spec("transactions.csv"), column).name;
        header += ',';
    }
    header.back() = '\n';
    transactions.write(header);
    CsvTable truth(outputs.path("truth.csv"), "truth.csv");
    const std::int64_t parts = (settings.generate.customers + customers_per_part - 1) / customers_per_part;
    progress.begin("generating customers", static_cast<std::uint64_t>(parts));
    for (std::int64_t first = 0; first < parts; first += parts_at_once) {
        std::vector<Part> batch(static_cast<std::size_t>(std::min(parts_at_once, parts - first)));
        for_each_block(settings.threads, batch.size(), [&](std::size_t /*slot*/, std::size_t number) {
            Part& part = batch[number];
            retailer.append((first + static_cast<std::int64_t>(number)) * customers_per_part, customers_per_part,
                            part.rows, part.truth);
        });
        for (const Part& part : batch) {
            transactions.write(part.rows);
            append_truth(truth, part.truth, settings.simulation.horizon_months);
            world.transactions += part.truth.transactions;
        }
        progress.advance(batch.size());
    }
    progress.end();
    transactions.close();
    truth.close();
    return world;
}

}  // namespace clv
