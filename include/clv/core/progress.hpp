#pragma once
// Long work reports how far it is and learns whether it should stop.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace clv {

/// True once the user asked to stop (SIGINT, SIGTERM or SIGHUP).
[[nodiscard]] bool interruption_requested() noexcept;

/// Called from the signal handler and from tests; async-signal-safe.
void request_interruption() noexcept;
void clear_interruption() noexcept;

/// Throws Interrupted if the user asked to stop. Cheap enough for every block of work.
void throw_if_interrupted();

/// How much of a pass is done in some hundredths of a second.
inline constexpr std::size_t stretch = std::size_t{1} << 22;

/// Calls `work(begin, end)` for one stretch of 0 .. count - 1 after the other, and looks for interruption before each:
/// a pass over all paths of a run may take seconds.
template <class Work>
void in_stretches(std::size_t count, Work work) {
    for (std::size_t begin = 0; begin < count; begin += stretch) {
        throw_if_interrupted();
        work(begin, count - begin < stretch ? count : begin + stretch);
    }
}

/// As vector::assign(): memory by the gigabyte takes seconds to be had.
template <class Value>
void fill_in_stretches(std::vector<Value>& values, std::size_t count, const Value& value = {}) {
    values.clear();
    values.reserve(count);
    in_stretches(count, [&](std::size_t, std::size_t end) { values.resize(end, value); });
}

/// Where work reports its progress. Implementations are thread-safe.
class Progress {
  public:
    virtual ~Progress() = default;
    /// A new stage of `total` units begins, e.g. ("simulating", customers).
    virtual void begin(std::string_view stage, std::uint64_t total) = 0;
    virtual void advance(std::uint64_t units) = 0;
    virtual void end() = 0;
};

/// Reports nothing.
class NoProgress final : public Progress {
  public:
    void begin(std::string_view /*stage*/, std::uint64_t /*total*/) override {}
    void advance(std::uint64_t /*units*/) override {}
    void end() override {}
};

}  // namespace clv
