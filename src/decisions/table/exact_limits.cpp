#include "clv/decisions/table/exact_limits.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace clv {

namespace {

/// 0 where it is below every double: then no sum lies between the bound and half a unit beyond it.
double half_last_place(double bound) noexcept {
    const double magnitude = std::abs(bound);
    return 0.5 * (std::nextafter(magnitude, std::numeric_limits<double>::infinity()) - magnitude);
}

}  // namespace

Allowance::Allowance(double bound) noexcept : magnitude_(std::isfinite(bound) ? std::abs(bound) : 0.0) {
    add(bound);
}

void Allowance::add(double amount) noexcept {
    if (const double part = std::min(std::abs(amount), magnitude_); part > 0.0) {
        sum_.add(half_last_place(part));
    }
}

bool keeps_most(OrderFreeSum sum, double most, double allowance) noexcept {
    if (!std::isfinite(most)) {
        return most > 0.0;
    }
    sum.add(-most);
    sum.add(-allowance);
    return sum.sign() <= 0;
}

bool keeps_least(OrderFreeSum sum, double least, double allowance) noexcept {
    if (!std::isfinite(least)) {
        return least < 0.0;
    }
    sum.add(-least);
    sum.add(allowance);
    return sum.sign() >= 0;
}

double least_return(double min_roi) noexcept {
    return min_roi - 0x1p-51 * std::abs(min_roi);
}

}  // namespace clv
