#pragma once
// Weighted distinct histories, as the likelihoods of the purchase laws read them. Internal to the models.

#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace clv {

struct PurchaseRow {
    double x;
    double recency;
    double age;
    double weight;
};

/// Histories in ascending order of x, with what many of them share: most terms of a likelihood depend on x, on one age
/// or on one time alone, and customers have those in common.
class PurchaseRows {
  public:
    explicit PurchaseRows(std::vector<PurchaseRow> rows);

    struct AtAge {
        double age;
        double weight;
        double purchases;  ///< weighted sum of x
    };
    /// Where a row's recency and age stand in times().
    struct Span {
        std::uint32_t recency;
        std::uint32_t age;
    };
    [[nodiscard]] std::span<const PurchaseRow> rows() const noexcept { return rows_; }
    /// [j]: weight of the rows with x > j
    [[nodiscard]] std::span<const double> weight_above() const noexcept { return weight_above_; }
    [[nodiscard]] std::span<const AtAge> ages() const noexcept { return ages_; }
    /// Distinct recencies and ages, ascending.
    [[nodiscard]] std::span<const double> times() const noexcept { return times_; }
    [[nodiscard]] std::span<const Span> spans() const noexcept { return spans_; }

  private:
    std::vector<PurchaseRow> rows_;
    std::vector<double> weight_above_;
    std::vector<AtAge> ages_;
    std::vector<double> times_;
    std::vector<Span> spans_;
};

/// ln(1 + e^z), and its derivative: the probability whose log-odds are z.
struct Softplus {
    double value;
    double slope;
    explicit Softplus(double z) {
        const double e = std::exp(-std::abs(z));
        value = (z > 0.0 ? z : 0.0) + std::log1p(e);
        slope = (z > 0.0 ? 1.0 : e) / (1.0 + e);
    }
};

}  // namespace clv
