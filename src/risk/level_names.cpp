#include "clv/risk/level_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace clv {

std::string level_suffix(double level) {
    if (!(level >= 0.0 && level <= 1.0)) {
        throw std::invalid_argument(fmt::format("{} is not a level", level));
    }
    if (level == 1.0) {
        return "100";
    }
    std::array<char, 400> buffer;
    const auto [end, error] =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), level, std::chars_format::fixed);
    std::string digits(buffer.data(), end);
    digits = digits.substr(std::min<std::size_t>(2, digits.size()));
    if (level == 0.0) {
        digits.clear();
    }
    digits.resize(std::max<std::size_t>(2, digits.size()), '0');
    return digits.size() == 2 ? digits : digits.substr(0, 2) + "_" + digits.substr(2);
}

std::string quantile_column(double level) {
    return fmt::format("clv_q{}", level_suffix(level));
}

std::string cvar_column(double level) {
    return fmt::format("clv_cvar{}", level_suffix(level));
}

std::string var_column(double level) {
    return fmt::format("clv_var{}", level_suffix(level));
}

}  // namespace clv
