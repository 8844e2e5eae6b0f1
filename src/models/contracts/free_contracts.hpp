#pragma once
// What renewals leave open of a law with covariates. Internal to the models.

#include "clv/models/contract_fit.hpp"
#include "contract_problem.hpp"

namespace clv {

/// Settles what `problem` identifies of the fit, whose maximum is at `at` with this covariance, by the
/// rules of identification.hpp: not identified is a quantity of which the data do not exclude a limit. Warnings name
/// it, and its standard errors are not known. Where no normal distribution is near the likelihood, the fit gets draws
/// from it. `periods` have been observed.
void identify(ContractFit& fit, const ContractProblem& problem, const Point& at, const Eigen::MatrixXd& covariance,
              int periods);

}  // namespace clv
