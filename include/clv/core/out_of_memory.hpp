#pragma once
// Memory that has run out shows itself in several ways; this is the one place that knows them.

#include <exception>

namespace clv {

/// What is said where nobody knows what asked for too much.
inline constexpr const char* out_of_memory_message =
    "out of memory: data and settings need more than the machine, or its limit (ulimit -v), gives; free some, raise "
    "the limit, or work on fewer rows";

/// Whether this is an allocation that failed, a size that no memory holds, or a thread or anything else of the system
/// that there was no memory for.
[[nodiscard]] bool is_out_of_memory(const std::exception_ptr& raised) noexcept;

/// A library in C has got no memory, and may go on without what it asked for.
void note_library_without_memory() noexcept;
/// Whether that was noted, or is the last thing that the system has said (errno).
[[nodiscard]] bool is_library_without_memory() noexcept;

}  // namespace clv
