#pragma once
// The name of value_vectors.hpp for one path at a time.

#include "clv/paths/subscription_path.hpp"

namespace clv::cpu {

namespace {

/// tabled_value of `count` paths.
[[maybe_unused]] void tabled_values(const ValueTable& table, int /*horizon_months*/, double margin,
                                    const std::int32_t* paid, const float* noise, const float* active_noise, int count,
                                    double* values) {
    for (int at = 0; at < count; ++at) {
        values[at] = tabled_value(table, margin, paid[at], noise[at], active_noise[at]);
    }
}

}  // namespace

}  // namespace clv::cpu
