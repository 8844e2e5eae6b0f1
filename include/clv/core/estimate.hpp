#pragma once

#include <string>

namespace clv {

/// One statistic, estimator or score with its uncertainty: what every table and figure of results is made of.
struct Estimate {
    std::string name;
    std::string unit;  ///< "currency", "months", "share", "count" ..
    double value = 0.0;
    double se = 0.0;    ///< standard error of value, same unit
    double low = 0.0;   ///< lower end of the interval named in method
    double high = 0.0;  ///< upper end of the interval named in method
    std::string method;
};

}  // namespace clv
