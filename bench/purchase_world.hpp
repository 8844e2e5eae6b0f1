#pragma once
// Invented customers of BG/NBD and Pareto/NBD.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>

#include "clv/data/histories/purchase_history.hpp"
#include "clv/paths/retail_columns.hpp"

namespace clv::bench {

inline double gamma_draw(std::mt19937_64& engine, double shape, double rate) {
    return std::gamma_distribution<double>(shape, 1.0 / rate)(engine);
}

/// One customer's history over an age, of `law` (bg_nbd or pareto_nbd), added to the summary. With `days` purchases are
/// known to the day: a day's are one.
inline void add_customer(PurchaseSummary& summary, PurchaseLaw law, const PurchaseParameters& at, double age, bool days,
                         std::mt19937_64& engine) {
    const double rate = gamma_draw(engine, at[0], at[1]);
    double end = age;
    double stay = 1.0;
    if (law == PurchaseLaw::bg_nbd) {
        const double left = gamma_draw(engine, at[2], 1.0);
        const double right = gamma_draw(engine, at[3], 1.0);
        stay = left + right > 0.0 ? right / (left + right) : 1.0;
    } else {
        end = std::min(age, std::exponential_distribution<double>(std::max(
                                gamma_draw(engine, at[2], at[3]), std::numeric_limits<double>::min()))(engine));
    }
    double x = 0.0;
    double recency = 0.0;
    double time = 0.0;
    std::uniform_real_distribution<double> uniform;
    for (;;) {
        time += -std::log1p(-uniform(engine)) / std::max(rate, std::numeric_limits<double>::min());
        if (!(time < end)) {
            break;
        }
        const double day = days ? std::min(std::ceil(7.0 * time) / 7.0, age) : time;
        x += day > recency ? 1.0 : 0.0;
        recency = day;
        if (uniform(engine) >= stay) {
            break;
        }
    }
    summary.frequency.push_back(x);
    summary.recency.push_back(recency);
    summary.age.push_back(age);
}

/// As CDNOW's: joined on a day of 12 weeks, seen for 39, with its parameters of BG/NBD.
inline PurchaseSummary cdnow_like(std::size_t customers) {
    std::mt19937_64 engine(1997);
    std::uniform_int_distribution<int> joined(0, 83);
    PurchaseSummary summary;
    for (std::size_t i = 0; i < customers; ++i) {
        add_customer(summary, PurchaseLaw::bg_nbd, {0.2425945, 4.4136020, 0.7929220, 2.4259068},
                     (273 - joined(engine)) / 7.0, true, engine);
    }
    return summary;
}

}  // namespace clv::bench
