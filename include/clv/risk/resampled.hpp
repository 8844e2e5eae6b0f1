#pragma once
// What scores of learned predictions share: customers drawn anew, what that says of a score's error, and the tenths of
// a ranking.
//
//   Bootstrap   A resample draws as many customers as there are, with replacement. The standard deviation of a score
//               over resamples is its standard error (Efron 1979), and its 95% percentile interval ends at rank
//               floor(0.025 (B + 1)) from either end of its B values, though at rank 1 at least.
//
//   Algorithm   A resample is how often each customer is in it: what was put in order once stays in order. Customers
//               are counted in ascending order of their id's hash ("places"), so that neither the order of rows nor
//               threads show in any bit, and two predictions for the same customers are scored on the same resamples.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/estimate.hpp"

namespace clv {

struct BootstrapSettings {
    std::uint64_t seed = 0;
    std::size_t draws = 200;  ///< resamples, at least 2
    int threads = 0;          ///< 0: as many as the machine has
    /// Index of the first resample in Purpose::resample: out of reach of the fits' own (models/bootstrap_fit.hpp).
    std::uint32_t first_index = 0x400000;
};

/// How often a customer is in a resample: 2^16 times has probability below 1 / (2^16)!.
using Times = std::uint16_t;

/// [place]: row, in ascending order of the hashes, no two of which are equal. Throws InputError above 2^31 - 1 rows.
[[nodiscard]] std::vector<std::uint32_t> rows_by_hash(std::span<const std::uint64_t> id_hash);

/// times[place] of the resample at `index`, below 2^24. At most 2^31 - 1 customers.
void draw_customers(std::uint64_t seed, std::uint32_t index, std::span<Times> times);

/// Takes the scores of a resample, NaN where one is undefined. No two calls have the same slot at the same time.
using ScoreResample = std::function<void(std::size_t slot, std::span<const Times> times, std::span<double> scores)>;

/// [score][draw]. Slots are below thread_count(settings.threads). Throws std::invalid_argument for fewer than two
/// draws, or indices that do not fit.
[[nodiscard]] std::vector<std::vector<double>> score_resamples(std::size_t customers, std::size_t scores,
                                                               const BootstrapSettings& settings,
                                                               const ScoreResample& score);

/// An estimate with error and interval from its resamples. Where it is undefined (NaN) in some, they are left out and
/// counted in `method`; an undefined value, or fewer than two resamples that define it, leaves error and ends NaN.
[[nodiscard]] Estimate bootstrap_estimate(std::string_view name, std::string_view unit, double value,
                                          std::span<const double> resampled);

/// Places from the highest value to the lowest.
struct Ranking {
    std::vector<std::uint32_t> place;  ///< [rank]
    std::vector<std::uint32_t> end;    ///< [group of equal values]: rank after its last
};

/// Values, [place], without NaN.
[[nodiscard]] Ranking ranking_of(std::span<const double> values);

/// One tenth of the customers, from the highest prediction.
struct Decile {
    double customers = 0.0;  ///< a tenth of all, which need not be whole
    double mean_predicted = 0.0;
    double mean_actual = 0.0;
    double lift = 0.0;  ///< mean actual over that of all customers
    double gain = 0.0;  ///< share of the actual total in this tenth and those above
};

/// Adds up ten deciles. A group of equal predictions on an edge is on both sides of it with all its customers, each in
/// part, so that it shares its actuals in proportion and their order cannot matter.
class DecileSums {
  public:
    explicit DecileSums(std::size_t customers);
    /// The customers of the next lower prediction, and sums over them.
    void add(double customers, double predicted, double actual);
    /// Once all are added. Lift and gain are NaN unless the actual total is positive.
    [[nodiscard]] std::vector<Decile> deciles() const;

  private:
    double size_;
    double taken_ = 0.0;
    std::size_t current_ = 0;
    std::vector<Decile> sums_;  ///< means are sums still
};

}  // namespace clv
