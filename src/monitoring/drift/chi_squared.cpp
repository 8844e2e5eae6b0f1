#include "monitoring/drift/chi_squared.hpp"

#include <boost/math/special_functions/gamma.hpp>

namespace clv {

double chi_squared_tail(double x, double degrees) {
    return boost::math::gamma_q(0.5 * degrees, 0.5 * x);
}

double chi_squared_quantile(double tail, double degrees) {
    return 2.0 * boost::math::gamma_q_inv(0.5 * degrees, tail);
}

}  // namespace clv
