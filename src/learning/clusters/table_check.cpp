#include "learning/clusters/table_check.hpp"

#include <fmt/format.h>

#include <cmath>

#include "clv/core/errors.hpp"
#include "clv/core/progress.hpp"

namespace clv {

void check_table(std::span<const double> values, std::size_t columns) {
    constexpr double largest = 1e150;
    if (columns == 0 || values.empty() || values.size() % columns != 0) {
        throw InputError(fmt::format("{} numbers are no table of {} columns: give whole rows, at least one",
                                     values.size(), columns));
    }
    in_stretches(values.size(), [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) {
            if (!(std::abs(values[i]) <= largest)) {
                throw InputError(fmt::format(
                    "row {}, column {} of the table is {}: leave the row out, or fill in a number from -{} to {}",
                    i / columns + 1, i % columns + 1, values[i], largest, largest));
            }
        }
    });
}

}  // namespace clv
