#pragma once
// What is fixed and known of customers, and how it moves their purchases (Fader, Hardie 2007, "Incorporating
// time-invariant covariates into the Pareto/NBD and BG/NBD models"). With z the covariates of a customer:
//
//   rate     gamma_1: the purchase rate is exp(gamma_1' z) times that at z = 0    alpha_i = alpha exp(-gamma_1' z)
//   dropout  gamma_2: Pareto/NBD, the rate of dropping out likewise               beta_i = beta exp(-gamma_2' z)
//                     BG/NBD, MBG/NBD, the odds a / b of dropping out             a_i = a exp(gamma_2' z)
//
// b stays the same for all: with effects on both a and b the data tell little more than their ratio, which one effect
// already moves.

#include <cstddef>
#include <string>
#include <vector>

namespace clv {

struct CovariateEffects {
    std::vector<std::string> names;
    std::vector<double> rate;     ///< [covariate], per unit of it
    std::vector<double> dropout;  ///< [covariate]; 0 where nobody drops out
    std::vector<double> rate_se;  ///< NaN unless converged
    std::vector<double> dropout_se;
    /// Of the logarithms of the law's parameters, then the rate's effects, then, where customers drop out, the
    /// dropout's; row by row. Empty unless converged.
    std::vector<std::vector<double>> covariance;

    [[nodiscard]] std::size_t size() const noexcept { return names.size(); }
};

}  // namespace clv
