#pragma once

#include <string_view>

namespace clv {

/// How a maximum-likelihood fit ended. A fit that is not `converged` is still usable, but its standard errors are not.
enum class FitStatus {
    converged,
    at_bound,        ///< the likelihood keeps growing towards an end of the range: a parameter is not identified
    not_identified,  ///< the likelihood has no single peak: many parameter values fit equally well
    not_converged,   ///< the optimiser stopped early
};

[[nodiscard]] constexpr std::string_view to_string(FitStatus status) noexcept {
    switch (status) {
        case FitStatus::converged:
            return "converged";
        case FitStatus::at_bound:
            return "at bound";
        case FitStatus::not_identified:
            return "not identified";
        case FitStatus::not_converged:
            return "not converged";
    }
    return "unknown";
}

}  // namespace clv
