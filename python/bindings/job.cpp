#include "job.hpp"

#include <nanobind/stl/string.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "clv/core/parallel.hpp"
#include "clv/core/progress.hpp"

namespace nb = nanobind;

namespace clv::python {
namespace {

constexpr std::chrono::milliseconds patience{50};

struct Event {
    const char* kind;
    std::string text;
    std::uint64_t number;
};

/// Collects what the work says for the thread that waits for it.
class Mailbox final : public Terminal {
  public:
    explicit Mailbox(bool json) : json_(json) {}

    [[nodiscard]] bool wants_json() const noexcept override { return json_; }
    void data(std::string_view text) override {
        const std::lock_guard lock(mutex_);
        text_ += text;
    }
    void data(const Table& table) override { data(table.text()); }
    void message(std::string_view text) override { add({"message", std::string(text), 0}); }

    void begin(std::string_view stage, std::uint64_t total) override {
        const std::lock_guard lock(mutex_);
        done_ = 0;
        events_.push_back({"begin", std::string(stage), total});
    }
    void advance(std::uint64_t units) override {
        const std::lock_guard lock(mutex_);
        done_ += units;
        if (events_.empty() || std::string_view(events_.back().kind) != "advance") {
            events_.push_back({"advance", {}, 0});
        }
        events_.back().number = done_;
    }
    void end() override { add({"end", {}, 0}); }

    void finish() {
        const std::lock_guard lock(mutex_);
        is_finished_ = true;
        finished_.notify_all();
    }
    /// Waits a moment, or for the end; hands over what there is, and says whether it was the last.
    bool wait(std::vector<Event>& events) {
        std::unique_lock lock(mutex_);
        finished_.wait_for(lock, patience, [this] { return is_finished_; });
        events = std::exchange(events_, {});
        return is_finished_;
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    void add(Event event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }

    bool json_;
    std::mutex mutex_;
    std::condition_variable finished_;
    bool is_finished_ = false;
    std::uint64_t done_ = 0;
    std::vector<Event> events_;
    std::string text_;
};

void raise_signals() {
    if (PyErr_CheckSignals() != 0) {
        throw nb::python_error();
    }
}

/// The request to stop is one of the process, and so is the library of results files.
std::unique_lock<std::timed_mutex> wait_for_turn() {
    static std::timed_mutex turn;
    std::unique_lock lock(turn, std::defer_lock);
    for (;;) {
        {
            const nb::gil_scoped_release released;
            if (lock.try_lock_for(patience)) {
                break;
            }
        }
        raise_signals();
    }
    return lock;
}

}  // namespace

JobOutcome run_job(const std::function<int(Terminal&)>& work, bool json, const nb::object& listener) {
    const std::unique_lock turn = wait_for_turn();
    clear_interruption();
    Mailbox mailbox(json);
    JobOutcome outcome;
    std::exception_ptr failure;
    std::thread worker([&] {
        try {
            on_own_stack([&] { outcome.exit_code = work(mailbox); });
        } catch (...) {
            failure = std::current_exception();
        }
        mailbox.finish();
    });

    std::exception_ptr raised;
    for (bool is_finished = false; !is_finished;) {
        std::vector<Event> events;
        {
            const nb::gil_scoped_release released;
            is_finished = mailbox.wait(events);
        }
        if (raised) {
            continue;
        }
        try {
            for (const Event& event : events) {
                if (!listener.is_none()) {
                    listener(event.kind, event.text, event.number);
                }
            }
            raise_signals();
        } catch (...) {
            raised = std::current_exception();
            request_interruption();
        }
    }
    worker.join();
    clear_interruption();
    if (raised) {
        std::rethrow_exception(raised);
    }
    if (failure) {
        std::rethrow_exception(failure);
    }
    outcome.text = mailbox.text();
    return outcome;
}

}  // namespace clv::python
