#pragma once
// The part of the CPU backend that is compiled once per instruction set. Only raw pointers cross this border: a
// standard container instantiated here could end up in the baseline code of the program.

#include <cstdint>

#include "clv/paths/retail.hpp"
#include "clv/paths/scenario.hpp"
#include "clv/paths/subscription.hpp"
#include "clv/risk/unit_sums.hpp"

/// Before a loop over paths: its arrays do not overlap, so that it can be made of vectors.
#if defined(__clang__)
#define CLV_VECTOR_LOOP _Pragma("clang loop vectorize(assume_safety)")
#else
#define CLV_VECTOR_LOOP _Pragma("GCC ivdep")
#endif

namespace clv::cpu {

/// Paths of one customer under one alternative.
struct AlternativePaths {
    double* value;  ///< [path], with room for path_padding more; null: not kept
    /// [m]: accepted paths in which the action was active in m paid months, each counted by its weight.
    std::uint64_t* active_months;
    double scale;         ///< units per currency (FixedPoint)
    UnitSums all;         ///< of the values
    UnitSums profit;      ///< of the values minus those under none, both in these units
    Wide active_revenue;  ///< sum of weight x discounted revenue of those months, where the action costs a share of it
    std::int64_t added_months;  ///< sum of paid months minus those under none, of a law that has contracts
    Wide weighted;              ///< sum of weight x profit, under none of weight x value, where paths have weights
    Wide* month_gain;  ///< [0..horizon]: sum of discounted cash minus that under none, costs included, today's in entry
                       ///< 0; null: not kept
};

/// Paths that are simulated together.
inline constexpr int chunk_paths = 256;

/// Units of a chunk's values under none, in the scale of none.
struct UnitsUnderNone {
    alignas(64) std::int64_t units[chunk_paths];
    bool known;  ///< false if some were too large
};

/// What the gains of values are over.
enum class Against {
    nothing,  ///< these are the values under none: their units are kept
    stored,   ///< the units kept
    rounded,  ///< the values under none in this scale
};

/// Adds up a chunk's values in units, and their gains; with weights of the paths (not null) their weighted sum instead.
/// False if a value is out of range.
using AddUp = bool (*)(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                       AlternativePaths& to, UnitsUnderNone& none);

/// Where the paths of one customer go.
struct PathBuffers {
    AddUp add_up;
    AlternativePaths alternative[max_alternatives];
    const std::uint32_t* path_weights;  ///< [path]; null: paths have no weights
    std::uint64_t months_paid;          ///< under none, summed over the paths
    bool fits;                          ///< false once a value or a total leaves its range
    /// [path]: values under none, or the gain of alternative 1 where `totals_gain`, are added; null: not kept.
    std::int64_t* total;
    double total_scale;  ///< units per currency
    bool totals_gain;
    float* noise;        ///< [month][path of a chunk]: noise of revenue so far, 0 in row 0; null without month gains
    std::int64_t* cash;  ///< [grouped_index]: cash under none is added; null: not kept
    double cash_scale;
    const double* revenue;  ///< [month - 1]: expected revenue, not discounted
    double retention_cost;  ///< currency a month
};

/// Buffers of a pass over scenarios, for chunks of `scenario_chunk` paths.
struct ScenarioBuffers {
    std::int32_t* paid;  ///< [hazard][path of the chunk]
    float* noise;        ///< [pair][path of the chunk]
};
inline constexpr std::uint32_t scenario_chunk = 256;

/// Adds the values of paths begin..end-1 of one customer in every scenario to totals[scenario][path - begin], rows of
/// `stride`, in units of 1 / scale. False if a sum leaves its range.
using SimulateScenarios = bool (*)(const SubscriptionRun&, const SubscriptionCustomer&, const ScenarioRun&,
                                   const ScenarioCustomer&, std::uint32_t begin, std::uint32_t end,
                                   const ScenarioBuffers&, double scale, std::int64_t* totals, std::size_t stride);

/// Simulates paths begin..end-1 of one customer.
using SimulateCustomer = void (*)(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                                  std::uint32_t end, PathBuffers&);

void simulate_customer_scalar(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                              std::uint32_t end, PathBuffers&);
void simulate_customer_sse4(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin, std::uint32_t end,
                            PathBuffers&);
void simulate_customer_avx2(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin, std::uint32_t end,
                            PathBuffers&);
void simulate_customer_avx512(const SubscriptionRun&, const SubscriptionCustomer&, std::uint32_t begin,
                              std::uint32_t end, PathBuffers&);

/// Tables of a retail run, and what it keeps of a customer's purchases under none beside their value.
struct RetailPaths {
    const double* discount;    ///< [month]: present value of 1
    const double* annuity;     ///< [months]
    std::uint32_t* purchases;  ///< [path]: within the horizon; null: purchases are not kept
    float* spend;              ///< [path]: currency of those, not discounted
    /// [week][path]: purchases of all customers; rows of `week_stride`
    std::uint32_t* weekly;
    std::size_t week_stride;
};

/// Simulates paths begin..end-1 of one retail customer.
using SimulateRetail = void (*)(const RetailRun&, const RetailCustomer&, std::uint32_t begin, std::uint32_t end,
                                const RetailPaths&, PathBuffers&);

void simulate_retail_scalar(const RetailRun&, const RetailCustomer&, std::uint32_t begin, std::uint32_t end,
                            const RetailPaths&, PathBuffers&);
void simulate_retail_sse4(const RetailRun&, const RetailCustomer&, std::uint32_t begin, std::uint32_t end,
                          const RetailPaths&, PathBuffers&);
void simulate_retail_avx2(const RetailRun&, const RetailCustomer&, std::uint32_t begin, std::uint32_t end,
                          const RetailPaths&, PathBuffers&);
void simulate_retail_avx512(const RetailRun&, const RetailCustomer&, std::uint32_t begin, std::uint32_t end,
                            const RetailPaths&, PathBuffers&);

bool add_up_scalar(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                   AlternativePaths& to, UnitsUnderNone& none);
bool add_up_sse4(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                 AlternativePaths& to, UnitsUnderNone& none);
bool add_up_avx2(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                 AlternativePaths& to, UnitsUnderNone& none);
bool add_up_avx512(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                   AlternativePaths& to, UnitsUnderNone& none);
bool add_up_avx512ifma(Against, const double* values, const double* without, const std::uint32_t* weights, int count,
                       AlternativePaths& to, UnitsUnderNone& none);

LowValues take_low_values_scalar(const double* values, std::size_t count, double edge, double scale);
LowValues take_low_values_sse4(const double* values, std::size_t count, double edge, double scale);
LowValues take_low_values_avx2(const double* values, std::size_t count, double edge, double scale);
LowValues take_low_values_avx512(const double* values, std::size_t count, double edge, double scale);
LowValues take_low_values_avx512ifma(const double* values, std::size_t count, double edge, double scale);

bool simulate_scenarios_scalar(const SubscriptionRun&, const SubscriptionCustomer&, const ScenarioRun&,
                               const ScenarioCustomer&, std::uint32_t begin, std::uint32_t end, const ScenarioBuffers&,
                               double scale, std::int64_t* totals, std::size_t stride);
bool simulate_scenarios_sse4(const SubscriptionRun&, const SubscriptionCustomer&, const ScenarioRun&,
                             const ScenarioCustomer&, std::uint32_t begin, std::uint32_t end, const ScenarioBuffers&,
                             double scale, std::int64_t* totals, std::size_t stride);
bool simulate_scenarios_avx2(const SubscriptionRun&, const SubscriptionCustomer&, const ScenarioRun&,
                             const ScenarioCustomer&, std::uint32_t begin, std::uint32_t end, const ScenarioBuffers&,
                             double scale, std::int64_t* totals, std::size_t stride);
bool simulate_scenarios_avx512(const SubscriptionRun&, const SubscriptionCustomer&, const ScenarioRun&,
                               const ScenarioCustomer&, std::uint32_t begin, std::uint32_t end, const ScenarioBuffers&,
                               double scale, std::int64_t* totals, std::size_t stride);

}  // namespace clv::cpu
