#include "clv/terminal/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

#include "clv/core/errors.hpp"

namespace clv {

namespace {

constexpr double redraw_seconds = 0.1;
constexpr double plain_line_seconds = 1.0;
constexpr double longest_silence_seconds = 10.0;

/// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string group_digits(std::string_view digits) {
    std::string grouped;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) {
            grouped += ',';
        }
        grouped += digits[i];
    }
    return grouped;
}

bool variable_is_set(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != '\0';
}

}  // namespace

std::string with_thousands(double value, int decimals) {
    const std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
    const std::size_t whole_digits = std::isfinite(value) ? std::min(text.find('.'), text.size()) : 0;
    const bool rounds_to_zero = text.find_first_not_of("0.") == std::string::npos;
    return fmt::format("{}{}{}", value < 0 && !rounds_to_zero ? "-" : "",
                       group_digits(std::string_view(text).substr(0, whole_digits)), text.substr(whole_digits));
}

std::string with_thousands(std::int64_t value) {
    const std::string text = fmt::format("{}", value);
    const std::size_t sign = value < 0 ? 1 : 0;
    return text.substr(0, sign) + group_digits(std::string_view(text).substr(sign));
}

std::string duration_text(double seconds) {
    if (seconds < 59.95) {
        return fmt::format("{:.{}f} s", seconds, seconds < 9.95 ? 1 : 0);
    }
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 3600) {
        return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    }
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

void Table::add_row(std::vector<std::string> cells) {
    if (cells.size() != columns_.size()) {
        throw std::invalid_argument(
            fmt::format("a table of {} columns got a row of {} cells", columns_.size(), cells.size()));
    }
    rows_.push_back(std::move(cells));
}

std::string Table::text(bool emphasis) const {
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::size_t widest = width(columns_[c].header);
        for (const auto& row : rows_) {
            widest = std::max(widest, width(row[c]));
        }
        widths.push_back(widest);
    }

    const auto line = [&](auto&& cell) {
        std::string text;
        for (std::size_t c = 0; c < columns_.size(); ++c) {
            const std::string& content = cell(c);
            const std::string padding(widths[c] - width(content), ' ');
            text += c == 0 ? "" : "  ";
            text += columns_[c].align == Align::right ? padding + content : content + padding;
        }
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    };

    std::string rule;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        rule += c == 0 ? "" : "  ";
        for (std::size_t i = 0; i < widths[c]; ++i) {
            rule += "─";
        }
    }

    const std::string header = line([&](std::size_t c) -> const std::string& { return columns_[c].header; });
    std::string text = fmt::format("{}{}{}\n", emphasis ? "\x1b[1m" : "", header, emphasis ? "\x1b[0m" : "");
    text += rule + "\n";
    for (const auto& row : rows_) {
        text += line([&](std::size_t c) -> const std::string& { return row[c]; }) + "\n";
    }
    return text;
}

TerminalSettings detect_terminal(bool quiet, bool json) {
    const char* term = std::getenv("TERM");
    const bool capable = term != nullptr && std::string_view(term) != "dumb" && *term != '\0';
    TerminalSettings settings;
    settings.quiet = quiet;
    settings.json = json;
    settings.animated = capable && isatty(STDERR_FILENO) != 0;
    settings.coloured = capable && isatty(STDOUT_FILENO) != 0 && !variable_is_set("NO_COLOR");
    return settings;
}

StreamTerminal::~StreamTerminal() {
    clear();
}

void StreamTerminal::data(std::string_view text) {
    const std::lock_guard lock(mutex_);
    clear();
    const bool written = std::fwrite(text.data(), 1, text.size(), settings_.out) == text.size();
    const bool failed = !written || std::fflush(settings_.out) != 0;
    if (failed && errno != EPIPE) {  // a reader that went away has seen what it wanted
        throw OutputError(fmt::format("cannot write (standard output, {}): write to a file or a disk with room",
                                      std::strerror(errno)));
    }
}

void StreamTerminal::data(const Table& table) {
    data(table.text(settings_.coloured));
}

void StreamTerminal::message(std::string_view text) {
    const std::lock_guard lock(mutex_);
    if (!settings_.quiet) {
        clear();
        write_line(text);
    }
}

void Terminal::warning(std::string_view text) {
    message(fmt::format("warning: {}", text));
}

void StreamTerminal::begin(std::string_view stage, std::uint64_t total) {
    const std::lock_guard lock(mutex_);
    clear();
    stage_ = stage;
    total_ = total;
    done_ = 0;
    reported_tenths_ = 0;
    started_ = settings_.now();
    last_drawn_ = started_;
    if (settings_.animated) {
        draw();
    }
}

void StreamTerminal::advance(std::uint64_t units) {
    const std::lock_guard lock(mutex_);
    done_ += units;
    if (settings_.quiet || stage_.empty()) {
        return;
    }
    const double silence = seconds_since(last_drawn_);
    if (settings_.animated) {
        if (silence >= redraw_seconds) {
            draw();
        }
        return;
    }
    const std::uint64_t tenths =
        total_ == 0 ? 0 : static_cast<std::uint64_t>(10.0 * static_cast<double>(done_) / static_cast<double>(total_));
    const bool another_tenth = tenths > reported_tenths_ && silence >= plain_line_seconds;
    if (done_ < total_ && (another_tenth || silence >= longest_silence_seconds)) {
        reported_tenths_ = tenths;
        draw();
    }
}

void StreamTerminal::end() {
    const std::lock_guard lock(mutex_);
    clear();
    if (!settings_.quiet && !stage_.empty() && seconds_since(started_) >= plain_line_seconds) {
        write_line(fmt::format("{}: {} in {}", stage_, with_thousands(static_cast<std::int64_t>(done_)),
                               duration_text(seconds_since(started_))));
    }
    stage_.clear();
}

void StreamTerminal::draw() {
    if (settings_.quiet) {
        return;
    }
    last_drawn_ = settings_.now();
    if (settings_.animated) {
        std::fputs(fmt::format("\r{}\x1b[K", progress_text()).c_str(), settings_.err);
        std::fflush(settings_.err);
        line_drawn_ = true;
    } else {
        write_line(progress_text());
    }
}

void StreamTerminal::clear() {
    if (line_drawn_) {
        std::fputs("\r\x1b[K", settings_.err);
        std::fflush(settings_.err);
        line_drawn_ = false;
    }
}

// A message that cannot be shown is no reason to stop, so errors of stderr are passed over.
void StreamTerminal::write_line(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), settings_.err);
    std::fputc('\n', settings_.err);
    std::fflush(settings_.err);
}

double StreamTerminal::seconds_since(std::chrono::steady_clock::time_point start) const {
    return std::chrono::duration<double>(settings_.now() - start).count();
}

std::string StreamTerminal::progress_text() const {
    const double share = total_ == 0 ? 0.0 : std::min(1.0, static_cast<double>(done_) / static_cast<double>(total_));
    std::string text = fmt::format("{}: {:3.0f}%, {} of {}", stage_, std::floor(100.0 * share),
                                   with_thousands(static_cast<std::int64_t>(done_)),
                                   with_thousands(static_cast<std::int64_t>(total_)));
    const double elapsed = seconds_since(started_);
    if (done_ > 0 && elapsed > 0.0) {
        text += fmt::format(", {} a second, {} left", with_thousands(static_cast<double>(done_) / elapsed, 0),
                            duration_text(elapsed * (1.0 - share) / std::max(share, 1e-9)));
    }
    return text;
}

}  // namespace clv
