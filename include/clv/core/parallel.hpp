#pragma once
// The one parallel loop of the engine: blocks of work over threads, with a slot number for what a thread keeps to
// itself.

#include <cstddef>
#include <functional>

namespace clv {

/// `wanted` threads, or as many as the machine has where that is 0.
[[nodiscard]] int thread_count(int wanted) noexcept;

/// Calls body(slot, block) once for every block in 0..blocks - 1, on up to thread_count(threads) threads and in no
/// particular order, and returns when all calls have. Slots are in 0..thread_count(threads) - 1, and no two calls have
/// the same one at the same time: what stands at [slot] of an array belongs to the call.
/// After an exception no further block begins, and the caller gets the first that was thrown. Where the system has no
/// room for so many threads, those that there are do the work.
void for_each_block(int threads, std::size_t blocks,
                    const std::function<void(std::size_t slot, std::size_t block)>& body);

/// Does the work on a thread of its own with as much stack as it takes, however little the process may have (ulimit
/// -s), and waits for it. Throws what the work throws, and MemoryError where there is no room for the thread.
void on_own_stack(const std::function<void()>& work);

}  // namespace clv
