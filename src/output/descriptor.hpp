#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

namespace clv {

/// A file or folder that is open for reading; negative where it cannot be opened. No pipe is waited for.
class Descriptor {
  public:
    /// `further` flags of open(2), such as O_DIRECTORY.
    explicit Descriptor(const std::filesystem::path& path, int further = 0)
        : value_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | further)) {}
    ~Descriptor() {
        if (value_ >= 0) {
            ::close(value_);
        }
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return value_; }
    int release() noexcept { return std::exchange(value_, -1); }

  private:
    int value_;
};

}  // namespace clv
