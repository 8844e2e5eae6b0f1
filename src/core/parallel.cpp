#include "clv/core/parallel.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <vector>

#include "clv/core/errors.hpp"

namespace clv {

int thread_count(int wanted) noexcept {
    return wanted > 0 ? wanted : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

namespace {

/// The blocks of one loop: a thread takes the next until all are taken or a call has thrown.
class Blocks {
  public:
    Blocks(std::size_t count, const std::function<void(std::size_t, std::size_t)>& body) : count_(count), body_(body) {}

    /// What each thread of the loop does, once.
    void work() noexcept {
        const std::size_t slot = slots_++;
        try {
            for (std::size_t block = next_++; block < count_; block = next_++) {
                body_(slot, block);
            }
        } catch (...) {
            next_ = count_;
            if (!has_thrown_.test_and_set()) {
                thrown_ = std::current_exception();
            }
        }
    }

    /// Once no thread is at work.
    void rethrow() const {
        if (thrown_) {
            std::rethrow_exception(thrown_);
        }
    }

  private:
    std::size_t count_;
    const std::function<void(std::size_t, std::size_t)>& body_;
    std::atomic<std::size_t> slots_ = 0;
    std::atomic<std::size_t> next_ = 0;
    std::atomic_flag has_thrown_;
    std::exception_ptr thrown_;
};

void* work_on(void* blocks) {
    static_cast<Blocks*>(blocks)->work();
    return nullptr;
}

/// Starts a thread with as much stack as the work takes, however little the process may have (ulimit -s). The system's
/// error; 0: none.
int start_thread(pthread_t& thread, Blocks& blocks) noexcept {
    constexpr std::size_t stack_bytes = std::size_t{8} << 20;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    const int error = pthread_create(&thread, &attributes, work_on, &blocks);
    pthread_attr_destroy(&attributes);
    return error;
}

}  // namespace

void for_each_block(int threads, std::size_t blocks, const std::function<void(std::size_t, std::size_t)>& body) {
    Blocks all(blocks, body);
    const auto wanted = std::min(static_cast<std::size_t>(thread_count(threads)), std::max<std::size_t>(blocks, 1));
    std::vector<pthread_t> others(wanted - 1);
    std::size_t started = 0;
    while (started < others.size() && start_thread(others[started], all) == 0) {
        ++started;
    }
    all.work();
    for (std::size_t k = 0; k < started; ++k) {
        pthread_join(others[k], nullptr);
    }
    all.rethrow();
}

void on_own_stack(const std::function<void()>& work) {
    const std::function<void(std::size_t, std::size_t)> body = [&](std::size_t /*slot*/, std::size_t /*block*/) {
        work();
    };
    Blocks one(1, body);
    pthread_t thread = 0;
    const int error = start_thread(thread, one);
    if (error != 0) {
        throw MemoryError(
            fmt::format("a thread cannot be started ({}): raise the limits of memory and processes "
                        "(ulimit -v, ulimit -u)",
                        std::generic_category().message(error)));
    }
    pthread_join(thread, nullptr);
    one.rethrow();
}

}  // namespace clv
