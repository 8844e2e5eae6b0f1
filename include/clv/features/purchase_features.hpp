#pragma once
// What can be said of customers without a contract at a snapshot, the end of observation, beyond the summary that
// purchase models read: cadence, trends over rolling windows, tenure, cohort.
//
// Nothing after the snapshot is used. Purchases of a day are one, and a gap is the time between two purchase days of a
// customer that follow each other. A day on which a customer was only paid back (PurchaseObserver::add_refund) is no
// purchase day, and its money lowers revenue.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/units.hpp"
#include "clv/data/histories/purchase_observer.hpp"
#include "clv/features/cohort_triangle.hpp"

namespace clv {

/// Lengths of the windows, in days: the last so many days up to the snapshot, and as many before these.
inline constexpr std::array<int, 3> feature_windows{30, 90, 180};

/// Purchase days and revenue of every customer in a window and in the one before.
struct WindowActivity {
    std::vector<std::uint32_t> purchases;
    std::vector<std::uint32_t> purchases_before;
    std::vector<double> revenue;  ///< currency, less what was paid back
    std::vector<double> revenue_before;
};

/// One entry per customer, in the order of the summary: 92 bytes each.
struct PurchaseFeatures {
    TimeUnit time_unit = TimeUnit::week;
    std::chrono::sys_days snapshot{};
    std::vector<std::chrono::sys_days> first_day;
    std::vector<std::chrono::sys_days> last_day;
    std::vector<std::uint32_t> purchases;    ///< purchase days
    std::vector<double> revenue;             ///< currency, of all of them, less what was paid back
    std::vector<std::uint64_t> gap_squares;  ///< sum over gaps, square days
    std::array<WindowActivity, feature_windows.size()> windows;
    CohortTriangle cohorts;

    [[nodiscard]] std::size_t size() const noexcept { return purchases.size(); }
    /// Index into cohorts.cohorts.
    [[nodiscard]] std::uint32_t cohort(std::size_t customer) const noexcept;
    /// Mean gap in time units; NaN without a gap.
    [[nodiscard]] double gap_mean(std::size_t customer) const noexcept;
    /// Standard deviation of the gaps (n - 1 below the sum) in time units; NaN for fewer than two gaps.
    [[nodiscard]] double gap_sd(std::size_t customer) const noexcept;
    /// Coefficient of variation of the gaps, sd / mean: 0 for a clockwork, about 1 for purchases that come at random
    /// (exponential gaps), above 1 for bursts. It exists where all gaps are equal, where a gamma distribution's shape,
    /// the other usual measure, is infinite, and for two gaps, where that shape is all but arbitrary.
    [[nodiscard]] double gap_cv(std::size_t customer) const noexcept;
};

/// A number that can be computed of every customer.
struct PurchaseFeature {
    std::string name;          ///< "purchases_30d"
    std::string_view pattern;  ///< its name in the file table: "purchases_{days}d"
    double (*value)(const PurchaseFeatures&, std::size_t customer, std::size_t window);
    std::size_t window = 0;  ///< index into feature_windows

    [[nodiscard]] double operator()(const PurchaseFeatures& features, std::size_t customer) const {
        return value(features, customer, window);
    }
};

/// All of them, in the order of features.csv.
[[nodiscard]] std::span<const PurchaseFeature> purchase_features();

/// "2011-03" by cohort.
[[nodiscard]] std::vector<std::string> cohort_names(const CohortTriangle& triangle);

/// Makes them in one pass, beside the summary.
class PurchaseFeatureBuilder final : public PurchaseObserver {
  public:
    explicit PurchaseFeatureBuilder(TimeUnit time_unit) { features_.time_unit = time_unit; }

    void begin(std::chrono::sys_days observation_end) override;
    void add(std::size_t customer, std::chrono::sys_days day, double revenue) override;
    void add_refund(std::size_t customer, std::chrono::sys_days day, double revenue) override;
    /// After the last purchase.
    [[nodiscard]] PurchaseFeatures finish() &&;

  private:
    void add_revenue(std::size_t customer, std::chrono::sys_days day, double revenue);

    PurchaseFeatures features_;
    std::optional<CohortTriangleBuilder> cohorts_;
};

}  // namespace clv
