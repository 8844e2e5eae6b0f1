#include "clv/risk/profit_prior.hpp"

#include <algorithm>
#include <cmath>

namespace clv {

double credible_error(double se, const ProfitPrior& prior, std::uint64_t paths) {
    if (!(prior.excess > 0.0)) {
        return se;
    }
    const auto count = static_cast<double>(paths);
    const double sample = prior.doubt / (prior.doubt + prior.excess / count);
    return std::sqrt(sample * (se * se) + (1.0 - sample) * (prior.variance / count));
}

ProfitPrior prior_of(const GainMoments& gain, double acceptance, double variance_of_gain, double doubt) {
    const double mean = acceptance * gain.first;
    const double square = acceptance * gain.second;
    const double variance = square - mean * mean;
    if (!(variance > 1e-12 * square)) {
        return {};
    }
    const double fourth = acceptance * gain.fourth - 4.0 * mean * (acceptance * gain.third) +
                          6.0 * (mean * mean) * square - 3.0 * (mean * mean) * (mean * mean);
    return {acceptance * (1.0 - acceptance) * gain.second + acceptance * acceptance * variance_of_gain,
            std::max(0.0, fourth / (variance * variance) - 3.0), doubt};
}

}  // namespace clv
