#pragma once
// From the sampled paths of one customer after another to a SimulationResult. Every backend hands its paths to this
// one place, which is why their results agree: it sees values, never who computed them.

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "clv/risk/distribution.hpp"
#include "clv/simulation/result.hpp"
#include "clv/simulation/subscription_setup.hpp"

namespace clv {

/// The paths of one customer under every alternative. Filled by a backend, consumed by ResultAccumulator.
struct CustomerPaths {
    /// [alternative][path]; alternative 0 is none. Alternatives the customer is not eligible for stay unused.
    std::array<std::vector<double>, max_alternatives> value;
    /// How many paths paid for m = 0..horizon months under none.
    std::vector<std::uint32_t> paid_months;
    /// [alternative][m]: accepted paths in which the action was active in m paid months.
    std::array<std::vector<std::uint32_t>, max_alternatives> active_months;
    /// [grouped_index]: cash under none; empty unless the plan keeps cash flow.
    std::vector<double> cash;

    void resize(int alternatives, std::size_t paths, int horizon_months, bool with_cash);
    /// Sets all counts and the cash to zero.
    void clear();
};

class ResultAccumulator {
  public:
    explicit ResultAccumulator(const SubscriptionSetup& setup);

    /// Sums over the customers of one segment that a worker has just simulated, before they join the totals.
    class SegmentSums {
      public:
        explicit SegmentSums(const ResultAccumulator& accumulator);

      private:
        friend class ResultAccumulator;
        std::vector<std::int64_t> value_;  ///< [path]
        std::vector<std::int64_t> cash_;   ///< [grouped_index]
        std::vector<std::int64_t> units_;
        std::vector<std::int64_t> units_none_;
        SummaryScratch scratch_;
    };

    /// Takes one customer's paths. Different customers may be added at the same
    /// time, each worker with its own sums. Throws ModelError if a value is beyond the customer's bound.
    void add(std::size_t customer, const SubscriptionSetup::CustomerTables& tables, CustomerPaths& paths,
             SegmentSums& sums);
    /// Moves a worker's sums into the totals of a segment and clears them.
    void flush(std::uint32_t segment, SegmentSums& sums);

    [[nodiscard]] std::uint32_t segment_of(std::size_t customer) const noexcept;
    /// Call once, after all workers are done.
    [[nodiscard]] SimulationResult finish();

  private:
    /// Index in the plan's actions of a customer's alternative (from 1).
    [[nodiscard]] std::size_t action_of(std::size_t customer, int alternative) const noexcept;
    static void to_units(std::size_t customer, std::span<const double> values, const FixedPoint& scale,
                         std::vector<std::int64_t>& units);
    void add_uplift(std::size_t customer, int alternative, const FixedPoint& scale, const CustomerPaths& paths,
                    SegmentSums& sums);
    void add_summary(std::size_t customer, int alternative, const FixedPoint& scale, std::span<const double> values,
                     SummaryScratch& scratch);
    [[nodiscard]] double expected_cost(const Action& action, std::span<const std::uint32_t> active_months) const;

    const SubscriptionSetup& setup_;
    DistributionLevels levels_;
    FixedPoint total_scale_;
    FixedPoint cash_scale_;
    SimulationResult result_;
};

}  // namespace clv
