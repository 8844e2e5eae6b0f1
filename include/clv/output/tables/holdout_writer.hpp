#pragma once
// holdout.csv and holdout.json: a forecast beside what came. Functions throw OutputError and Interrupted.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/monitoring/holdout.hpp"

namespace clv {

/// What was compared.
struct HoldoutReport {
    const PurchaseSummary& summary;  ///< up to the end of calibration
    std::chrono::sys_days last_day;  ///< held out
    std::int64_t paths = 0;
    const HoldoutComparison& comparison;
    std::optional<SeasonalNaive> seasonal_naive;  ///< of the total of purchases
};

/// Customers with the same number of purchases in calibration. The last group holds all with more.
struct FrequencyGroup {
    int frequency = 0;
    bool and_more = false;
    std::uint64_t customers = 0;
    double actual = 0.0;  ///< mean purchases held out
    double mean = 0.0;    ///< forecast
    double closed_form = 0.0;
    double naive = 0.0;
};

/// Groups of 0, 1, .. purchases, of 7 and more together; those without customers are left out.
[[nodiscard]] std::vector<FrequencyGroup> frequency_groups(const PurchaseSummary& summary,
                                                           const CustomerForecasts& purchases);

void write_holdout_csv(const std::filesystem::path& path, const HoldoutReport& report);

/// The content of holdout.json.
[[nodiscard]] nlohmann::ordered_json holdout_record(const HoldoutReport& report);

}  // namespace clv
