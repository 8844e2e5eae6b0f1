#pragma once
// System calls that fail when a test wants them to: this program's own take the place of the C library's, for the
// libraries that it uses too.

#include <climits>

namespace clv {

enum class SystemCall { write_at, write_stream, rename, sync, link };

/// While it lives, the `first`-th call of that kind and those after it, `count` in all, fail with EIO.
class FailingCall {
  public:
    FailingCall(SystemCall call, int first, int count = 1);
    ~FailingCall();
    FailingCall(const FailingCall&) = delete;
    FailingCall& operator=(const FailingCall&) = delete;
    [[nodiscard]] bool has_happened() const;
};

inline constexpr int all_calls = INT_MAX;

}  // namespace clv
