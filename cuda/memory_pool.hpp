#pragma once
// Memory that one run leaves to the next. The driver takes longer to give and take back pinned memory than a small run
// takes over its paths, and programs that plan or sweep make many runs.

#include <cstddef>

namespace clv::cuda {

/// Where memory lies: on the current device, or on the host where devices copy from and to on their own.
enum class Place { device, pinned_host };

struct MemoryBlock {
    void* data = nullptr;
    std::size_t bytes = 0;  ///< at least those asked for
    int device = 0;         ///< of memory on a device
};

/// Holds whatever was left there. Throws BackendError if there is none. Any thread may call it.
[[nodiscard]] MemoryBlock take_memory(Place place, std::size_t bytes);
/// Nothing may be at work on it any more.
void leave_memory(Place place, const MemoryBlock& block) noexcept;

}  // namespace clv::cuda
