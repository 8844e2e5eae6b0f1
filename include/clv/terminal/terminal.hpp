#pragma once
// What the user sees. Data goes to stdout; messages and progress go to stderr, so that a pipe carries data alone.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "clv/core/progress.hpp"

namespace clv {

/// 1234567.891 with two decimals is "1,234,567.89".
[[nodiscard]] std::string with_thousands(double value, int decimals);
[[nodiscard]] std::string with_thousands(std::int64_t value);

/// A duration for people: "3.2 s", "4 min 05 s", "2 h 10 min".
[[nodiscard]] std::string duration_text(double seconds);

/// A table for people: a header, a rule, rows; numbers to the right, text to the left.
class Table {
  public:
    enum class Align { left, right };
    struct Column {
        std::string header;
        Align align = Align::right;
    };

    explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

    /// One cell per column, already formatted; throws std::invalid_argument on another count.
    void add_row(std::vector<std::string> cells);

    /// The whole table, every line ended. `emphasis`: the header in bold.
    [[nodiscard]] std::string text(bool emphasis = false) const;

  private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

struct TerminalSettings {
    bool quiet = false;     ///< only data and errors
    bool json = false;      ///< data as JSON instead of tables; the commands look at it
    bool animated = false;  ///< stderr can rewrite its line
    bool coloured = false;  ///< stdout may carry colour
    std::FILE* out = stdout;
    std::FILE* err = stderr;
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// Settings for the streams of this process: animation and colour only on a terminal, none where NO_COLOR is set (no
/// colour) or TERM is "dumb" (neither).
[[nodiscard]] TerminalSettings detect_terminal(bool quiet, bool json);

/// Where a command says what it does and what came out.
class Terminal : public Progress {
  public:
    /// Whether data is to be JSON instead of tables.
    [[nodiscard]] virtual bool wants_json() const noexcept = 0;

    /// To stdout, as it is. Throws OutputError if it cannot be written (a closed pipe, a full disk).
    virtual void data(std::string_view text) = 0;
    virtual void data(const Table& table) = 0;

    /// One line to stderr, unless quiet. A line break is added.
    virtual void message(std::string_view text) = 0;
    /// The same, with "warning: " before it.
    void warning(std::string_view text);
};

/// The streams of a process. Thread-safe. On a terminal progress is one line that rewrites itself, with share, rate and
/// remaining time; elsewhere it is a plain line every 10% that took a second or more, and at least every 10 seconds.
class StreamTerminal final : public Terminal {
  public:
    explicit StreamTerminal(TerminalSettings settings) : settings_(std::move(settings)) {}
    ~StreamTerminal() override;
    StreamTerminal(const StreamTerminal&) = delete;
    StreamTerminal& operator=(const StreamTerminal&) = delete;

    [[nodiscard]] bool wants_json() const noexcept override { return settings_.json; }
    void data(std::string_view text) override;
    void data(const Table& table) override;
    void message(std::string_view text) override;

    void begin(std::string_view stage, std::uint64_t total) override;
    void advance(std::uint64_t units) override;
    void end() override;

  private:
    void draw();
    void clear();
    void write_line(std::string_view text);
    [[nodiscard]] double seconds_since(std::chrono::steady_clock::time_point start) const;
    [[nodiscard]] std::string progress_text() const;

    TerminalSettings settings_;
    std::mutex mutex_;
    std::string stage_;  ///< empty: no stage is under way
    std::uint64_t total_ = 0;
    std::uint64_t done_ = 0;
    std::uint64_t reported_tenths_ = 0;  ///< of the stage, at the last plain line
    std::chrono::steady_clock::time_point started_;
    std::chrono::steady_clock::time_point last_drawn_;
    bool line_drawn_ = false;
};

}  // namespace clv
