#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace clv {

/// A retailer whose customers buy as BG/NBD and spend as Gamma-Gamma assume.
struct RetailWorldSettings {
    std::chrono::sys_days first_day{std::chrono::year(2022) / 1 / 1};
    std::chrono::sys_days last_day{std::chrono::year(2023) / 12 / 31};
    int acquisition_days = 365;  ///< first purchases fall on the first so many days, evenly
    double r = 0.8;              ///< purchases a week ~ Gamma(r, alpha)
    double alpha = 6.0;          ///< weeks
    double a = 0.8;              ///< dropout after a repeat purchase ~ Beta(a, b)
    double b = 2.5;
    double p = 6.0;  ///< spend ~ Gamma(p, nu), nu ~ Gamma(q, v)
    double q = 4.0;
    double v = 15.0;                ///< currency
    double season_amplitude = 0.0;  ///< of the logarithm of everybody's rate, over a year
    double level_sd = 0.0;          ///< of weekly steps of that logarithm, a random walk
};

/// A synthetic world (config section [generate], command `clv generate`).
struct GenerateSettings {
    std::string kind;  ///< "subscription" or "retail"; empty: no world is generated
    std::int64_t customers = 10'000;
    std::uint64_t seed = 1;
    int window_months = 3;  ///< subscription: some churned in the last so many; 0: nobody did
    RetailWorldSettings retail{};
};

}  // namespace clv
