#include "clv/data/tables/parse_date.hpp"

#include <fmt/format.h>

#include "clv/data/tables/parse_number.hpp"

namespace clv {
namespace {

/// Takes digits and signs off the front of a text.
class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const noexcept { return rest_.empty(); }

    bool take(char sign) noexcept {
        const bool found = !rest_.empty() && rest_.front() == sign;
        rest_.remove_prefix(found ? 1 : 0);
        return found;
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

  private:
    std::string_view rest_;
};

bool is_up_to(int value, int limit) noexcept {
    return value >= 0 && value <= limit;
}

bool take_time_of_day(Scanner& scan) noexcept {
    constexpr int max_fraction_digits = 9;
    if (!is_up_to(scan.number(1, 2), 23) || !scan.take(':') || !is_up_to(scan.number(2, 2), 59)) {
        return false;
    }
    if (scan.take(':')) {
        if (!is_up_to(scan.number(2, 2), 59) || (scan.take('.') && scan.number(1, max_fraction_digits) < 0)) {
            return false;
        }
    }
    scan.take('Z');
    return true;
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
    if ((scan.take(' ') || scan.take('T')) && !take_time_of_day(scan)) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    if (!scan.done() || !date.ok()) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date);
}

std::string iso_date(std::chrono::sys_days day) {
    const std::chrono::year_month_day date(day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

}  // namespace clv
