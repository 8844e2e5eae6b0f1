#include "clv/terminal/terminal.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "clv/core/errors.hpp"

namespace clv {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

/// A terminal that writes to temporary files and whose clock stands still until moved.
class TerminalTest : public ::testing::Test {
  protected:
    void SetUp() override {
        settings.out = std::tmpfile();
        settings.err = std::tmpfile();
        ASSERT_NE(settings.out, nullptr);
        ASSERT_NE(settings.err, nullptr);
        settings.now = [this] { return clock; };
    }
    void TearDown() override {
        std::fclose(settings.out);
        std::fclose(settings.err);
    }

    static std::string text_of(std::FILE* file) {
        std::string text;
        std::rewind(file);
        for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
            text += static_cast<char>(c);
        }
        return text;
    }
    [[nodiscard]] std::string out() const { return text_of(settings.out); }
    [[nodiscard]] std::string err() const { return text_of(settings.err); }
    [[nodiscard]] std::size_t err_lines() const {
        const std::string text = err();
        return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    }

    TerminalSettings settings;
    std::chrono::steady_clock::time_point clock{};
};

TEST_F(TerminalTest, DataGoesToOutAndMessagesToErr) {
    StreamTerminal terminal(settings);
    terminal.data("1,2\n");
    terminal.message("hello");
    terminal.warning("careful");
    EXPECT_EQ(out(), "1,2\n");
    EXPECT_EQ(err(), "hello\nwarning: careful\n");
}

TEST_F(TerminalTest, QuietLeavesOnlyData) {
    settings.quiet = true;
    settings.animated = true;
    StreamTerminal terminal(settings);
    terminal.message("hello");
    terminal.warning("careful");
    terminal.begin("simulating", 10);
    clock += 60s;
    terminal.advance(10);
    terminal.end();
    terminal.data("x\n");
    EXPECT_EQ(err(), "");
    EXPECT_EQ(out(), "x\n");
}

