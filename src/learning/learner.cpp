#include "clv/learning/learner.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/learning/drivers.hpp"
#include "clv/random/elementary.hpp"
#include "ensemble.hpp"

namespace clv {

namespace {

/// Customers that are scored at a time.
constexpr std::size_t block_rows = 4'096;
/// A resample's hazard is at most so many times the mean of all, or one in so many.
constexpr double largest_factor = 0x1p10;

/// Calls take(rows, their features) for every block of customers.
template <class Take>
void for_each_rows(const FeatureMatrix& matrix, int threads, Take take) {
    const std::size_t blocks = (matrix.rows + block_rows - 1) / block_rows;
    for_each_block(threads, blocks, [&](std::size_t /*slot*/, std::size_t block) {
        throw_if_interrupted();
        std::vector<std::size_t> rows;
        for (std::size_t row = block * block_rows; row < std::min(matrix.rows, (block + 1) * block_rows); ++row) {
            rows.push_back(row);
        }
        take(rows, rows_of(matrix, rows));
    });
}

/// Calls take(fold, rows, their features, the share of each row that the fold has) for every block of customers and
/// fold: a customer that was learned from has one fold, everybody else all of them.
template <class Take>
void for_each_fold(const Ensemble& ensemble, const TrainedCustomers& trained, const FeatureMatrix& matrix,
                   std::span<const std::uint64_t> id_hash, int threads, Take take) {
    const double share = 1.0 / static_cast<double>(ensemble.folds.size());
    for_each_rows(matrix, threads, [&](const std::vector<std::size_t>& rows, const FeatureMatrix& /*features*/) {
        for (std::size_t fold = 0; fold < ensemble.folds.size(); ++fold) {
            std::vector<std::size_t> scored;
            std::vector<double> shares;
            for (const std::size_t row : rows) {
                const auto own = trained.fold_of(id_hash[row]);
                if (!own || *own == fold) {
                    scored.push_back(row);
                    shares.push_back(own ? 1.0 : share);
                }
            }
            if (!scored.empty()) {
                take(fold, scored, rows_of(matrix, scored), shares);
            }
        }
    });
}

}  // namespace

TrainedCustomers::TrainedCustomers(std::vector<std::uint64_t> id_hash, int folds, std::uint64_t seed)
    : id_hash_(std::move(id_hash)), folds_(folds), seed_(seed) {
    std::ranges::sort(id_hash_);
}

std::optional<std::size_t> TrainedCustomers::fold_of(std::uint64_t id_hash) const {
    if (!std::ranges::binary_search(id_hash_, id_hash)) {
        return std::nullopt;
    }
    std::uint64_t mixed = id_hash ^ (seed_ * 0x9e3779b97f4a7c15U);  // the finaliser of SplitMix64
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
    mixed ^= mixed >> 31;
    return static_cast<std::size_t>(mixed % static_cast<std::uint64_t>(folds_));
}

std::vector<double> cross_fitted(const Ensemble& ensemble, const TrainedCustomers& trained, const FeatureMatrix& matrix,
                                 std::span<const std::uint64_t> id_hash, int threads) {
    std::vector<double> mean(matrix.rows, 0.0);
    for_each_fold(ensemble, trained, matrix, id_hash, threads,
                  [&](std::size_t fold, const std::vector<std::size_t>& rows, const FeatureMatrix& features,
                      const std::vector<double>& shares) {
                      const std::vector<double> of_fold = scores(ensemble.folds[fold], features);
                      for (std::size_t k = 0; k < rows.size(); ++k) {
                          mean[rows[k]] +=
                              shares[k] * mean_at(ensemble.family, ensemble.calibrations[fold](of_fold[k]));
                      }
                  });
    return mean;
}

std::vector<float> cross_fitted_contributions(const Ensemble& ensemble, const TrainedCustomers& trained,
                                              const FeatureMatrix& matrix, std::span<const std::uint64_t> id_hash,
                                              int threads) {
    const std::size_t columns = matrix.columns;
    std::vector<float> all(matrix.rows * columns);
    for_each_fold(ensemble, trained, matrix, id_hash, threads,
                  [&](std::size_t fold, const std::vector<std::size_t>& rows, const FeatureMatrix& features,
                      const std::vector<double>& shares) {
                      const std::vector<double> of_fold = contributions(ensemble.folds[fold], features);
                      for (std::size_t k = 0; k < rows.size(); ++k) {
                          const double scale = shares[k] * ensemble.calibrations[fold].slope;
                          for (std::size_t column = 0; column < columns; ++column) {
                              all[rows[k] * columns + column] +=
                                  static_cast<float>(scale * of_fold[k * (columns + 1) + column]);
                          }
                      }
                  });
    return all;
}

namespace {

/// [row][draw]: what a resample's model says, over the mean of all of them. `hazard_of` turns a score into a hazard.
template <class HazardOf>
std::vector<float> spread(const Ensemble& ensemble, const FeatureMatrix& matrix, int threads, HazardOf hazard_of) {
    const std::size_t draws = ensemble.resamples.size();
    std::vector<float> factors(matrix.rows * draws, 1.0F);
    for_each_rows(matrix, threads, [&](const std::vector<std::size_t>& rows, const FeatureMatrix& block) {
        std::vector<double> hazards(block.rows * draws);
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const std::vector<double> of_draw = scores(ensemble.resamples[draw], block);
            for (std::size_t i = 0; i < block.rows; ++i) {
                hazards[i * draws + draw] = hazard_of(ensemble.calibration(of_draw[i]));
            }
        }
        for (std::size_t i = 0; i < block.rows; ++i) {
            double mean = 0.0;
            for (std::size_t draw = 0; draw < draws; ++draw) {
                mean += hazards[i * draws + draw] / static_cast<double>(draws);
            }
            for (std::size_t draw = 0; mean > 0.0 && draw < draws; ++draw) {
                factors[rows[i] * draws + draw] = static_cast<float>(
                    std::clamp(hazards[i * draws + draw] / mean, 1.0 / largest_factor, largest_factor));
            }
        }
    });
    return factors;
}

/// -ln(1 - p)
double window_hazard(double probability) {
    return -elementary::log1p(-std::min(probability, 1.0 - 1e-9));
}

void use_window(const Learner& learner, const FeatureMatrix& matrix, int horizon_months, int threads,
                LearnedHazards& learned) {
    for (const double probability : learned.probability) {
        const auto hazard = static_cast<float>(window_hazard(probability) / learner.window_months);
        learned.survival.hazards.customers.push_back({0, 0, hazard});
        learned.survival.observed_months.push_back(static_cast<std::uint32_t>(horizon_months));
    }
    learned.factors = spread(learner.churn, matrix, threads,
                             [](double score) { return window_hazard(mean_at(Family::bernoulli, score)); });
    learned.draws = learner.churn.resamples.size();
}

/// Hazard of future month 1, 2, .. at a tenure that need not be whole: the months of life that it covers, each in part.
double baseline_ahead(const BaselineHazard& baseline, double tenure, int month) {
    const double begin = tenure + month - 1;
    const auto first = static_cast<std::size_t>(begin);
    const double part = begin - std::floor(begin);
    const auto at = [&](std::size_t index) {
        return index < baseline.months.size() ? baseline.months[index] : baseline.tail;
    };
    return (1.0 - part) * at(first) + (part > 0.0 ? part * at(first + 1) : 0.0);
}

void use_tenure(const Learner& learner, const CustomerTable& customers, int horizon_months, int threads,
                LearnedHazards& learned) {
    const FeatureMatrix matrix = feature_matrix(customers, learner.rate->columns);
    const std::vector<double> rate = cross_fitted(*learner.rate, learner.trained, matrix, customers.id_hash, threads);
    std::vector<double> tenure = tenures(customers, learner.time_column);
    tenure.resize(customers.size(), 0.0);
    const auto known = static_cast<double>(learner.baseline.months.size());
    HazardCurves& curves = learned.survival.hazards;
    curves.pool.reserve(customers.size() * static_cast<std::size_t>(horizon_months));
    for (std::size_t i = 0; i < customers.size(); ++i) {
        const std::size_t start = curves.pool.size();
        for (int month = 1; month <= horizon_months; ++month) {
            const double hazard = rate[i] * baseline_ahead(learner.baseline, tenure[i], month);
            curves.pool.push_back(static_cast<float>(std::min(hazard, 0.5 * double{certain_churn_hazard})));
        }
        curves.customers.push_back({start, static_cast<std::uint32_t>(horizon_months), curves.pool.back()});
        const double ahead = std::clamp(std::floor(known - tenure[i]), 0.0, static_cast<double>(horizon_months));
        learned.survival.observed_months.push_back(static_cast<std::uint32_t>(ahead));
    }
    learned.factors =
        spread(*learner.rate, matrix, threads, [](double score) { return mean_at(Family::poisson, score); });
    learned.draws = learner.rate->resamples.size();
}

}  // namespace

