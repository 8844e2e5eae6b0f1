#pragma once
// The prices of several limits: the minimum of Lagrange's dual function by cutting planes within a trust region.

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "priced_customers.hpp"

namespace clv::decisions {

/// The dual function at some prices [side], all at least 0: convex, piecewise linear, an upper bound of every plan.
struct DualPoint {
    std::vector<double> prices;
    double value = 0.0;
    std::vector<double> slope;  ///< d value / d price: bound minus use
};

using DualFunction = std::function<DualPoint(std::span<const double> prices)>;

struct DualSearch {
    std::vector<double> start;   ///< [side]
    std::vector<double> scale;   ///< [side]: a typical price, above 0
    std::vector<double> lowest;  ///< [side]: prices stay within these
    std::vector<double> highest;
    double radius = 1.0;        ///< first trust region, in scales
    double tolerance = 1.0e-9;  ///< relative, of the value
    double magnitude = 0.0;     ///< of values; 0: that at the start
    int most_evaluations = 500;
};

struct DualMinimum {
    DualPoint point;
    bool is_minimum = false;  ///< within tolerance, as far as the cutting planes show
    int evaluations = 0;
};

[[nodiscard]] DualMinimum minimise_dual(const DualFunction& dual, const DualSearch& search);

}  // namespace clv::decisions
