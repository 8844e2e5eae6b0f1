#include "clv/risk/decimal_level.hpp"

#include <array>
#include <charconv>
#include <string>
#include <string_view>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

__extension__ using Wide = __int128;
using Text = std::array<char, 1100>;  // the smallest double has 1,074 decimals

/// Those after "0.", of a level in (0, 1).
std::string_view decimals(double level, Text& text) noexcept {
    const auto* const end = std::to_chars(text.data(), text.data() + text.size(), level, std::chars_format::fixed).ptr;
    return {text.data() + 2, static_cast<std::size_t>(end - text.data() - 2)};
}

}  // namespace

bool DecimalLevel::has_few_decimals(double level) noexcept {
    Text text{};
    return decimals(level, text).size() <= most_decimals;
}

DecimalLevel::DecimalLevel(double level) : value_(level), numerator_(0), denominator_(1) {
    if (!(level > 0.0 && level < 1.0)) {
        throw ConfigError("a level must lie between 0 and 1, both excluded: got " + std::to_string(level));
    }
    if (!has_few_decimals(level)) {
        throw ConfigError("a level may have at most 15 decimals: got " + std::to_string(level));
    }
    Text text{};
    for (const char digit : decimals(level, text)) {
        numerator_ = numerator_ * 10 + (digit - '0');
        denominator_ *= 10;
    }
}

std::uint64_t DecimalLevel::rank(std::uint64_t count) const noexcept {
    const Wide product = static_cast<Wide>(count) * numerator_;
    const auto rank = static_cast<std::uint64_t>((product + denominator_ - 1) / denominator_);
    return rank == 0 ? 1 : rank;
}

std::uint64_t DecimalLevel::whole(std::uint64_t count) const noexcept {
    return static_cast<std::uint64_t>(static_cast<Wide>(count) * numerator_ / denominator_);
}

double DecimalLevel::fraction(std::uint64_t count) const noexcept {
    const auto rest =
        static_cast<double>(static_cast<std::int64_t>(static_cast<Wide>(count) * numerator_ % denominator_));
    return rest / static_cast<double>(denominator_);
}

}  // namespace clv