LearnedHazards learned_hazards(const Learner& learner, const CustomerTable& customers, int horizon_months,
                               int threads) {
    LearnedHazards learned;
    learned.survival.source = SurvivalSource::learned;
    const FeatureMatrix matrix = feature_matrix(customers, learner.churn.columns);
    learned.probability = cross_fitted(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    if (learner.rate) {
        use_tenure(learner, customers, horizon_months, threads, learned);
    } else {
        use_window(learner, matrix, horizon_months, threads, learned);
    }
    return learned;
}

std::vector<std::string> churn_drivers(const Learner& learner, const CustomerTable& customers, int threads) {
    constexpr std::size_t shown = 2;
    const FeatureMatrix matrix = feature_matrix(customers, learner.churn.columns);
    const std::vector<float> contributions =
        cross_fitted_contributions(learner.churn, learner.trained, matrix, customers.id_hash, threads);
    std::vector<std::string> all;
    all.reserve(matrix.rows);
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        const auto own = std::span(contributions).subspan(i * matrix.columns, matrix.columns);
        std::string text;
        for (const std::string& driver : drivers_of(learner.churn.columns, matrix.row(i), own, shown)) {
            text += (text.empty() ? "" : ", ") + driver;
        }
        all.push_back(std::move(text));
    }
    return all;
}

}  // namespace clv
