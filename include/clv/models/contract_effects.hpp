#pragma once
// What is fixed and known of customers, and how it moves their renewals. With z the covariates of a customer:
//
//   alpha_i = alpha exp(g_alpha' z)      beta_i = beta exp(g_beta' z)      c is the same for all
//
// as Fader and Hardie 2007, "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models", move the
// parameters of a mixture. g_alpha - g_beta is what a unit of a column adds to the log odds alpha / beta of leaving at
// the first renewal; what moves both alike changes how much customers of the same covariates differ.

#include <cstddef>
#include <string>
#include <vector>

namespace clv {

/// A column that moves renewals: numbers, or texts of which each level but the first is a covariate of 0 and 1.
struct ContractColumn {
    std::string name;
    std::vector<std::string> levels{};  ///< the most frequent first; empty: numbers
};

/// "column", or "column=level" of every level but the first.
[[nodiscard]] std::vector<std::string> effect_names(const std::vector<ContractColumn>& columns);

struct ContractEffects {
    std::vector<ContractColumn> columns;
    std::vector<double> alpha;  ///< [covariate], per unit of it, in the order of effect_names()
    std::vector<double> beta;
    std::vector<double> alpha_se;  ///< NaN where the data leave it open
    std::vector<double> beta_se;
    /// Of the logarithms of the law's parameters, then alpha's effects, then beta's; row by row. Empty where curvature
    /// does not say it.
    std::vector<std::vector<double>> covariance;
    /// Draws from the likelihood, entries in the same order, where no normal distribution is near it. Else empty.
    std::vector<std::vector<double>> draws;
    double log_likelihood_without = 0.0;  ///< of the law fitted to everybody alike

    [[nodiscard]] std::size_t size() const noexcept { return alpha.size(); }
};

}  // namespace clv
