#include "clv/models/bootstrap_fit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <tuple>
#include <utility>

#include "clv/core/errors.hpp"
#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"
#include "clv/math/cholesky.hpp"
#include "clv/random/philox.hpp"
#include "purchase_problem.hpp"
#include "spend_likelihood.hpp"

namespace clv {
namespace {

double& entry(Eigen::MatrixXd& matrix, std::size_t i, std::size_t j) {
    return matrix(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j));
}

/// The inverse curvature after a step along which the slope fell by `fall` (BFGS).
void update(Eigen::MatrixXd& inverse, const Point& step, const Point& fall) {
    const std::size_t size = step.size();
    double along = 0.0;
    double within = 0.0;
    Point moved(size, 0.0);
    for (std::size_t i = 0; i < size; ++i) {
        along += step[i] * fall[i];
        for (std::size_t j = 0; j < size; ++j) {
            moved[i] += entry(inverse, i, j) * fall[j];
        }
        within += fall[i] * moved[i];
    }
    if (!(along > 0.0)) {
        return;
    }
    for (std::size_t i = 0; i < size; ++i) {
        for (std::size_t j = 0; j < size; ++j) {
            entry(inverse, i, j) +=
                (1.0 + within / along) * step[i] * step[j] / along - (moved[i] * step[j] + step[i] * moved[j]) / along;
        }
    }
}

/// Quasi-Newton steps that begin with the curvature of the fit on all customers, which that of a sample is near to.
/// Nothing if they do not settle close by: then the sample needs a fit of its own.
template <class Gradient>
std::optional<Point> settle(const Point& start, const Eigen::MatrixXd& covariance, Gradient gradient) {
    constexpr int most_steps = 30;
    constexpr double settled = 1.0e-3;  // standard errors
    constexpr double too_far = 12.0;
    Eigen::MatrixXd inverse = covariance;
    Point at = start;
    Point step(start.size(), 0.0);
    Point slope;
    Point slope_before;
    for (int count = 0; count < most_steps; ++count) {
        gradient(at, slope);
        if (count > 0) {
            Point fall(start.size());
            for (std::size_t i = 0; i < fall.size(); ++i) {
                fall[i] = slope_before[i] - slope[i];
            }
            update(inverse, step, fall);
        }
        double largest = 0.0;
        double farthest = 0.0;
        for (std::size_t i = 0; i < at.size(); ++i) {
            step[i] = 0.0;
            for (std::size_t j = 0; j < at.size(); ++j) {
                step[i] += entry(inverse, i, j) * slope[j];
            }
            const double error = std::sqrt(covariance.diagonal()[static_cast<Eigen::Index>(i)]);
            at[i] += step[i];
            largest = std::max(largest, std::abs(step[i]) / error);
            farthest = std::max(farthest, std::abs(at[i] - start[i]) / error);
        }
        if (!std::isfinite(largest) || farthest > too_far) {
            return std::nullopt;
        }
        if (largest < settled) {
            return at;
        }
        slope_before = slope;
    }
    return std::nullopt;
}

/// The customers as rows to draw from, in ascending order.
struct Pool {
    std::vector<std::size_t> customer;   ///< [place]
    std::vector<std::uint64_t> through;  ///< [place]: customers up to it, itself included
};

constexpr double most_sampled = 1.0e9;  ///< customers of a sample, which are drawn one by one

Pool pool_of(const PurchaseSummary& customers, const CovariateData& data) {
    Pool pool;
    const auto weight = [&](std::size_t i) { return customers.weight.empty() ? 1.0 : customers.weight[i]; };
    const auto spend = [&](std::size_t i) {
        return customers.monetary_value.empty() ? 0.0 : customers.monetary_value[i];
    };
    for (std::size_t i = 0; i < customers.frequency.size(); ++i) {
        if (std::round(weight(i)) > 0.0) {
            pool.customer.push_back(i);
        }
    }
    std::ranges::sort(pool.customer, {},
                      [&](std::size_t i) { return std::tuple(data.row_of[i], spend(i), weight(i)); });
    std::uint64_t sum = 0;
    for (const std::size_t i : pool.customer) {
        const double with = static_cast<double>(sum) + std::round(weight(i));
        if (!(with <= most_sampled)) {
            throw InputError(fmt::format("more than {} customers to draw anew (fit.parameter_uncertainty): use laplace",
                                         most_sampled));
        }
        sum += static_cast<std::uint64_t>(std::llround(weight(i)));
        pool.through.push_back(sum);
    }
    return pool;
}

/// How often every customer (or one of a group) is in sample k.
std::vector<double> sample(const Pool& pool, std::size_t customers, std::size_t k, std::uint64_t seed) {
    std::vector<double> weight(customers, 0.0);
    const std::uint64_t total = pool.through.empty() ? 0 : pool.through.back();
    for (std::uint64_t pair = 0; pair < (total + 1) / 2; ++pair) {
        if (pair % (1U << 16) == 0) {
            throw_if_interrupted();
        }
        const PhiloxBlock<std::uint32_t> block =
            philox<std::uint32_t>(draw_address(Purpose::resample, static_cast<std::uint32_t>(k)),
                                  static_cast<std::uint32_t>(pair), static_cast<std::uint32_t>(pair >> 32), 0,
                                  static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
        for (std::size_t half = 0; half < 2 && 2 * pair + half < total; ++half) {
            const std::uint64_t word =
                static_cast<std::uint64_t>(block.word[2 * half]) << 32 | block.word[2 * half + 1];
            // a place in 0..total - 1; the bias is below total / 2^64
            const auto place = static_cast<std::uint64_t>(static_cast<unsigned __int128>(word) * total >> 64);
            const auto at = std::ranges::upper_bound(pool.through, place) - pool.through.begin();
            weight[pool.customer[static_cast<std::size_t>(at)]] += 1.0;
        }
    }
    return weight;
}

/// Of the spend likelihood, over logarithms of p, q, v.
void spend_gradient(const std::vector<SpendRow>& rows, const Point& logs, Point& slope) {
    SpendParameters at{};
    std::ranges::transform(logs, at.begin(), [](double log) { return std::exp(log); });
    const Slope likelihood = spend_log_likelihood(rows, at);
    for (std::size_t i = 0; i < at.size(); ++i) {
        slope[i] = likelihood.gradient[i] * at[i];
    }
}

class Refit {
  public:
    Refit(const PurchaseSummary& customers, const PurchaseFit& purchase, const SpendFit* spend, int threads)
        : customers_(customers),
          purchase_(purchase),
          spend_(spend),
          data_(covariate_data(customers, purchase.covariates.names)),
          problem_(data_, purchase.model.law, purchase.model.has_dropout(), threads) {
        if (purchase.status == FitStatus::converged) {
            start_ = problem_.standardised(
                {purchase.model.parameters, purchase.covariates.rate, purchase.covariates.dropout});
            if (const auto factor = factorise(problem_.information(start_))) {
                covariance_ = inverse_of(*factor);
            }
        }
        if (spend != nullptr && spend->status == FitStatus::converged) {
            spend_covariance_.resize(3, 3);
            for (std::size_t i = 0; i < 3; ++i) {
                spend_start_.push_back(std::log(spend->parameters[i]));
                for (std::size_t j = 0; j < 3; ++j) {
                    entry(spend_covariance_, i, j) = spend->log_covariance[i][j];
                }
            }
        }
    }

    [[nodiscard]] const CovariateData& data() const noexcept { return data_; }

    [[nodiscard]] ModelDraw on(const std::vector<double>& weight) const {
        ModelDraw draw;
        draw.purchase = purchase_on(weight);
        if (spend_ != nullptr) {
            draw.spend = spend_on(weight);
        }
        return draw;
    }

  private:
    [[nodiscard]] PurchaseSummary weighted(const std::vector<double>& weight) const {
        PurchaseSummary summary;
        summary.time_unit = customers_.time_unit;
        summary.frequency = customers_.frequency;
        summary.recency = customers_.recency;
        summary.age = customers_.age;
        summary.monetary_value = customers_.monetary_value;
        summary.features = customers_.features;
        for (const double of_customer : weight) {
            summary.weight.push_back(of_customer);
        }
        return summary;
    }

    [[nodiscard]] PurchaseDraw purchase_on(const std::vector<double>& weight) const {
        const std::size_t covariates = purchase_.covariates.size();
        if (covariance_.size() > 0) {
            std::vector<double> row_weight(data_.rows.size(), 0.0);
            for (std::size_t i = 0; i < weight.size(); ++i) {
                if (weight[i] > 0.0) {
                    row_weight[data_.row_of[i]] += weight[i];
                }
            }
            auto found = settle(start_, covariance_,
                                [&](const Point& at, Point& slope) { (void)problem_.value(at, slope, &row_weight); });
            if (found) {
                Eigen::MatrixXd none;
                problem_.to_natural(*found, none);
                const std::size_t parameters = problem_.parameters();
                PurchaseDraw draw{purchase_.model.parameters, purchase_.covariates.rate, purchase_.covariates.dropout};
                for (std::size_t i = 0; i < parameters; ++i) {
                    draw.parameters[i] = std::exp((*found)[i]);
                }
                for (std::size_t j = 0; j < covariates; ++j) {
                    draw.rate_effects[j] = (*found)[parameters + j];
                    if (problem_.moves_dropout()) {
                        draw.dropout_effects[j] = (*found)[parameters + covariates + j];
                    }
                }
                return draw;
            }
        }
        const PurchaseSummary customers = weighted(weight);
        const PurchaseFit fit =
            covariates == 0 ? fit_purchases(customers, purchase_.model.law)
                            : fit_with_covariates(customers, purchase_.model.law, purchase_.covariates.names, 1);
        return {fit.model.parameters, fit.covariates.rate, fit.covariates.dropout};
    }

    [[nodiscard]] SpendParameters spend_on(const std::vector<double>& weight) const {
        if (spend_covariance_.size() > 0) {
            std::vector<SpendRow> rows;
            for (std::size_t i = 0; i < weight.size(); ++i) {
                if (weight[i] > 0.0 && customers_.frequency[i] > 0.0 && customers_.monetary_value[i] > 0.0) {
                    rows.push_back({customers_.frequency[i], customers_.monetary_value[i], weight[i]});
                }
            }
            std::ranges::sort(rows, {}, [](const SpendRow& row) { return std::array{row.x, row.mean, row.weight}; });
            const auto found = settle(spend_start_, spend_covariance_, [&](const Point& at, Point& slope) {
                slope.resize(at.size());
                spend_gradient(rows, at, slope);
            });
            if (found) {
                return {std::exp((*found)[0]), std::exp((*found)[1]), std::exp((*found)[2])};
            }
        }
        return fit_spend(weighted(weight)).parameters;
    }

    const PurchaseSummary& customers_;
    const PurchaseFit& purchase_;
    const SpendFit* spend_;
    CovariateData data_;
    PurchaseProblem problem_;
    Point start_;
    Eigen::MatrixXd covariance_;  ///< empty: every sample is fitted in full
    Point spend_start_;
    Eigen::MatrixXd spend_covariance_;
};

}  // namespace

std::vector<ModelDraw> fit_bootstrap(const PurchaseSummary& customers, const PurchaseFit& purchase,
                                     const SpendFit* spend, std::size_t count, std::uint64_t seed, int threads) {
    const Refit refit(customers, purchase, spend, threads);
    const Pool pool = pool_of(customers, refit.data());
    std::vector<ModelDraw> draws(count);
    for_each_block(threads, count, [&](std::size_t /*slot*/, std::size_t k) {
        throw_if_interrupted();
        draws[k] = refit.on(sample(pool, customers.frequency.size(), k, seed));
    });
    return draws;
}

}  // namespace clv
