#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "clv/data/tables/parse_number.hpp"

namespace clv {

/// What people call a figure of portfolio.csv: "5% quantile" for clv_q05.
inline std::string label_of(std::string_view column) {
    struct Label {
        std::string_view prefix;
        const char* text;  ///< {}: the level, in percent
    };
    constexpr Label labels[] = {
        {"clv_mean", "expected value"}, {"clv_se", "its standard error"}, {"clv_sd", "standard deviation"},
        {"clv_q", "{}% quantile"},      {"clv_cvar", "CVaR {}%"},         {"clv_var", "value at risk {}%"},
        {"prob_loss", "P(loss)"},
    };
    for (const Label& label : labels) {
        if (column.starts_with(label.prefix)) {
            std::string level(column.substr(label.prefix.size()));
            std::ranges::replace(level, '_', '.');
            return fmt::format(fmt::runtime(label.text), fmt::format("{:g}", parse_number(level).value));
        }
    }
    return std::string(column);
}

}  // namespace clv
