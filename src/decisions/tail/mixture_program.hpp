#pragma once
// The worst path weights for all mixtures of known plans: a linear program with many variables and few rows.

#include <Eigen/Dense>
#include <cstddef>
#include <vector>

namespace clv::decisions {

/// Minimises cost v + sum over groups g of z_g, where constant_j + rows_j v <= z_group(j), 0 <= v <= upper, and the
/// first `weights` of the v sum to 1. All figures of the order of 1 or less; every upper above 0, and those of the
/// weights sum to more than 1.
struct MixtureProgram {
    Eigen::Index weights = 0;
    Eigen::MatrixXd rows;  ///< [row][variable]
    Eigen::VectorXd constant;
    Eigen::VectorXd cost;
    Eigen::VectorXd upper;
    std::vector<Eigen::Index> group;  ///< of every row
    Eigen::Index groups = 0;          ///< each with at least one row
};

struct MixtureSolution {
    Eigen::VectorXd variables;
    Eigen::VectorXd shares;  ///< of the rows in the best mixture: at least 0, sum 1 in each group
};

/// To within `tolerance` of the optimum by Mehrotra's predictor and corrector (1992), or as near as 64 bits allow.
[[nodiscard]] MixtureSolution solve(const MixtureProgram& program, double tolerance);

}  // namespace clv::decisions
