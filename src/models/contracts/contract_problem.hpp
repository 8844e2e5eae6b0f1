#pragma once
// The likelihood of a law of renewal over groups of customers with equal covariates, and its gradient. Internal to the
// models.

#include <Eigen/Core>
#include <array>
#include <cstddef>
#include <vector>

#include "clv/math/maximise.hpp"
#include "clv/models/contract_covariates.hpp"

namespace clv {

/// Covariates of mean 0 and standard deviation 1 over customers.
struct StandardisedCovariates {
    std::vector<double> mean;
    std::vector<double> sd;
    std::vector<double> usual;           ///< of two values the more frequent one, standardised; of more the mean, 0
    std::vector<std::vector<double>> z;  ///< [group]
};

/// Throws InputError for a covariate that is the same for everybody, or a combination of those before it.
[[nodiscard]] StandardisedCovariates standardised_covariates(const RenewalGroups& renewals);

/// The log-likelihood of counts of renewals, and its derivatives by the logarithms of alpha, beta and c.
struct RenewalSlope {
    double value = 0.0;
    std::array<double, 3> by_logs{};
};
[[nodiscard]] RenewalSlope renewal_slope(const ContractModel& model, const RenewalGroup& group);

/// Coordinates: logarithms of the law's parameters at mean covariates, effects on alpha, effects on beta, both per
/// standard deviation.
class ContractProblem {
  public:
    /// `renewals` must outlive it. Sums are taken by `threads` threads (0: all), in an order that does not depend on
    /// them.
    ContractProblem(const RenewalGroups& renewals, ContractLaw law, int threads);

    [[nodiscard]] ContractLaw law() const noexcept { return law_; }
    [[nodiscard]] std::size_t parameters() const noexcept { return parameters_; }
    [[nodiscard]] std::size_t covariates() const noexcept { return covariates_; }
    [[nodiscard]] std::size_t size() const noexcept { return parameters_ + 2 * covariates_; }
    /// Standard deviation of a covariate's column.
    [[nodiscard]] double spread(std::size_t covariate) const { return covariates_of_.sd[covariate]; }
    [[nodiscard]] const std::vector<double>& usual() const noexcept { return covariates_of_.usual; }
    /// The value, and the gradient unless that is null.
    double value(const Point& at, Point* gradient = nullptr) const;

    /// From coordinates to parameters at z = 0 and effects per unit: the map is linear, and so is that of errors.
    /// `covariance` may be empty.
    void to_natural(Point& at, Eigen::MatrixXd& covariance) const;

  private:
    [[nodiscard]] ContractModel own(const Point& at, std::size_t group) const;
    void add_group(const Point& at, std::size_t group, bool with_gradient, double* sums) const;

    const RenewalGroups& renewals_;
    ContractLaw law_;
    int threads_;
    StandardisedCovariates covariates_of_;
    std::size_t parameters_;
    std::size_t covariates_;
};

}  // namespace clv
