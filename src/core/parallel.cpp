#include "clv/core/parallel.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <latch>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include "clv/core/errors.hpp"
#include "clv/core/out_of_memory.hpp"

// Set where the rest of the program is built with ThreadSanitizer. This file is not: the library behind oneTBB's
// headers is not instrumented, so half of their synchronisation would be seen and the other half missed.
#if defined(CLV_THREAD_SANITIZER)
#include <sanitizer/tsan_interface.h>

/// oneTBB's own calls of memcmp and the like, whose order is out of sight as well.
extern "C" const char* __tsan_default_suppressions() {
    return "called_from_lib:libtbb.so\n";
}
#endif

namespace clv {

namespace {

#if defined(CLV_THREAD_SANITIZER)

/// Tells ThreadSanitizer what oneTBB guarantees and nothing more: the loop begins before each of its calls, each of
/// them before its end, and calls on one slot follow each other.
class LoopOrder {
  public:
    explicit LoopOrder(std::size_t slots) : slot_(slots) { __tsan_release(&begin_); }
    LoopOrder(const LoopOrder&) = delete;
    LoopOrder& operator=(const LoopOrder&) = delete;
    ~LoopOrder() { __tsan_acquire(&end_); }
    void enter(std::size_t slot) {
        __tsan_acquire(&begin_);
        __tsan_acquire(&slot_[slot]);
    }
    void leave(std::size_t slot) {
        __tsan_release(&slot_[slot]);
        __tsan_release(&end_);
    }

  private:
    char begin_ = 0;
    char end_ = 0;
    std::vector<char> slot_;
};

#else

class LoopOrder {
  public:
    explicit LoopOrder(std::size_t /*slots*/) {}
    void enter(std::size_t /*slot*/) {}
    void leave(std::size_t /*slot*/) {}
};

#endif

/// One call of the body; it leaves by an exception too.
class Turn {
  public:
    Turn(LoopOrder& order, std::size_t slot) : order_(order), slot_(slot) { order_.enter(slot_); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { order_.leave(slot_); }

  private:
    LoopOrder& order_;
    std::size_t slot_;
};

}  // namespace

int thread_count(int wanted) noexcept {
    return wanted > 0 ? wanted : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

namespace {

/// Throws std::system_error unless so many threads can be there at once: oneTBB waits for ever where it cannot start
/// one while work is under way. The C library keeps their stacks for those to come.
void require_threads(int count) {
    static std::atomic<int> known = 1;
    if (count <= known) {
        return;
    }
    std::latch end(1);
    std::vector<std::jthread> threads;  // which wait for the end, and are waited for
    struct End {
        std::latch& of;
        ~End() { of.count_down(); }
    };
    const End at_last{end};
    for (int i = 1; i < count; ++i) {
        threads.emplace_back([&] { end.wait(); });
    }
    known = count;
}

void run_blocks(int slots, std::size_t blocks, const std::function<void(std::size_t, std::size_t)>& body) {
    // lets an arena have more threads than the machine has
    const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(slots));
    tbb::task_arena arena(slots);
    LoopOrder order(static_cast<std::size_t>(slots));
    const auto run_block = [&](std::size_t block) {
        const auto slot = static_cast<std::size_t>(tbb::this_task_arena::current_thread_index());
        const Turn turn(order, slot);
        body(slot, block);
    };
    // One task per block, so that nothing begins after an exception.
    arena.execute([&] { tbb::parallel_for(std::size_t{0}, blocks, run_block, tbb::simple_partitioner()); });
}

}  // namespace

void for_each_block(int threads, std::size_t blocks, const std::function<void(std::size_t, std::size_t)>& body) {
    const int slots = thread_count(threads);
    if (slots == 1 || blocks <= 1) {  // nor is oneTBB asked, which may wait for ever where memory runs out
        for (std::size_t block = 0; block < blocks; ++block) {
            body(0, block);
        }
        return;
    }
    try {
        require_threads(slots);
        run_blocks(slots, blocks, body);
    } catch (const Error&) {
        throw;
    } catch (const std::runtime_error& error) {
        if (!is_out_of_memory(std::current_exception())) {
            throw;
        }
        throw MemoryError(fmt::format(
            "{} threads cannot be started ({}): use fewer --threads, or raise the limits of memory and processes "
            "(ulimit -v, ulimit -u)",
            slots, error.what()));
    }
}

namespace {

struct Errand {
    const std::function<void()>& work;
    std::exception_ptr raised = nullptr;
};

void* run_errand(void* given) {
    auto& errand = *static_cast<Errand*>(given);
    try {
        errand.work();
    } catch (...) {
        errand.raised = std::current_exception();
    }
    return nullptr;
}

}  // namespace

void on_own_stack(const std::function<void()>& work) {
    constexpr std::size_t stack_bytes = std::size_t{8} << 20;
    Errand errand{work};
    pthread_attr_t attributes;
    pthread_t thread = 0;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    const int error = pthread_create(&thread, &attributes, run_errand, &errand);
    pthread_attr_destroy(&attributes);
    if (error != 0) {
        throw MemoryError(
            fmt::format("a thread cannot be started ({}): raise the limits of memory and processes "
                        "(ulimit -v, ulimit -u)",
                        std::generic_category().message(error)));
    }
    pthread_join(thread, nullptr);
    if (errand.raised) {
        std::rethrow_exception(errand.raised);
    }
}

}  // namespace clv
