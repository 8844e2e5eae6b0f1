#include "clv/data/tables/parse_date.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clv/data/tables/parse_number.hpp"

namespace clv {
namespace {

/// Takes digits, signs and words off the front of a text.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

    bool take(char sign) noexcept { return take(std::string_view(&sign, 1)); }
    bool take(std::string_view word) noexcept {
        const bool found = rest_.starts_with(word);
        rest_.remove_prefix(found ? word.size() : 0);
        return found;
    }

    [[nodiscard]] bool is_at_digit() const noexcept { return digits() > 0; }
    /// Digits that come next.
    [[nodiscard]] std::size_t digits() const noexcept {
        std::size_t count = 0;
        while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9') {
            ++count;
        }
        return count;
    }
    /// Skips digits; false if there is none.
    bool skip_digits() noexcept {
        const std::size_t count = digits();
        rest_.remove_prefix(count);
        return count > 0;
    }

    /// A number of at least `min_digits` and at most `max_digits` digits, or -1.
    int number(int min_digits, int max_digits) noexcept {
        int value = 0;
        int digits = 0;
        for (; digits < max_digits && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
            value = 10 * value + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return digits < min_digits ? -1 : value;
    }

    /// Skips what stands up to the next `sign`, and it; false if it does not come.
    bool skip_past(char sign) noexcept {
        const std::size_t at = rest_.find(sign);
        rest_.remove_prefix(at == std::string_view::npos ? 0 : at + 1);
        return at != std::string_view::npos;
    }

  private:
    std::string_view rest_;
};

bool is_up_to(int value, int limit) noexcept {
    return value >= 0 && value <= limit;
}

/// AM or PM behind the hours of a clock with twelve of them.
bool take_half_of_day(Scanner& scan) noexcept {
    for (const std::string_view word : {"AM", "PM", "am", "pm", "a.m.", "p.m."}) {
        if (scan.take(word)) {
            return true;
        }
    }
    return false;
}

/// H:MM[:SS[.fraction]][ AM], or without colons HHMM[SS[.fraction]].
bool take_time_of_day(Scanner& scan) noexcept {
    const bool has_colons = scan.digits() <= 2;
    const int hour = scan.number(has_colons ? 1 : 2, 2);
    if (!is_up_to(hour, 23) || (has_colons && !scan.take(':')) || !is_up_to(scan.number(2, 2), 59)) {
        return false;
    }
    if (has_colons ? scan.take(':') : scan.is_at_digit()) {
        constexpr int with_leap_second = 60;
        if (!is_up_to(scan.number(2, 2), with_leap_second) ||
            ((scan.take('.') || scan.take(',')) && !scan.skip_digits())) {
            return false;
        }
    }
    Scanner behind = scan;
    static_cast<void>(behind.take(' '));
    if (take_half_of_day(behind)) {
        scan = behind;
        return hour >= 1 && hour <= 12;
    }
    return true;
}

/// +HH, +HHMM or +HH:MM[:SS], with either sign.
bool take_offset(Scanner& scan) noexcept {
    constexpr std::string_view minus_sign = "\xE2\x88\x92";
    if (!scan.take('+') && !scan.take('-') && !scan.take(minus_sign)) {
        return false;
    }
    if (!is_up_to(scan.number(2, 2), 23)) {
        return false;
    }
    const bool has_colons = scan.take(':');
    if (has_colons || scan.is_at_digit()) {
        if (!is_up_to(scan.number(2, 2), 59) || (scan.take(':') && !is_up_to(scan.number(2, 2), 59))) {
            return false;
        }
    }
    return true;
}

/// Z, UTC or GMT, an offset, or an offset behind one of these words; then a name in brackets, perhaps. Nothing at all
/// is a zone too.
bool take_zone(Scanner& scan) noexcept {
    static_cast<void>(scan.take(' '));
    if (scan.done()) {
        return true;
    }
    const bool has_name = scan.take('Z') || scan.take('z') || scan.take("UTC") || scan.take("GMT");
    if (!take_offset(scan) && !has_name) {
        return false;
    }
    return !scan.take('[') || scan.skip_past(']');
}

}  // namespace

std::optional<std::chrono::sys_days> parse_date(std::string_view cell, DateFormat format) noexcept {
    Scanner scan(trimmed(cell));
    int year = 0;
    int month = 0;
    int day = 0;
    if (format == DateFormat::iso) {
        year = scan.number(4, 4);
        const bool dashes = scan.take('-');
        month = scan.number(2, 2);
        if (scan.take('-') != dashes) {
            return std::nullopt;
        }
        day = scan.number(2, 2);
    } else {
        int& first = format == DateFormat::month_first ? month : day;
        int& second = format == DateFormat::month_first ? day : month;
        first = scan.number(1, 2);
        if (!scan.take('/')) {
            return std::nullopt;
        }
        second = scan.number(1, 2);
        if (!scan.take('/')) {
            return std::nullopt;
        }
        year = scan.number(4, 4);
    }
    if (year < 0 || month < 0 || day < 0) {
        return std::nullopt;
    }
    if (!scan.done()) {
        const bool needs_time = scan.take('T') || scan.take('t');
        Scanner behind = scan;
        const bool has_time = needs_time || (behind.take(' ') && behind.is_at_digit());
        if (has_time && !needs_time) {
            scan = behind;
        }
        if ((has_time && !take_time_of_day(scan)) || !take_zone(scan)) {
            return std::nullopt;
        }
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!scan.done() || !date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date);
}

bool names_a_zone(std::string_view cell) noexcept {
    const std::string_view text = trimmed(cell);
    const std::size_t last = text.find_last_of(" 0123456789");
    const std::string_view word = last == std::string_view::npos ? "" : text.substr(last + 1);
    const auto is_of_a_name = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' || c == '_' || c == '-';
    };
    const std::string_view before = text.substr(0, text.size() - word.size());
    return word.size() >= 2 && std::ranges::all_of(word, is_of_a_name) &&
           std::ranges::any_of(date_formats, [&](DateFormat format) { return parse_date(before, format).has_value(); });
}

std::string iso_date(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

}  // namespace clv