TEST_F(TerminalTest, PipedProgressIsPlainLinesAtTenths) {
    StreamTerminal terminal(settings);
    terminal.begin("simulating", 1000);
    for (int i = 0; i < 1000; ++i) {
        clock += 20ms;
        terminal.advance(1);
    }
    terminal.end();
    EXPECT_EQ(err_lines(), 10U) << err();  // 10%, 20%, .. 90%, and the end
    EXPECT_THAT(err(), HasSubstr("simulating:  50%, 500 of 1,000, 50 a second, 10 s left\n"));
    EXPECT_THAT(err(), HasSubstr("simulating: 1,000 in 20 s\n"));
    EXPECT_THAT(err(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(err(), Not(HasSubstr("\r")));
}

TEST_F(TerminalTest, PipedProgressOfShortWorkIsSilentAndOfSlowWorkOneLineInTenSeconds) {
    StreamTerminal terminal(settings);
    terminal.begin("reading", 100);
    for (int i = 0; i < 100; ++i) {
        clock += 1ms;
        terminal.advance(1);
    }
    terminal.end();
    EXPECT_EQ(err(), "");
    terminal.begin("simulating", 1'000'000);
    for (int i = 0; i < 35; ++i) {
        clock += 1s;
        terminal.advance(1);
    }
    EXPECT_EQ(err_lines(), 3U) << err();
}

TEST_F(TerminalTest, AnimatedProgressRewritesOneLineAndMakesRoomForMessages) {
    settings.animated = true;
    StreamTerminal terminal(settings);
    terminal.begin("simulating", 200);
    clock += 1s;
    terminal.advance(50);
    EXPECT_THAT(err(), HasSubstr("\rsimulating:  25%, 50 of 200, 50 a second, 3.0 s left\x1b[K"));
    EXPECT_EQ(err_lines(), 0U);
    terminal.message("note");
    EXPECT_THAT(err(), HasSubstr("\r\x1b[Knote\n"));
    terminal.end();
    EXPECT_THAT(err(), HasSubstr("simulating: 50 in 1.0 s\n"));
}

TEST_F(TerminalTest, ProgressIsThreadSafe) {
    StreamTerminal terminal(settings);
    terminal.begin("simulating", 4000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                terminal.advance(1);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    clock += 2s;
    terminal.end();
    EXPECT_THAT(err(), HasSubstr("4,000 in"));
}

TEST_F(TerminalTest, AFullDiskIsAnOutputError) {
    std::FILE* full = std::fopen("/dev/full", "w");
    if (full == nullptr) {
        GTEST_SKIP() << "no /dev/full here";
    }
    TerminalSettings to_full = settings;
    to_full.out = full;
    {
        StreamTerminal terminal(to_full);
        EXPECT_THROW(terminal.data("x\n"), OutputError);
    }
    std::fclose(full);
}

TEST_F(TerminalTest, AReaderThatWentAwayIsNoError) {
    std::signal(SIGPIPE, SIG_IGN);  // as in the program
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    close(ends[0]);
    std::FILE* pipe_out = fdopen(ends[1], "w");
    ASSERT_NE(pipe_out, nullptr);
    TerminalSettings to_pipe = settings;
    to_pipe.out = pipe_out;
    {
        StreamTerminal terminal(to_pipe);
        EXPECT_NO_THROW(terminal.data("x\n"));
        EXPECT_NO_THROW(terminal.data(std::string(1 << 20, 'x')));  // more than any buffer
        terminal.message("still here");
    }
    std::fclose(pipe_out);
    EXPECT_EQ(err(), "still here\n");
}

TEST(DetectTerminal, PipesAreNeitherAnimatedNorColoured) {
    // Test runners give no terminal; were there one, NO_COLOR would still win over colour.
    setenv("NO_COLOR", "1", 1);
    EXPECT_FALSE(detect_terminal(false, false).coloured);
    unsetenv("NO_COLOR");
    setenv("TERM", "dumb", 1);
    EXPECT_FALSE(detect_terminal(false, false).animated);
}

TEST(Table, NumbersStandRightUnderARule) {
    Table table({{"segment", Table::Align::left}, {"mean"}, {"n"}});
    table.add_row({"Basic", "1,234.50", "7"});
    table.add_row({"Grüße", "2.00", "12"});
    EXPECT_EQ(table.text(),
              "segment      mean   n\n"
              "───────  ────────  ──\n"
              "Basic    1,234.50   7\n"
              "Grüße        2.00  12\n");
    EXPECT_THAT(table.text(true), HasSubstr("\x1b[1msegment"));
    EXPECT_THROW(table.add_row({"x"}), std::invalid_argument);
}

TEST(Numbers, HaveThousandsSeparators) {
    EXPECT_EQ(with_thousands(0), "0");
    EXPECT_EQ(with_thousands(999), "999");
    EXPECT_EQ(with_thousands(-1000), "-1,000");
    EXPECT_EQ(with_thousands(1234567.891, 2), "1,234,567.89");
    EXPECT_EQ(with_thousands(-1234.5, 1), "-1,234.5");
    EXPECT_EQ(with_thousands(999.999, 2), "1,000.00");
    EXPECT_EQ(with_thousands(-0.001, 2), "0.00");
    EXPECT_EQ(with_thousands(std::numeric_limits<double>::quiet_NaN(), 2), "nan");
}

TEST(Numbers, DurationsAreForPeople) {
    EXPECT_EQ(duration_text(0.04), "0.0 s");
    EXPECT_EQ(duration_text(3.21), "3.2 s");
    EXPECT_EQ(duration_text(42.4), "42 s");
    EXPECT_EQ(duration_text(59.96), "1 min 00 s");
    EXPECT_EQ(duration_text(245), "4 min 05 s");
    EXPECT_EQ(duration_text(7800), "2 h 10 min");
}

}  // namespace
}  // namespace clv
